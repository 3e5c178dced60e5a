import type { AwsRequest } from "./request.ts";
import { Refusal } from "./refusal.ts";

/** A request to S3: which operation, on what, and the action that policies name. */
export interface S3Request {
  readonly operation: string;
  /** Without `s3:`. */
  readonly action: string;
  /** Empty for the list of buckets. */
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

const OF_BUCKET: Readonly<Record<string, readonly [operation: string, action: string]>> = {
  location: ["GetBucketLocation", "GetBucketLocation"],
  versioning: ["GetBucketVersioning", "GetBucketVersioning"],
  encryption: ["GetBucketEncryption", "GetEncryptionConfiguration"],
  "object-lock": ["GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"],
  policy: ["GetBucketPolicy", "GetBucketPolicy"],
};
const OF_OBJECT: Readonly<Record<string, readonly [operation: string, action: string]>> = {
  GET: ["GetObject", "GetObject"],
  HEAD: ["HeadObject", "GetObject"],
  PUT: ["PutObject", "PutObject"],
  DELETE: ["DeleteObject", "DeleteObject"],
};
/** The SDK's own mark on a request, and what only shapes an answer. */
const PASSING = new Set([
  "x-id",
  "list-type",
  "prefix",
  "max-keys",
  "continuation-token",
  "encoding-type",
  "versionId",
]);

/** @throws Refusal 501 for what this server does not do: it never answers something else instead */
export function readS3({ method, rawPath, query }: AwsRequest): S3Request {
  const [, rawBucket = "", rawKey = ""] = /^\/([^/]*)\/?(.*)$/s.exec(rawPath) ?? [];
  const bucket = decodeURIComponent(rawBucket);
  const key = decodeURIComponent(rawKey);
  const versionId = query.get("versionId") ?? undefined;
  const asked = { bucket, key, versionId };
  const sub = [...query.keys()].filter((name) => !PASSING.has(name));
  if (bucket === "" && method === "GET") return { ...asked, operation: "ListBuckets", action: "ListAllMyBuckets" };
  if (key !== "" && sub.length === 0) {
    const [operation, action] = OF_OBJECT[method] ?? [];
    if (operation !== undefined && action !== undefined)
      return { ...asked, operation, action: versionId === undefined ? action : `${action}Version` };
  } else if (key === "" && method === "HEAD") return { ...asked, operation: "HeadBucket", action: "ListBucket" };
  else if (key === "" && method === "GET" && sub.length === 1) {
    const [operation, action] = OF_BUCKET[sub[0] ?? ""] ?? [];
    if (operation !== undefined && action !== undefined) return { ...asked, operation, action };
  } else if (key === "" && method === "GET" && query.get("list-type") === "2")
    return { ...asked, operation: "ListObjectsV2", action: "ListBucket" };
  throw new Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented");
}
