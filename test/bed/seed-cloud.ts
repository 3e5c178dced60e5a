import {
  CreateAddonCommand,
  CreateClusterCommand,
  CreatePodIdentityAssociationCommand,
  type EKSClient,
} from "@aws-sdk/client-eks";
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

import type { AwsSeed, BucketSeed, ClusterSeed, PolicySeed, RoleSeed, UserSeed } from "../support/test-cloud.ts";
import type { CloudClients } from "./cloud-clients.ts";
import { ACCOUNT } from "./cloud.ts";
import { removeBucket, removeCluster, removeProvider, removeRole, removeUser } from "./empty-cloud.ts";

/**
 * Makes what a test wants to be there, through the services' own APIs, instead of what has the same name.
 * @throws Error for what these servers do not have
 */
export async function seedCloud({ iam, s3, eks }: CloudClients, seed: AwsSeed): Promise<void> {
  refuse(seed.account !== undefined && seed.account !== ACCOUNT, `another account than ${ACCOUNT}`);
  refuse((seed.policies ?? []).length > 0, "managed policies");
  for (const { issuer, clientIds, thumbprints, tags } of seed.providers ?? []) {
    await gone(removeProvider(iam, `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer.replace("https://", "")}`));
    const lists = { ClientIDList: [...clientIds], ...(thumbprints ? { ThumbprintList: [...thumbprints] } : {}) };
    await iam.send(new CreateOpenIDConnectProviderCommand({ Url: issuer, ...lists, Tags: tagList(tags) }));
  }
  for (const role of seed.roles ?? []) await makeRole(iam, role);
  for (const user of seed.users ?? []) await makeUser(iam, user);
  for (const bucket of seed.buckets ?? []) await makeBucket(s3, bucket);
  for (const cluster of seed.clusters ?? []) await makeCluster(eks, cluster);
}

async function makeRole(iam: IAMClient, role: RoleSeed): Promise<void> {
  refuse((role.attached ?? []).length > 0 || role.boundary !== undefined, "managed policies");
  const RoleName = role.name;
  await gone(removeRole(iam, RoleName));
  await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: text(role.trust),
      Path: role.path,
      MaxSessionDuration: role.maxSessionSeconds,
      Tags: tagList(role.tags),
    }),
  );
  for (const [PolicyName, document] of Object.entries(role.inline ?? {}))
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: text(document) }));
}

async function makeUser(iam: IAMClient, user: UserSeed): Promise<void> {
  refuse((user.keys ?? []).length > 0, "keys that a test chooses: use createKey");
  refuse((user.attached ?? []).length > 0, "managed policies");
  const UserName = user.name;
  await gone(removeUser(iam, UserName));
  await iam.send(new CreateUserCommand({ UserName }));
  for (const [PolicyName, document] of Object.entries(user.inline ?? {}))
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument: text(document) }));
}

async function makeBucket(s3: S3Client, bucket: BucketSeed): Promise<void> {
  refuse(bucket.owner !== undefined, "buckets of another account");
  refuse(bucket.kmsKey !== undefined || bucket.encryption !== undefined, "encryption");
  const Bucket = bucket.name;
  await gone(removeBucket(s3, Bucket));
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: bucket.objectLock ?? false }));
  if (bucket.versioning !== undefined) {
    const VersioningConfiguration = { Status: bucket.versioning };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  if (bucket.policy !== undefined) await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: text(bucket.policy) }));
  for (const [Key, Body] of Object.entries(bucket.objects ?? {}))
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function makeCluster(eks: EKSClient, cluster: ClusterSeed): Promise<void> {
  const { name, issuer = "", encryptionKey, associations = [], addOns = {} } = cluster;
  refuse(
    Object.values(addOns).some((status) => status !== "ACTIVE"),
    "add-ons that are not ACTIVE",
  );
  await gone(removeCluster(eks, name));
  // The launcher takes the tag for the issuer.
  const tags = { issuer };
  const encryption =
    encryptionKey === undefined
      ? {}
      : { encryptionConfig: [{ resources: ["secrets"], provider: { keyArn: encryptionKey } }] };
  const settings = { roleArn: roleArn("eks"), resourcesVpcConfig: {}, tags, ...encryption };
  await eks.send(new CreateClusterCommand({ name, ...settings }));
  for (const { role, targetRole, disableSessionTags, namespace, serviceAccount } of associations) {
    const association = { clusterName: name, namespace, serviceAccount, roleArn: roleArn(role) };
    const target = targetRole === undefined ? {} : { targetRoleArn: roleArn(targetRole) };
    await eks.send(new CreatePodIdentityAssociationCommand({ ...association, ...target, disableSessionTags }));
  }
  for (const addonName of Object.keys(addOns)) await eks.send(new CreateAddonCommand({ clusterName: name, addonName }));
}

function roleArn(role: string): string {
  return role.startsWith("arn:") ? role : `arn:aws:iam::${ACCOUNT}:role/${role}`;
}

function text(document: PolicySeed): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

function tagList(tags: Readonly<Record<string, string>> = {}): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Waits for a removal; what was not there is gone as well. */
async function gone(removal: Promise<void>): Promise<void> {
  await removal.catch((error: unknown) => {
    const { name } = error instanceof Error ? error : new Error(String(error));
    if (!/NoSuch|NotFound/.test(name)) throw error;
  });
}

function refuse(asked: boolean, what: string): void {
  if (asked) throw new Error(`the real servers of the live lane have no ${what}`);
}
