import { distinctBy } from "../../domain/distinct.ts";
import type { InputFacts, PolicyFacts } from "../../domain/input-facts.ts";
import { edit, finding, type Finding, type Fix } from "../../domain/finding.ts";
import { parseIdentityPolicy } from "../../domain/iam/identity-policy.ts";
import { leastS3Policy } from "../../domain/iam/least-s3-policy.ts";
import type { IdentityPolicy, PolicyProblem, S3Aim } from "../../domain/iam/policy-types.ts";
import { lintS3Policy } from "../../domain/iam/s3-lint.ts";
import { concernsS3 } from "../../domain/iam/s3-mend.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0803",
  slug: "s3-policy",
  title: "An IAM policy among the files allows what a backup needs, and no more",
  area: "hygiene",
  scopes: ["inputs"],
  causes: [
    "input.malformed-policy",
    "s3.action-level",
    "s3.action-missing",
    "s3.action-unknown",
    "s3.arn-malformed",
    "s3.bucket-not-named",
    "s3.explicit-deny",
    "s3.listallmybuckets-confusion",
    "s3.location-perm",
    "s3.multipart-perms",
    "s3.no-listbucket",
    "s3.object-arn-missing-star",
    "s3.object-prefix",
    "s3.partition-mixed",
    "s3.policy-too-broad",
    "s3.prefix-condition",
  ],
  needs: ["inputs"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [],
  run: ({ inputs }) => {
    if (inputs === undefined || inputs.policies.length === 0) return { skip: "no IAM policy is among the files" };
    const identity = inputs.policies.filter(({ kind }) => kind === "identity");
    if (identity.length === 0) {
      const files = sentenceList(inputs.policies.map(({ file }) => file));
      return { skip: `${files}: who may take a role, or use a bucket, is not judged here` };
    }
    const read = identity.map((facts) => ({ facts, result: parseIdentityPolicy(facts.value) }));
    const sound = read.flatMap(({ facts, result }) => ("policy" in result ? [{ facts, policy: result.policy }] : []));
    if (sound.length === read.length && !sound.some(({ policy }) => policy.statements.some(concernsS3)))
      return { skip: `${sentenceList(identity.map(({ file }) => file))}: nothing there is about S3` };
    const aims = aimsFor(inputs, sound);
    return read.flatMap(({ facts, result }) =>
      "policy" in result ? problems(facts, result.policy, aims) : [malformed(facts, result)],
    );
  },
});

interface Read {
  readonly facts: PolicyFacts;
  readonly policy: IdentityPolicy;
}

/** What one policy has to serve: all that the backups among the files write to and that no other policy serves. */
function aimsFor({ aims }: InputFacts, policies: readonly Read[]): (policy: IdentityPolicy) => readonly S3Aim[] {
  const serves = (policy: IdentityPolicy, aim: S3Aim): boolean =>
    policy.statements.some(concernsS3) &&
    !lintS3Policy(policy, aim).some(({ cause }) => cause === "s3.bucket-not-named");
  return (policy) => aims.filter((aim) => serves(policy, aim) || !policies.some((other) => serves(other.policy, aim)));
}

function problems(
  { file }: PolicyFacts,
  policy: IdentityPolicy,
  aimsOf: (policy: IdentityPolicy) => readonly S3Aim[],
): Finding[] {
  if (!policy.statements.some(concernsS3)) return [];
  const aims = aimsOf(policy);
  const found =
    aims.length === 0
      ? lintS3Policy(policy).map((problem) => tell(file, problem))
      : aims.flatMap((aim) => forAim(file, policy, aim));
  return distinctBy(found, ({ message }) => message);
}

/** The whole policy that is needed goes with the worst of its problems. */
function forAim(file: string, policy: IdentityPolicy, aim: S3Aim): Finding[] {
  const order = ["error", "warning", "info"];
  const sorted = lintS3Policy(policy, aim).sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const least = edit(`the least that is needed: ${JSON.stringify(leastS3Policy(aim))}`);
  return sorted.map((problem, i) => tell(file, problem, i === 0 && problem.severity !== "info" ? [least] : []));
}

function tell(
  file: string,
  { cause, severity, message, path, want, has, fix }: PolicyProblem,
  more: readonly Fix[] = [],
): Finding {
  return finding(cause, severity, { kind: "File", name: file }, message, {
    evidence: [
      {
        label: path === "" ? "policy" : path,
        path,
        ...(want === undefined ? {} : { want }),
        ...(has === undefined ? {} : { has }),
      },
    ],
    fixes: [...(fix === undefined ? [] : [edit(fix)]), ...more],
  });
}

function malformed(
  { file }: PolicyFacts,
  { problem, path }: { readonly problem: string; readonly path: string },
): Finding {
  return finding("input.malformed-policy", "error", { kind: "File", name: file }, `${file}: ${problem}`, {
    evidence: [{ label: path === "" ? "policy" : path, path }],
  });
}
