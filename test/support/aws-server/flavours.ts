import { Refusal } from "./refusal.ts";

/** How a store that speaks S3 differs from S3 in what it refuses, and with what words. */
export interface Flavour {
  readonly name: "aws" | "minio" | "gcs";
  readonly mismatch: string;
  /** `expecting` is the region that the signature should have been for. */
  readonly wrongRegion: (signed: string, expecting: string) => Refusal;
  readonly unknownKey: (keyId: string) => Refusal;
  /** Undefined: as if there were no such key. */
  readonly inactive?: () => Refusal;
  /** `action` as IAM names it. */
  readonly denied: (sentence: string, action: string, bucket: string) => Refusal;
}

const NO_SUCH_KEY_ID = "Access Key Id you provided does not exist in our records.";
const NO_MATCH = "The request signature we calculated does not match the signature you provided.";

const PERMISSIONS: Readonly<Record<string, string>> = {
  "s3:ListBucket": "storage.objects.list",
  "s3:GetObject": "storage.objects.get",
  "s3:PutObject": "storage.objects.create",
  "s3:DeleteObject": "storage.objects.delete",
};

const AWS: Flavour = {
  name: "aws",
  mismatch: `${NO_MATCH} Check your key and signing method.`,
  wrongRegion: (signed, expecting) =>
    new Refusal(
      400,
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; the region '${signed}' is wrong; expecting '${expecting}'`,
      { details: { Region: expecting } },
    ),
  unknownKey: (keyId) =>
    new Refusal(403, "InvalidAccessKeyId", `The AWS ${NO_SUCH_KEY_ID}`, { details: { AWSAccessKeyId: keyId } }),
  denied: (sentence) => new Refusal(403, "AccessDenied", sentence),
};

const MINIO: Flavour = {
  name: "minio",
  mismatch: AWS.mismatch,
  wrongRegion: (_, expecting) =>
    new Refusal(
      400,
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; the region is wrong; expecting '${expecting}'.`,
      { details: { Region: expecting } },
    ),
  unknownKey: () => new Refusal(403, "InvalidAccessKeyId", `The ${NO_SUCH_KEY_ID}`),
  inactive: () =>
    new Refusal(403, "InvalidAccessKeyId", "Your account is disabled; please contact your administrator."),
  denied: () => new Refusal(403, "AccessDenied", "Access Denied."),
};

const GCS: Flavour = {
  name: "gcs",
  mismatch: `${NO_MATCH} Check your Google secret key and signing method.`,
  wrongRegion: AWS.wrongRegion,
  unknownKey: () =>
    new Refusal(403, "InvalidSecurity", "The provided security credentials are not valid.", {
      details: { Details: "Access was attempted with an HMAC key that does not exist." },
    }),
  denied: (_, action, bucket) => {
    const permission = PERMISSIONS[action] ?? "storage.buckets.get";
    const Details = `backup@acme.iam.gserviceaccount.com does not have ${permission} access to the Google Cloud Storage bucket. Permission '${permission}' denied on resource (or it may not exist).`;
    return new Refusal(403, "AccessDenied", "Access denied.", { details: { Details, BucketName: bucket } });
  },
};

export const FLAVOURS = { aws: AWS, minio: MINIO, gcs: GCS } as const;
