import { createHash } from "node:crypto";

import type { Answer } from "./answer.ts";
import { Refusal } from "./refusal.ts";
import { assertAllowed, type S3Call } from "./s3-call.ts";
import { newId, type Bucket, type StoredObject } from "./state.ts";

/** What is asked of an object. */
export function objectAnswer(call: S3Call, bucket: Bucket): Answer {
  if (call.s3.operation === "PutObject") return put(call, bucket);
  if (call.s3.operation === "DeleteObject") return remove(call, bucket);
  return get(call, bucket);
}

function get(call: S3Call, bucket: Bucket): Answer {
  const { key, versionId } = call.s3;
  const versions = bucket.objects.get(key) ?? [];
  const found = versionId === undefined ? versions[0] : versions.find((one) => one.versionId === versionId);
  if (found === undefined || found.deleted) throw missing(call, bucket, found);
  assertKms(call, bucket, "kms:Decrypt");
  const headers = {
    "content-type": "application/octet-stream",
    etag: etagOf(found.body),
    "last-modified": found.modifiedAt.toUTCString(),
    ...versionHeader(found),
    "content-length": String(found.body.length),
  };
  return { status: 200, headers, body: call.s3.operation === "HeadObject" ? "" : found.body };
}

/** Who may not list the bucket is not told that an object is missing. */
function missing(call: S3Call, bucket: Bucket, marker: StoredObject | undefined): Refusal {
  try {
    assertAllowed(call, bucket, "s3:ListBucket", `arn:aws:s3:::${bucket.name}`);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  if (call.s3.versionId !== undefined && marker === undefined)
    return new Refusal(404, "NoSuchVersion", "The specified version does not exist.", {
      details: { Key: call.s3.key },
    });
  const headers = marker === undefined ? {} : { "x-amz-delete-marker": "true" };
  return new Refusal(404, "NoSuchKey", "The specified key does not exist.", { details: { Key: call.s3.key }, headers });
}

function put(call: S3Call, bucket: Bucket): Answer {
  const { request, s3, flavour } = call;
  const versions = bucket.objects.get(s3.key) ?? [];
  const there = versions[0] !== undefined && !versions[0].deleted;
  // GCS takes no notice of it.
  if (request.headers["if-none-match"] === "*" && there && flavour.name !== "gcs") {
    const message = "At least one of the pre-conditions you specified did not hold";
    throw new Refusal(412, "PreconditionFailed", message, { details: { Condition: "If-None-Match" } });
  }
  assertKms(call, bucket, "kms:GenerateDataKey");
  const stored: StoredObject = {
    versionId: bucket.versioning === "Enabled" ? newId("", 32) : undefined,
    body: request.body,
    modifiedAt: new Date(),
    deleted: false,
  };
  const kept = bucket.versioning === "Enabled" ? versions : versions.filter(({ versionId }) => versionId !== undefined);
  bucket.objects.set(s3.key, [stored, ...kept]);
  return { status: 200, headers: { etag: etagOf(request.body), ...versionHeader(stored) }, body: "" };
}

function remove({ s3 }: S3Call, bucket: Bucket): Answer {
  const versions = bucket.objects.get(s3.key) ?? [];
  if (s3.versionId !== undefined) {
    const found = versions.find(({ versionId }) => versionId === s3.versionId);
    if (found !== undefined && bucket.retention && !found.deleted)
      throw new Refusal(403, "AccessDenied", "Access Denied because object protected by object lock.");
    keep(
      bucket,
      s3.key,
      versions.filter((one) => one !== found),
    );
    const marker = found?.deleted === true ? { "x-amz-delete-marker": "true" } : {};
    return { status: 204, headers: { "x-amz-version-id": s3.versionId, ...marker }, body: "" };
  }
  if (bucket.versioning !== "Enabled") {
    keep(
      bucket,
      s3.key,
      versions.filter(({ versionId }) => versionId !== undefined),
    );
    return { status: 204, headers: {}, body: "" };
  }
  const marker: StoredObject = {
    versionId: newId("", 32),
    body: Buffer.alloc(0),
    modifiedAt: new Date(),
    deleted: true,
  };
  keep(bucket, s3.key, [marker, ...versions]);
  return { status: 204, headers: { "x-amz-delete-marker": "true", ...versionHeader(marker) }, body: "" };
}

function keep(bucket: Bucket, key: string, versions: StoredObject[]): void {
  if (versions.length === 0) bucket.objects.delete(key);
  else bucket.objects.set(key, versions);
}

/** Who writes to or reads from a bucket with a key of KMS needs that key as well. */
function assertKms(call: S3Call, { encryption, kmsKey }: Bucket, action: string): void {
  if (encryption === "aws:kms" && kmsKey !== undefined) assertAllowed(call, undefined, action, kmsKey);
}

function versionHeader({ versionId }: StoredObject): Record<string, string> {
  return versionId === undefined ? {} : { "x-amz-version-id": versionId };
}

function etagOf(body: Buffer): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}
