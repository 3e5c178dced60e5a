import { CANARY_ID, CANARY_SECRET } from "./canaries.ts";
import type { AnyObject } from "./follow.ts";
import { trustFor, type AwsSeed } from "./test-cloud.ts";

export const BUCKET = "acme-backups";

/** An AntflyCluster with a backup to `s3://acme-backups/search`, and what gives its pods an identity. */
export function proofObjects({
  key = true,
  role = false,
  endpoint = "https://s3.us-east-1.amazonaws.com",
  region = "us-east-1",
  id = CANARY_ID,
}: {
  readonly key?: boolean;
  readonly role?: boolean;
  readonly endpoint?: string;
  readonly region?: string;
  readonly id?: string;
} = {}): AnyObject[] {
  const envFrom = key ? [{ secretRef: { name: "keys" } }] : [];
  const annotations = role ? { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/antfly" } : {};
  return [
    {
      kind: "AntflyCluster",
      metadata: { name: "search" },
      spec: { serviceAccountName: "antfly", metadataNodes: { envFrom }, dataNodes: { envFrom } },
    },
    {
      kind: "AntflyBackup",
      metadata: { name: "nightly" },
      spec: {
        clusterRef: { name: "search" },
        schedule: "0 2 * * *",
        destination: { location: `s3://${BUCKET}/search` },
      },
    },
    { kind: "ServiceAccount", metadata: { name: "antfly", annotations } },
    {
      kind: "Secret",
      metadata: { name: "keys" },
      stringData: {
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
        AWS_REGION: region,
        AWS_ENDPOINT_URL: endpoint,
      },
    },
  ];
}

/** What backups need, and what the probe needs besides where there are versions. */
export function allowBackups(more: readonly string[] = []): object {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${BUCKET}` },
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", ...more],
        Resource: `arn:aws:s3:::${BUCKET}/search/*`,
      },
    ],
  };
}

/** The account that `proofObjects` works in. */
export function proofSeed({
  policy = allowBackups(),
  bucket = {},
  id = CANARY_ID,
}: { readonly policy?: object; readonly bucket?: object; readonly id?: string } = {}): AwsSeed {
  return {
    providers: [{ issuer: "ISSUER", clientIds: ["sts.amazonaws.com"] }],
    roles: [
      { name: "antfly", trust: trustFor("system:serviceaccount:production:antfly"), inline: { backups: policy } },
    ],
    users: [{ name: "backup", keys: [{ id, secret: CANARY_SECRET }], inline: { backups: policy } }],
    buckets: [{ name: BUCKET, ...bucket }],
  };
}
