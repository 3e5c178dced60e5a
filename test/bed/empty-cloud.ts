import { DeleteClusterCommand, ListAddonsCommand, DeleteAddonCommand, type EKSClient } from "@aws-sdk/client-eks";
import {
  DeleteAccessKeyCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  ListAccessKeysCommand,
  ListOpenIDConnectProvidersCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

import type { CloudClients } from "./cloud-clients.ts";
import type { CloudAddress } from "./cloud.ts";

/** Takes everything out of a cloud, so that a test file begins with an empty account. */
export async function emptyCloud({ iam, s3 }: CloudClients, address: CloudAddress): Promise<void> {
  await fetch(`${address.eks}/_ministack/reset`, { method: "POST" });
  for (const { RoleName = "" } of (await iam.send(new ListRolesCommand())).Roles ?? []) await removeRole(iam, RoleName);
  for (const { UserName = "" } of (await iam.send(new ListUsersCommand())).Users ?? []) await removeUser(iam, UserName);
  const providers = await iam.send(new ListOpenIDConnectProvidersCommand());
  for (const { Arn = "" } of providers.OpenIDConnectProviderList ?? []) await removeProvider(iam, Arn);
  for (const { Name = "" } of (await s3.send(new ListBucketsCommand())).Buckets ?? []) await removeBucket(s3, Name);
}

export async function removeProvider(iam: IAMClient, arn: string): Promise<void> {
  await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
}

export async function removeRole(iam: IAMClient, RoleName: string): Promise<void> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

export async function removeUser(iam: IAMClient, UserName: string): Promise<void> {
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
  for (const { AccessKeyId } of AccessKeyMetadata)
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  const { PolicyNames = [] } = await iam.send(new ListUserPoliciesCommand({ UserName }));
  for (const PolicyName of PolicyNames) await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
  await iam.send(new DeleteUserCommand({ UserName }));
}

export async function removeBucket(s3: S3Client, Bucket: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
}

/** Associations go with their cluster, add-ons do not. */
export async function removeCluster(eks: EKSClient, name: string): Promise<void> {
  const { addons = [] } = await eks.send(new ListAddonsCommand({ clusterName: name }));
  for (const addonName of addons) await eks.send(new DeleteAddonCommand({ clusterName: name, addonName }));
  await eks.send(new DeleteClusterCommand({ name }));
}
