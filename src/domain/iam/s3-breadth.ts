import type { IdentityPolicy, PolicyProblem, PolicyStatement, PolicyText } from "./policy-types.ts";
import { DANGEROUS, S3_ACTIONS } from "./s3-actions.ts";
import { s3List } from "./s3-draft.ts";
import { fitOfAction, fitOfActionItem, hasVariables } from "./s3-grants.ts";
import { concernsS3 } from "./s3-mend.ts";
import { ANYTHING } from "./s3-pattern.ts";
import { s3Resource } from "./s3-resource.ts";

const CAUSE = "s3.policy-too-broad";

/** Keys that keep a pattern of resources to some of them. */
const NARROWS = /^(aws:ResourceTag\/|s3:BucketTag\/|s3:ExistingObjectTag\/|s3:DataAccessPoint|s3:AccessPointTag\/)/i;

/** Where a policy gives more of S3 than any backup needs. */
export function breadthProblems(policy: IdentityPolicy): PolicyProblem[] {
  const variables = hasVariables(policy);
  return policy.statements
    .filter((statement) => statement.effect === "Allow" && concernsS3(statement))
    .flatMap((statement) => {
      const reach = reachOf(statement, variables);
      return reach === undefined ? [] : [...broadActions(statement, reach), ...broadResources(statement, variables)];
    });
}

/** Which levels the resources of a statement can stand for; undefined when none of them is S3's. */
function reachOf({ resources }: PolicyStatement, variables: boolean): Set<string> | undefined {
  if (resources.not) return new Set(["bucket", "object"]);
  const kinds = resources.items.map(({ text }) => s3Resource(text, variables));
  if (kinds.every(({ kind }) => kind === "no-s3")) return undefined;
  const named = kinds.flatMap((resource) => ("canBeBucket" in resource ? [resource] : []));
  return new Set([
    ...(named.some((resource) => resource.canBeBucket) ? ["bucket"] : []),
    ...(named.some((resource) => resource.canBeObject) ? ["object"] : []),
  ]);
}

function broadActions({ actions, resources }: PolicyStatement, reach: ReadonlySet<string>): PolicyProblem[] {
  const dangerous = reach.has("bucket") ? DANGEROUS.filter((name) => fitOfAction(actions, name) === "yes") : [];
  if (actions.not) {
    const open = resources.not || resources.items.some(({ text }) => /^\*+$/.test(text));
    if (dangerous.length === 0 && !open) return [];
    const among = dangerous.length === 0 ? "" : `, ${s3List(dangerous.slice(0, 2))} among them`;
    return [
      broad(
        actions.path,
        `NotAction allows every action that it does not name${among}`,
        `NotAction ${actions.items.map(({ text }) => text).join(", ")}`,
      ),
    ];
  }
  return actions.items.flatMap((item) => {
    const said = saidOf(item, reach);
    return said === undefined ? [] : [broad(item.path, said, item.text)];
  });
}

function saidOf(item: PolicyText, reach: ReadonlySet<string>): string | undefined {
  if (!/[*?]/.test(item.text)) return undefined;
  if (fitOfActionItem(item, ANYTHING) === "yes") {
    return /^s3:/i.test(item.text)
      ? `${item.text} allows everything that S3 can do, s3:PutBucketPolicy and s3:DeleteBucket among it`
      : `${item.text} allows every action of every service that the resource has`;
  }
  const dangerous = reach.has("bucket") ? DANGEROUS.filter((name) => fitOfActionItem(item, name) === "yes") : [];
  return dangerous.length === 0 ? undefined : `${item.text} also allows ${s3List(dangerous.slice(0, 3))}`;
}

function broadResources(statement: PolicyStatement, variables: boolean): PolicyProblem[] {
  const { actions, resources, tests } = statement;
  if (tests.some((test) => NARROWS.test(test.key))) return [];
  const given = [...S3_ACTIONS].find(
    ([name, level]) =>
      (level === "bucket" || level === "object") &&
      name !== "GetBucketLocation" &&
      name !== "CreateBucket" &&
      fitOfAction(actions, name) === "yes",
  );
  if (given === undefined) return [];
  if (resources.not) {
    return [
      broad(
        resources.path,
        "NotResource allows this on every bucket that it does not name",
        `NotResource ${resources.items.map(({ text }) => text).join(", ")}`,
      ),
    ];
  }
  return resources.items
    .filter(({ text }) => s3Resource(text, variables).kind === "everything")
    .map(({ text, path }) => broad(path, `${text} reaches every bucket, not only the one for backups`, text));
}

function broad(path: string, message: string, has: string): PolicyProblem {
  const fix = path.includes("Resource") ? "name the bucket and what is in it" : "name the actions that are needed";
  return { cause: CAUSE, severity: "warning", message, path, has, fix };
}
