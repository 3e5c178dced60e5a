import type { Answer } from "./answer.ts";
import { Refusal } from "./refusal.ts";
import { xmlAnswer, type S3Call } from "./s3-call.ts";
import type { Bucket } from "./state.ts";

const LARGEST_PAGE = 1000;

/** What is asked of a bucket itself. */
export function bucketAnswer(call: S3Call, bucket: Bucket): Answer {
  switch (call.s3.operation) {
    case "HeadBucket":
      return { status: 200, headers: {}, body: "" };
    case "ListObjectsV2":
      return objectList(call, bucket);
    case "GetBucketLocation": {
      // The region that was there first has no name.
      const answer = xmlAnswer("LocationConstraint", "");
      const body = String(answer.body).replace("><", `>${bucket.region === "us-east-1" ? "" : bucket.region}<`);
      return { ...answer, body };
    }
    case "GetBucketVersioning":
      return xmlAnswer("VersioningConfiguration", { Status: bucket.versioning });
    case "GetBucketEncryption":
      return encryption(bucket);
    case "GetObjectLockConfiguration":
      if (!bucket.objectLock) {
        const message = "Object Lock configuration does not exist for this bucket";
        throw new Refusal(404, "ObjectLockConfigurationNotFoundError", message, {
          details: { BucketName: bucket.name },
        });
      }
      return xmlAnswer("ObjectLockConfiguration", {
        ObjectLockEnabled: "Enabled",
        Rule: bucket.retention ? { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } } : undefined,
      });
    default:
      if (bucket.policy === undefined) {
        const details = { BucketName: bucket.name };
        throw new Refusal(404, "NoSuchBucketPolicy", "The bucket policy does not exist", { details });
      }
      return { status: 200, headers: { "content-type": "application/json" }, body: bucket.policy };
  }
}

function encryption({ name, encryption: algorithm, kmsKey }: Bucket): Answer {
  if (algorithm === undefined) {
    const message = "The server side encryption configuration was not found";
    throw new Refusal(404, "ServerSideEncryptionConfigurationNotFoundError", message, {
      details: { BucketName: name },
    });
  }
  const byDefault = { SSEAlgorithm: algorithm, KMSMasterKeyID: kmsKey };
  return xmlAnswer("ServerSideEncryptionConfiguration", {
    Rule: { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: false },
  });
}

function objectList({ request }: S3Call, bucket: Bucket): Answer {
  const { query } = request;
  const prefix = query.get("prefix") ?? "";
  const most = Math.min(Number(query.get("max-keys") ?? LARGEST_PAGE), LARGEST_PAGE);
  const after = query.get("continuation-token");
  const keys = [...bucket.objects]
    .filter(([key, [newest]]) => key.startsWith(prefix) && newest !== undefined && !newest.deleted)
    .map(([key]) => key)
    .sort()
    .filter((key) => after === null || key > Buffer.from(after, "base64url").toString("utf8"));
  const page = keys.slice(0, most);
  const more = keys.length > page.length;
  return xmlAnswer("ListBucketResult", {
    Name: bucket.name,
    Prefix: prefix,
    KeyCount: page.length,
    MaxKeys: most,
    IsTruncated: more,
    NextContinuationToken: more ? Buffer.from(page.at(-1) ?? "").toString("base64url") : undefined,
    Contents: page.map((key) => {
      const newest = bucket.objects.get(key)?.[0];
      return {
        Key: key,
        LastModified: newest?.modifiedAt.toISOString(),
        Size: newest?.body.length,
        StorageClass: "STANDARD",
      };
    }),
  });
}
