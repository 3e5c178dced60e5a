import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";

import { liveCloud } from "../bed/live-cloud.ts";
import { liveCluster } from "../bed/live-cluster.ts";
import type { TestCloud } from "../support/test-cloud.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const region = "us-east-1";
const BUCKET = "acme-backups";

let cluster: TestCluster;
let cloud: TestCloud;
let namespace: string;
let sts: STSClient;

beforeAll(async () => {
  cluster = await liveCluster();
  cloud = await liveCloud();
  namespace = await freshNamespace(cluster, "aws");
  sts = new STSClient({ region, endpoint: cloud.env["AWS_ENDPOINT_URL_STS"] ?? "", credentials: administrator() });
});

afterAll(async () => {
  sts.destroy();
  await cloud.stop();
});

function administrator(): { accessKeyId: string; secretAccessKey: string } {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = cloud.env;
  return { accessKeyId, secretAccessKey };
}

function trust(subject: string): Record<string, unknown> {
  const issuer = cloud.issuer.replace("https://", "");
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${cloud.account}:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: subject } },
      },
    ],
  };
}

const BACKUPS = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
      Resource: `arn:aws:s3:::${BUCKET}/prod/*`,
    },
    {
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: `arn:aws:s3:::${BUCKET}`,
      Condition: { StringLike: { "s3:prefix": "prod/*" } },
    },
  ],
};

/** A token that the real API server made, exchanged at the real STS. */
async function assume(role: string): Promise<{ s3: S3Client; subject: string | undefined }> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/antfly-sa`;
  if ((await cluster.admin.get(path)).status === 404)
    await cluster.admin.must("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, {
      body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "antfly-sa" } },
    });
  const { status } = await cluster.admin.must("POST", `${path}/token`, {
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { audiences: ["sts.amazonaws.com"], expirationSeconds: 600 },
    },
  });
  const { Credentials: given, SubjectFromWebIdentityToken: subject } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${cloud.account}:role/${role}`,
      RoleSessionName: "test",
      WebIdentityToken: status.token,
      DurationSeconds: 900,
    }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = given ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  return { s3: store(credentials), subject };
}

function store(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }): S3Client {
  return new S3Client({ region, endpoint: cloud.env["AWS_ENDPOINT_URL_S3"] ?? "", forcePathStyle: true, credentials });
}

test("a token of the API server becomes a role that may do what its policy says, and no more", async () => {
  await cloud.seed({
    providers: [{ issuer: "ISSUER", clientIds: ["sts.amazonaws.com"] }],
    roles: [
      {
        name: "antfly",
        trust: trust(`system:serviceaccount:${namespace}:antfly-sa`),
        inline: { backups: BACKUPS },
      },
      { name: "staging", trust: trust("system:serviceaccount:staging:antfly-sa") },
    ],
    buckets: [{ name: BUCKET, objects: { "other/secret": "not yours" } }],
  });
  const { s3, subject } = await assume("antfly");
  expect(subject).toBe(`system:serviceaccount:${namespace}:antfly-sa`);

  const object = { Bucket: BUCKET, Key: "prod/probe" };
  await s3.send(new PutObjectCommand({ ...object, Body: "proof", IfNoneMatch: "*" }));
  const { Body } = await s3.send(new GetObjectCommand(object));
  expect(await Body?.transformToString()).toBe("proof");
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "prod/" }));
  expect(Contents?.map(({ Key }) => Key)).toEqual(["prod/probe"]);
  await s3.send(new DeleteObjectCommand(object));

  const outside = { Bucket: BUCKET, Key: "other/secret" };
  await expect(s3.send(new GetObjectCommand(outside))).rejects.toMatchObject({ name: "AccessDenied" });
  const everything = new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "" });
  await expect(s3.send(everything)).rejects.toMatchObject({ name: "AccessDenied" });
  s3.destroy();
});

test("the same token for a role that trusts another namespace is refused", async () => {
  await expect(assume("staging")).rejects.toMatchObject({ name: "InvalidIdentityTokenException" });
});

test("an inactive key is refused, an active one is its user", async () => {
  const keys = [
    { id: "", secret: "", status: "Active" },
    { id: "", secret: "", status: "Inactive" },
  ] as const;
  const [active, inactive] = await cloud.seed({ users: [{ name: "backup", keys, inline: { backups: BACKUPS } }] });
  const client = ({ id = "", secret = "" } = {}): STSClient =>
    new STSClient({
      region,
      endpoint: cloud.env["AWS_ENDPOINT_URL_STS"] ?? "",
      credentials: { accessKeyId: id, secretAccessKey: secret },
    });
  const { Arn } = await client(active).send(new GetCallerIdentityCommand());
  expect(Arn).toBe(`arn:aws:iam::${cloud.account}:user/backup`);
  await expect(client(inactive).send(new GetCallerIdentityCommand())).rejects.toMatchObject({
    name: "InvalidClientTokenId",
  });
});
