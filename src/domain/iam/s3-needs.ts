import type { IdentityPolicy, PolicyProblem } from "./policy-types.ts";
import { example, ANYTHING } from "./s3-pattern.ts";
import { decide, hasVariables, isGranted, type Decision, type S3Request } from "./s3-grants.ts";
import { bucketNamed, s3Resource } from "./s3-resource.ts";

/** What a backup does with S3, and what it is called when it may not. */
export interface Need {
  readonly action: string;
  readonly level: "bucket" | "object";
  readonly cause: string;
  readonly severity: PolicyProblem["severity"];
}

/**
 * The actions of the least-privilege policy. A backup lists, reads and writes; the rest cleans up after failed uploads
 * and saves round trips. Whoever started an upload may end it without being allowed to (S3 User Guide, "Multipart
 * upload API and permissions"), and no runtime of Antfly lists uploads.
 */
export const NEEDS: readonly Need[] = [
  { action: "ListBucket", level: "bucket", cause: "s3.no-listbucket", severity: "error" },
  { action: "GetBucketLocation", level: "bucket", cause: "s3.location-perm", severity: "info" },
  { action: "ListBucketMultipartUploads", level: "bucket", cause: "s3.multipart-perms", severity: "info" },
  { action: "GetObject", level: "object", cause: "s3.action-missing", severity: "error" },
  { action: "PutObject", level: "object", cause: "s3.action-missing", severity: "error" },
  { action: "DeleteObject", level: "object", cause: "s3.action-missing", severity: "warning" },
  { action: "AbortMultipartUpload", level: "object", cause: "s3.multipart-perms", severity: "warning" },
  { action: "ListMultipartUploadParts", level: "object", cause: "s3.multipart-perms", severity: "warning" },
];

/** A bucket that is looked at; the prefix is known only when one was aimed at. */
export interface Target {
  readonly bucket: string;
  readonly prefix: string | undefined;
  /** Google's own API. */
  readonly scheme?: "gs";
}

/** `s3://bucket/prefix`, as it is configured. */
export function placeOf({ bucket, prefix, scheme }: Target): string {
  const place = `${scheme ?? "s3"}://${bucket}`;
  return prefix === undefined || prefix === "" ? place : `${place}/${prefix}`;
}

/** The part of a key that comes before the objects' own names: runtimes put one slash between. */
export function folderOf(prefix: string): string {
  const folder = prefix.replace(/\/+$/, "");
  return folder === "" ? "" : `${folder}/`;
}

/** How the policy decides on each request that stands for the need; one that is granted is enough. */
export function decisionsOn(policy: IdentityPolicy, target: Target, need: Pick<Need, "action" | "level">): Decision[] {
  const prefix: S3Request["prefix"] = target.prefix === undefined ? "unknown" : { text: target.prefix };
  return resourcesFor(policy, target, need.level).map((resource) =>
    decide(policy, { action: need.action, resource, prefix }),
  );
}

export function isGrantedOn(policy: IdentityPolicy, target: Target, need: Pick<Need, "action" | "level">): boolean {
  return decisionsOn(policy, target, need).some(isGranted);
}

/**
 * The bucket, or objects in it: any object below the prefix. Without a prefix, one object for each pattern of the
 * policy, since any of them may be where the backups are.
 */
function resourcesFor(policy: IdentityPolicy, { bucket, prefix }: Target, level: Need["level"]): string[] {
  if (level === "bucket") return [bucket];
  if (prefix !== undefined) return [`${bucket}/${folderOf(prefix)}${ANYTHING}`];
  const variables = hasVariables(policy);
  const named = policy.statements.flatMap(({ effect, resources }) => {
    if (effect === "Deny" || resources.not) return [];
    return resources.items.flatMap(({ text }) => {
      if (bucketNamed(text) !== bucket) return [];
      const resource = s3Resource(text, variables);
      if (resource.kind !== "bucket-or-object" || !resource.canBeObject) return [];
      return [example(text, variables).replace(/^arn:[^:]*:s3:::/, "")];
    });
  });
  return [...new Set([...named, `${bucket}/${ANYTHING}`])];
}
