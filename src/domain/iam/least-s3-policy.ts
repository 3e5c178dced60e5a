import { escaped } from "./s3-pattern.ts";
import type { S3Aim } from "./policy-types.ts";

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: "Allow";
    readonly Action: readonly string[];
    readonly Resource: string;
  }[];
}

/**
 * The least that backups need: what is about the bucket apart from what is about its objects. Listing has no condition:
 * `s3:prefix` would also refuse the question whether the bucket is there, which brings no prefix. `s3:CreateBucket` is
 * left out on purpose, since a mistyped name would make a bucket.
 */
export function leastS3Policy(
  aim: S3Aim & { readonly partition?: string; readonly kmsKeyArn?: string },
): PolicyDocument {
  const bucket = `arn:${aim.partition ?? "aws"}:s3:::${escaped(aim.bucket)}`;
  // More than one slash at the end is one: runtimes put one between prefix and name.
  const prefix = aim.prefix.replace(/\/+$/, "/").replace(/^\/$/, "");
  const statements: PolicyDocument["Statement"][number][] = [
    {
      Sid: "Bucket",
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
      Resource: bucket,
    },
    {
      Sid: "Objects",
      Effect: "Allow",
      Action: [
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
      ],
      Resource: `${bucket}/${escaped(prefix)}*`,
    },
  ];
  if (aim.kmsKeyArn !== undefined) {
    statements.push({
      Sid: "Key",
      Effect: "Allow",
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: aim.kmsKeyArn,
    });
  }
  return { Version: "2012-10-17", Statement: statements };
}
