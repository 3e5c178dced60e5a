import type { RolePolicy } from "../aws-facts.ts";
import { parseIdentityPolicy } from "./identity-policy.ts";
import type { IdentityPolicy, PolicyStatement } from "./policy-types.ts";
import { breadthProblems } from "./s3-breadth.ts";
import { ANYTHING, fits } from "./s3-pattern.ts";

/** What a policy allows that is far more than backups need. */
export interface Excess {
  readonly policy: RolePolicy;
  /** JSON pointer into the document; "" for a policy that AWS keeps. */
  readonly path: string;
  /** As it is written. */
  readonly has: string;
  /** `every action of every service`. */
  readonly allows: string;
}

/** Policies of AWS's own that are known by their name (AWS Managed Policy Reference). */
const OF_AWS: ReadonlyMap<string, string> = new Map([
  ["AdministratorAccess", "every action of every service"],
  ["AmazonS3FullAccess", "everything that S3 can do, in every bucket"],
  ["IAMFullAccess", "everything that IAM can do: with it every other right can be had"],
  ["PowerUserAccess", "every action of every service but those on users, roles and the organization"],
]);

/**
 * The worst of each policy: all of S3, or all of everything, in every bucket, or anything at all in IAM. A condition counts
 * as met, and no Deny is held against it: what is allowed at all times and what at some is too much alike.
 */
export function excesses(policies: readonly RolePolicy[]): Excess[] {
  return policies.flatMap((policy) => {
    const ofAws = policy.document === null ? OF_AWS.get(policy.name) : undefined;
    if (ofAws !== undefined) return [{ policy, path: "", has: policy.arn ?? policy.name, allows: ofAws }];
    const read = parseIdentityPolicy(policy.document);
    if (!("policy" in read)) return [];
    const allowing = read.policy.statements.filter(({ effect }) => effect === "Allow");
    const found =
      first(allowing, (statement) => everywhere(read.policy, statement)) ?? first(allowing, (one) => inIam(one));
    return found === undefined ? [] : [{ policy, ...found }];
  });
}

type Found = Omit<Excess, "policy">;

function first<T>(items: readonly T[], find: (item: T) => Found | undefined): Found | undefined {
  return items.map(find).find((found) => found !== undefined);
}

/** More than backups take, and in every bucket at once: either alone is a matter of degree. */
function everywhere(policy: IdentityPolicy, statement: PolicyStatement): Found | undefined {
  const problems = breadthProblems({ ...policy, statements: [statement] });
  const action = problems.find(({ path }) => !path.startsWith(statement.resources.path));
  const isEverywhere = problems.some(({ path }) => path.startsWith(statement.resources.path));
  if (action === undefined || !isEverywhere) return undefined;
  const { path, message, has = "" } = action;
  const isAll = /^\*+$/.test(has);
  return { path, has, allows: isAll ? "every action of every service" : `too much in every bucket: ${message}` };
}

function inIam({ actions, resources }: PolicyStatement): Found | undefined {
  const reaches = resources.not || resources.items.some(({ text }) => /^(\*|\?|arn:(\*|[^:]*:(iam:|\*)))/i.test(text));
  if (!reaches) return undefined;
  if (actions.not) {
    if (actions.items.some(({ text }) => coversIam(text))) return undefined;
    const has = `NotAction ${actions.items.map(({ text }) => text).join(", ")}`;
    return { path: actions.path, has, allows: "actions of IAM: it does not leave them out" };
  }
  const item = actions.items.find(({ text }) => /^iam:/i.test(text) || coversIam(text));
  return item && { path: item.path, has: item.text, allows: `${item.text} in IAM, which backups have no use for` };
}

function coversIam(text: string): boolean {
  return fits(text, `iam:${ANYTHING}`, { wildcards: true, variables: false, ignoreCase: true }) === "yes";
}
