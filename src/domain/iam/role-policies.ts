import type { RolePolicy } from "../aws-facts.ts";
import { parseIdentityPolicy } from "./identity-policy.ts";
import type { IdentityPolicy, PolicyProblem, PolicyStatement, PolicyText, PolicyTexts, S3Aim } from "./policy-types.ts";
import { lintS3Policy } from "./s3-lint.ts";

/** A problem and the policy that it stands in; undefined where it is about all of them together. */
export interface RoleProblem extends PolicyProblem {
  readonly policy: RolePolicy | undefined;
}

/** Policies that are not what IAM's grammar allows; IAM itself takes none of them. */
export function unreadable(policies: readonly RolePolicy[]): RolePolicy[] {
  return policies.filter(({ document }) => !("policy" in parseIdentityPolicy(document)));
}

/**
 * Why a role's policies do not give what a backup needs at a place: any of them may allow, and a Deny of any wins (IAM
 * User Guide, "Policy evaluation logic"). What only the request can tell counts for the policies.
 */
export function missingRights(policies: readonly RolePolicy[], aim: S3Aim, writes: boolean): RoleProblem[] {
  return lintS3Policy(together(policies), aim).flatMap((problem) => {
    // Whoever may do more than backups need lacks nothing.
    if (problem.severity === "info" || NOT_LACKING.has(problem.cause)) return [];
    // A restore lists and reads, and does nothing else.
    if (!writes && problem.cause !== "s3.bucket-not-named" && !/s3:(ListBucket|GetObject)\b/.test(problem.message))
      return [];
    const [, index = "", path = problem.path] = /^\/(\d+)(\/.*)$/s.exec(problem.path) ?? [];
    return [{ ...problem, path, policy: policies[Number(index)] }];
  });
}

const NOT_LACKING: ReadonlySet<string> = new Set(["s3.policy-too-broad", "s3.partition-mixed"]);

/** One policy that decides as all of them do; the number of each goes before its paths. */
function together(policies: readonly RolePolicy[]): IdentityPolicy {
  const read = policies.map(({ document }) => parseIdentityPolicy(document));
  const sound = read.flatMap((result, i) => ("policy" in result ? [{ policy: result.policy, at: `/${i}` }] : []));
  const variables = sound.some(({ policy }) => policy.version === "2012-10-17");
  return {
    version: variables ? "2012-10-17" : "2008-10-17",
    statements: sound.flatMap(({ policy, at }) => policy.statements.map((statement) => placed(statement, at))),
  };
}

function placed(statement: PolicyStatement, at: string): PolicyStatement {
  const text = ({ path, ...rest }: PolicyText): PolicyText => ({ ...rest, path: at + path });
  const texts = ({ path, items, ...rest }: PolicyTexts): PolicyTexts => ({
    ...rest,
    path: at + path,
    items: items.map(text),
  });
  return {
    ...statement,
    path: at + statement.path,
    actions: texts(statement.actions),
    resources: texts(statement.resources),
    tests: statement.tests.map((test) => ({ ...test, path: at + test.path })),
  };
}
