import { nearest, sentenceList } from "../text.ts";
import type { IdentityPolicy, PolicyProblem, PolicyStatement, S3Aim } from "./policy-types.ts";
import { partitionProblems } from "./s3-arn.ts";
import { breadthProblems } from "./s3-breadth.ts";
import { inOneSentence, type Draft } from "./s3-draft.ts";
import { explain } from "./s3-explain.ts";
import { hasVariables } from "./s3-grants.ts";
import { levelDrafts } from "./s3-levels.ts";
import { concernsS3, mend } from "./s3-mend.ts";
import { narrowed, type Narrowed } from "./s3-narrowed.ts";
import { isGrantedOn, NEEDS, type Need, type Target } from "./s3-needs.ts";
import { fits } from "./s3-pattern.ts";
import { bucketNamed, s3Resource } from "./s3-resource.ts";

/**
 * What is wrong with an identity policy that is to let backups reach S3. With an aim, the policy must give all that a
 * backup there needs. Without one, each bucket that it names is looked at, and only what contradicts itself, or cannot
 * have been meant, is an error. What depends on the request (an address, a tag, a policy variable) counts for the policy.
 */
export function lintS3Policy(policy: IdentityPolicy, aim?: S3Aim): PolicyProblem[] {
  const statements = policy.statements.filter(concernsS3);
  if (statements.length === 0) return aim === undefined ? [] : [notNamed(policy, aim, [])];
  const mended = mend(policy);
  const on = narrowed(mended.policy);
  const needs = aim === undefined ? ofEachBucket(mended.policy, on) : ofAim(mended.policy, aim, on);
  return [
    ...mended.problems,
    ...partitionProblems(policy),
    ...needs.problems,
    ...inOneSentence(withoutTwice(needs.drafts, levelDrafts(mended.policy, on))),
    ...breadthProblems(mended.policy),
  ];
}

/** Buckets that are looked at without an aim: who names more means all of them, and reads no more lines. */
const MOST = 50;

interface Found {
  readonly drafts: readonly Draft[];
  readonly problems: readonly PolicyProblem[];
}

/** Who took `s3:ListAllMyBuckets` for `s3:ListBucket` put it on the bucket too: that is one mistake. */
function withoutTwice(first: readonly Draft[], second: readonly Draft[]): Draft[] {
  const confused = first.some(({ cause }) => cause === "s3.listallmybuckets-confusion");
  return [...first, ...second.filter(({ actions }) => !(confused && actions.includes("ListAllMyBuckets")))];
}

function ofAim(policy: IdentityPolicy, aim: S3Aim, on: Narrowed): Found {
  const named = policy.statements.filter((one) => one.effect === "Allow" && concernsS3(one));
  if (!named.some((statement) => reaches(policy, statement, aim.bucket))) {
    return { drafts: [], problems: [notNamed(policy, aim, bucketsOf(named))] };
  }
  return { drafts: NEEDS.flatMap((need) => explain(on(aim.bucket), aim, need)), problems: [] };
}

function reaches(policy: IdentityPolicy, { resources }: PolicyStatement, bucket: string): boolean {
  if (resources.not) return true;
  const variables = hasVariables(policy);
  return resources.items.some(({ text }) => {
    const resource = s3Resource(text, variables);
    if (resource.kind !== "bucket-or-object") return resource.kind !== "no-s3";
    return fits(resource.bucket, bucket, { wildcards: true, variables }) !== "no";
  });
}

function notNamed(policy: IdentityPolicy, { bucket }: S3Aim, named: readonly string[]): PolicyProblem {
  const near = nearest(bucket, named);
  const item = policy.statements
    .flatMap(({ resources }) => resources.items)
    .find(({ text }) => near !== undefined && bucketNamed(text) === near);
  const instead = named.length === 0 ? "" : `; it names ${sentenceList(named.slice(0, 5))}`;
  return {
    cause: "s3.bucket-not-named",
    severity: "error",
    message: `The policy allows nothing on bucket ${bucket}${instead}`,
    path: item?.path ?? "/Statement",
    want: bucket,
    ...(named.length === 0 ? {} : { has: named.join(", ") }),
    fix: `name bucket ${bucket} and what is in it`,
  };
}

function bucketsOf(statements: readonly PolicyStatement[]): string[] {
  const names = statements.flatMap(({ resources }) =>
    resources.not ? [] : resources.items.map(({ text }) => bucketNamed(text)),
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

function ofEachBucket(policy: IdentityPolicy, on: Narrowed): Found {
  const named = policy.statements.filter((one) => one.effect === "Allow" && concernsS3(one));
  const drafts = bucketsOf(named)
    .slice(0, MOST)
    .flatMap((bucket) => {
      const target: Target = { bucket, prefix: undefined };
      const part = on(bucket);
      const granted = NEEDS.filter((need) => isGrantedOn(part, target, need)).map(({ action }) => action);
      const holds = ["GetObject", "PutObject", "DeleteObject"].some((action) => granted.includes(action));
      return NEEDS.filter((need) => isLookedAt(need, holds, granted)).flatMap((need) => explain(part, target, need));
    });
  return { drafts, problems: [] };
}

/**
 * Without an aim: who may read or write objects must be able to list, and who may write, to clean up. Reading and writing
 * themselves are looked at for what takes them back.
 */
function isLookedAt(need: Need, holds: boolean, granted: readonly string[]): boolean {
  if (need.cause === "s3.multipart-perms") return granted.includes("PutObject");
  return need.level === "object" || holds;
}
