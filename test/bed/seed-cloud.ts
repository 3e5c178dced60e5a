import {
  CreateAddonCommand,
  CreateClusterCommand,
  CreatePodIdentityAssociationCommand,
  type EKSClient,
} from "@aws-sdk/client-eks";
import {
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

import type { AwsSeed, SeededKey } from "../support/test-cloud.ts";
import type { CloudClients } from "./cloud-clients.ts";
import { ACCOUNT, type CloudAddress } from "./cloud.ts";

/** Makes what a test wants to be there, through the services' own APIs. */
export async function seedCloud(
  { iam, s3, eks }: CloudClients,
  { issuer: own }: CloudAddress,
  seed: AwsSeed,
): Promise<readonly SeededKey[]> {
  const issuerOf = (issuer: string): string => (issuer === "ISSUER" ? own : issuer);
  for (const { issuer, clientIds } of seed.providers ?? []) {
    const provider = { Url: issuerOf(issuer), ClientIDList: [...clientIds] };
    await iam.send(new CreateOpenIDConnectProviderCommand(provider));
  }
  for (const role of seed.roles ?? []) await makeRole(iam, role);
  for (const bucket of seed.buckets ?? []) await makeBucket(s3, bucket);
  for (const cluster of seed.clusters ?? []) await makeCluster(eks, { ...cluster, issuer: issuerOf(cluster.issuer) });
  const keys: SeededKey[] = [];
  for (const user of seed.users ?? []) keys.push(...(await makeUser(iam, user)));
  return keys;
}

type One<K extends keyof AwsSeed> = NonNullable<AwsSeed[K]> extends readonly (infer T)[] ? T : never;

async function makeRole(iam: IAMClient, { name, trust, inline = {} }: One<"roles">): Promise<void> {
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  for (const [PolicyName, document] of Object.entries(inline)) {
    const PolicyDocument = JSON.stringify(document);
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument }));
  }
}

async function makeUser(iam: IAMClient, { name, keys = [], inline = {} }: One<"users">): Promise<SeededKey[]> {
  await iam.send(new CreateUserCommand({ UserName: name }));
  for (const [PolicyName, document] of Object.entries(inline)) {
    const PolicyDocument = JSON.stringify(document);
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName, PolicyDocument }));
  }
  const made: SeededKey[] = [];
  for (const { status = "Active" } of keys) {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
    const { AccessKeyId: id = "", SecretAccessKey: secret = "" } = AccessKey ?? {};
    if (status === "Inactive")
      await iam.send(new UpdateAccessKeyCommand({ UserName: name, AccessKeyId: id, Status: status }));
    made.push({ user: name, id, secret });
  }
  return made;
}

async function makeBucket(s3: S3Client, bucket: One<"buckets">): Promise<void> {
  const Bucket = bucket.name;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: bucket.objectLock ?? false }));
  if (bucket.versioning !== undefined) {
    const VersioningConfiguration = { Status: bucket.versioning };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  if (bucket.policy !== undefined)
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(bucket.policy) }));
  for (const [Key, Body] of Object.entries(bucket.objects ?? {}))
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function makeCluster(eks: EKSClient, cluster: One<"clusters">): Promise<void> {
  const { name, issuer, associations = [], addOns = {} } = cluster;
  const roleArn = (role: string): string => (role.startsWith("arn:") ? role : `arn:aws:iam::${ACCOUNT}:role/${role}`);
  // The launcher takes the tag for the issuer.
  const tags = { issuer };
  await eks.send(new CreateClusterCommand({ name, roleArn: roleArn("eks"), resourcesVpcConfig: {}, tags }));
  for (const { namespace, serviceAccount, role } of associations) {
    const association = { clusterName: name, namespace, serviceAccount, roleArn: roleArn(role) };
    await eks.send(new CreatePodIdentityAssociationCommand(association));
  }
  for (const addonName of Object.keys(addOns)) await eks.send(new CreateAddonCommand({ clusterName: name, addonName }));
}
