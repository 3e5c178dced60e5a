import {
  DescribeAddonCommand,
  DescribeClusterCommand,
  EKSClient,
  ListPodIdentityAssociationsCommand,
} from "@aws-sdk/client-eks";
import { GetRoleCommand, IAMClient, ListRolesCommand, UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
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
import { roleArn, trustFor, type AwsKey, type TestCloud } from "../support/test-cloud.ts";
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
      RoleArn: roleArn(cloud, role),
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
  return new S3Client({ region, endpoint: cloud.s3, forcePathStyle: true, credentials });
}

test("a token of the API server becomes a role that may do what its policy says, and no more", async () => {
  await cloud.seed({
    providers: [{ issuer: "ISSUER", clientIds: ["sts.amazonaws.com"] }],
    roles: [
      {
        name: "antfly",
        trust: trustFor(`system:serviceaccount:${namespace}:antfly-sa`),
        inline: { backups: BACKUPS },
      },
      { name: "staging", trust: trustFor("system:serviceaccount:staging:antfly-sa") },
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

test("an active key is its user, an inactive one is refused", async () => {
  await cloud.seed({ users: [{ name: "backup", inline: { backups: BACKUPS } }] });
  const key = await cloud.createKey("backup");
  const caller = new GetCallerIdentityCommand();
  const { Arn } = await clientOf(key).send(caller);
  expect(Arn).toBe(`arn:aws:iam::${cloud.account}:user/backup`);
  const iam = new IAMClient({
    region,
    endpoint: cloud.env["AWS_ENDPOINT_URL_IAM"] ?? "",
    credentials: administrator(),
  });
  await iam.send(new UpdateAccessKeyCommand({ UserName: "backup", AccessKeyId: key.id, Status: "Inactive" }));
  iam.destroy();
  await expect(clientOf(key).send(caller)).rejects.toMatchObject({ name: "InvalidClientTokenId" });
});

test("the tool's own identity can be denied an action", async () => {
  await cloud.seed({ denied: ["iam:GetRole"], roles: [{ name: "antfly", trust: trustFor("x") }] });
  const iam = new IAMClient({
    region,
    endpoint: cloud.env["AWS_ENDPOINT_URL_IAM"] ?? "",
    credentials: administrator(),
  });
  await expect(iam.send(new GetRoleCommand({ RoleName: "antfly" }))).rejects.toMatchObject({ name: "AccessDenied" });
  const { Roles } = await iam.send(new ListRolesCommand());
  expect(Roles?.map(({ RoleName }) => RoleName)).toContain("antfly");
  iam.destroy();
});

test("EKS clusters have the issuer, associations and add-ons that were seeded", async () => {
  const associations = [{ namespace: "prod", serviceAccount: "antfly-sa", role: "antfly" }];
  const addOns = { "eks-pod-identity-agent": "ACTIVE" };
  for (const _ of ["made", "made again"])
    await cloud.seed({ clusters: [{ name: "prod", issuer: "ISSUER", associations, addOns }] });
  const eks = new EKSClient({
    region,
    endpoint: cloud.env["AWS_ENDPOINT_URL_EKS"] ?? "",
    credentials: administrator(),
  });
  const { cluster: described } = await eks.send(new DescribeClusterCommand({ name: "prod" }));
  expect(described?.identity?.oidc?.issuer).toBe(cloud.issuer);
  const list = new ListPodIdentityAssociationsCommand({ clusterName: "prod", namespace: "prod" });
  expect((await eks.send(list)).associations).toHaveLength(1);
  const addOn = new DescribeAddonCommand({ clusterName: "prod", addonName: "eks-pod-identity-agent" });
  expect((await eks.send(addOn)).addon?.status).toBe("ACTIVE");
  eks.destroy();
});

function clientOf({ id, secret }: AwsKey): STSClient {
  const credentials = { accessKeyId: id, secretAccessKey: secret };
  return new STSClient({ region, endpoint: cloud.env["AWS_ENDPOINT_URL_STS"] ?? "", credentials });
}
