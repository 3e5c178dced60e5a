import type { IdentityPolicy, PolicyProblem, PolicyStatement, PolicyText } from "./policy-types.ts";
import { s3ActionNamed, S3_ACTIONS } from "./s3-actions.ts";
import type { Draft } from "./s3-draft.ts";
import { hasVariables } from "./s3-grants.ts";
import type { Narrowed } from "./s3-narrowed.ts";
import { isGrantedOn, NEEDS } from "./s3-needs.ts";
import { example } from "./s3-pattern.ts";
import { bucketOf, s3Resource, type S3Resource } from "./s3-resource.ts";

/** Resources of one statement that are looked at; nobody reads about more. */
const MOST = 50;

/**
 * Actions that are written out on resources they never act on: nothing is allowed by that, and IAM says nothing. A
 * statement that mixes both levels is fine when each action finds a resource of its own.
 */
export function levelDrafts(policy: IdentityPolicy, on: Narrowed): Draft[] {
  return policy.statements.flatMap((statement) =>
    statement.effect === "Deny" || statement.actions.not || statement.resources.not
      ? []
      : misplaced(statement, hasVariables(policy), on),
  );
}

function misplaced({ actions, resources }: PolicyStatement, variables: boolean, on: Narrowed): Draft[] {
  const kinds = resources.items.map((item) => ({ item, resource: s3Resource(item.text, variables) }));
  if (kinds.some(({ resource }) => resource.kind === "elsewhere")) return [];
  const named = kinds.flatMap(({ item, resource }) =>
    resource.kind === "bucket-or-object" ? [{ ...item, bucket: resource.bucket }] : [],
  );
  if (named.length === 0) return [];
  return actions.items.flatMap((item) => {
    const action = literalAction(item);
    const level = action === undefined ? undefined : S3_ACTIONS.get(action);
    if (action === undefined || level === undefined || level === "other") return [];
    if (kinds.some(({ resource }) => canBe(resource, level))) return [];
    if (level === "account") return [accountAction(action, item)];
    const bare = named.slice(0, MOST).filter(({ bucket: pattern }) => {
      const bucket = example(pattern, variables);
      return !isGrantedOn(on(bucket), { bucket, prefix: undefined }, { action, level });
    });
    return bare.map((at) => (level === "object" ? missingStar(action, at) : onObjects(action, item, at)));
  });
}

/** An action of S3 that is written out, in the case of the reference. */
export function literalAction({ text }: PolicyText): string | undefined {
  const name = /^s3:([^*?]+)$/i.exec(text)?.[1];
  return name === undefined ? undefined : s3ActionNamed(name);
}

/** The statement has the action written out, without a wildcard. */
export function namesAction({ actions }: PolicyStatement, action: string): boolean {
  return !actions.not && actions.items.some((item) => literalAction(item) === action);
}

function canBe(resource: S3Resource, level: "bucket" | "object" | "account"): boolean {
  if (level === "account") return resource.kind === "everything";
  if (resource.kind !== "bucket-or-object" && resource.kind !== "everything") return false;
  return level === "bucket" ? resource.canBeBucket : resource.canBeObject;
}

function accountAction(action: string, item: PolicyText): Draft {
  return {
    cause: "s3.action-level",
    severity: "warning",
    actions: [action],
    say: (name) => `${name} is about the whole account: it is allowed on * only, and not on a bucket`,
    path: item.path,
    want: "*",
    has: item.text,
    fix: `give s3:${action} a statement of its own with Resource *, or leave it out`,
  };
}

/** `item` is about the bucket itself, and `at` names what is in it. */
export function onObjects(action: string, item: PolicyText, at: PolicyText): Draft {
  const want = bucketOf(at.text);
  const severity = severityOf(action);
  const has = at.text;
  if (action === "ListBucket") {
    const say = (): string =>
      `s3:ListBucket is about the bucket itself, and ${has} is what is in it: nothing can be listed`;
    const fix = `add ${want} to Resource`;
    return { cause: "s3.no-listbucket", severity, actions: [action], say, path: at.path, want, has, fix };
  }
  return {
    cause: "s3.action-level",
    severity: "warning",
    actions: [action],
    say: (name) => `${name} is about the bucket itself, and ${has} is what is in it: this allows nothing`,
    path: item.path,
    want,
    has,
    fix: `move s3:${action} to the statement for ${want}`,
  };
}

/** The action is about objects, and `at` names none. */
export function missingStar(action: string, at: PolicyText, want = `${at.text.replace(/\/+$/, "")}/*`): Draft {
  const isBucket = at.text === bucketOf(at.text);
  const what = isBucket ? "is the bucket itself" : "has no star at its end";
  return {
    cause: "s3.object-arn-missing-star",
    severity: severityOf(action),
    actions: [action],
    say: (names, many) => `${names} ${many ? "are" : "is"} about objects, and ${at.text} ${what}`,
    path: at.path,
    want,
    has: at.text,
    fix: `${isBucket ? "add" : "write"} ${want}`,
  };
}

function severityOf(action: string): PolicyProblem["severity"] {
  return NEEDS.some((need) => need.action === action && need.severity === "error") ? "error" : "warning";
}
