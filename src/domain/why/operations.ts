/** The permission that an operation of the S3 API needs, where their names differ (S3 user guide, "Required permissions"). */
const PERMISSION_OF: Readonly<Record<string, string>> = {
  ListObjects: "s3:ListBucket",
  ListObjectsV2: "s3:ListBucket",
  HeadBucket: "s3:ListBucket",
  HeadObject: "s3:GetObject",
  CopyObject: "s3:PutObject",
  CreateMultipartUpload: "s3:PutObject",
  UploadPart: "s3:PutObject",
  CompleteMultipartUpload: "s3:PutObject",
  DeleteObjects: "s3:DeleteObject",
  ListParts: "s3:ListMultipartUploadParts",
  ListMultipartUploads: "s3:ListBucketMultipartUploads",
  ListBuckets: "s3:ListAllMyBuckets",
};
const S3_OPERATIONS = new Set([
  ...Object.keys(PERMISSION_OF),
  "GetObject",
  "PutObject",
  "DeleteObject",
  "CreateBucket",
  "GetBucketLocation",
  "AbortMultipartUpload",
]);

/** AWS says it outright; boto3 and the Go SDK name the operation that failed. */
const OUTRIGHT = [
  /(?:not authorized to perform|perform):? ["']?([a-z0-9-]{2,30}:[a-z0-9*]{2,60})/i,
  /\ballows the ([a-z0-9-]{2,30}:[a-z0-9*]{2,60}) action/i,
];
const OPERATION = [
  /when calling the ([a-z0-9]{3,40}) operation/i,
  /operation error [a-z0-9 ]{2,30}: ([a-z0-9]{3,40}),/i,
  /\b((?:put|get|head|delete|list|create|abort|upload|complete|copy)(?:objects?|objectsv2|bucket|buckets|bucketlocation|parts?|multipartuploads?))\b/i,
];

/** `s3:PutObject`: the permission that was asked for. */
export function actionOf(flat: string): string | undefined {
  for (const pattern of OUTRIGHT) {
    const action = pattern.exec(flat)?.[1];
    if (action !== undefined) return action;
  }
  for (const pattern of OPERATION) {
    const name = pattern.exec(flat)?.[1]?.toLowerCase();
    const operation = [...S3_OPERATIONS].find((known) => known.toLowerCase() === name);
    if (operation !== undefined) return PERMISSION_OF[operation] ?? `s3:${operation}`;
  }
  return undefined;
}

/** The operation that failed is one of S3's, or storage is named. */
export function isStorageAction(action: string | undefined): boolean {
  return action === undefined || /^(s3|kms):/i.test(action);
}
