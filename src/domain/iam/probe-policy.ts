import { escaped } from "./s3-pattern.ts";
import { folderOf, type Target } from "./s3-needs.ts";

/** Folder of the write probe below the prefix; nothing else of a bucket is written to. */
export const PROBE_FOLDER = ".antfly-creds-probe/";

/** Characters of a session policy at most (STS API, `Policy`). */
const LONGEST = 2048;

/** Below the prefix of a backup. */
export function probeFolder(prefix: string | undefined): string {
  return `${folderOf(prefix ?? "")}${PROBE_FOLDER}`;
}

/**
 * Session policies for these buckets: a session has what both its role and its policy allow, so that the probe can touch
 * nothing but its own folder whatever the role may do. More buckets than one policy can name make several.
 */
export function probePolicies<T extends Target>(
  partition: string,
  targets: readonly T[],
): { readonly targets: readonly T[]; readonly policy: string }[] {
  const [first, ...rest] = targets;
  if (first === undefined) return [];
  const together = [first];
  for (const target of rest) {
    if (policyFor(partition, together.concat(target)).length > LONGEST) break;
    together.push(target);
  }
  const others = targets.slice(together.length);
  return [{ targets: together, policy: policyFor(partition, together) }, ...probePolicies(partition, others)];
}

function policyFor(partition: string, targets: readonly Target[]): string {
  const bucket = (target: Target): string => `arn:${partition}:s3:::${escaped(target.bucket)}`;
  const folders = targets.map((target) => escaped(probeFolder(target.prefix)));
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
        Resource: unique(targets.map((target, i) => `${bucket(target)}/${folders[i]}*`)),
      },
      {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: unique(targets.map(bucket)),
        Condition: { StringLike: { "s3:prefix": unique(folders.map((folder) => `${folder}*`)) } },
      },
      { Effect: "Allow", Action: "s3:GetBucketObjectLockConfiguration", Resource: unique(targets.map(bucket)) },
      // What a bucket that encrypts asks for in the caller's name.
      { Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: "*" },
    ],
  });
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
