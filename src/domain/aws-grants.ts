import type { AwsGrant } from "./grant.ts";

/*
 * What the facts are asked of AWS with (Service Authorization Reference). Which role, provider or cluster it is about is
 * known only once the cluster was looked at.
 */
const any = (action: string): AwsGrant => ({ action, resource: "*" });

export const GET_ROLE = any("iam:GetRole");
export const GET_OIDC_PROVIDER = any("iam:GetOpenIDConnectProvider");
/** Tells a provider that is missing from one that is another. */
export const LIST_OIDC_PROVIDERS: AwsGrant = { ...any("iam:ListOpenIDConnectProviders"), optional: true };
export const LIST_ROLE_POLICIES = any("iam:ListRolePolicies");
export const GET_ROLE_POLICY = any("iam:GetRolePolicy");
export const LIST_ATTACHED_ROLE_POLICIES = any("iam:ListAttachedRolePolicies");
export const GET_POLICY = any("iam:GetPolicy");
export const GET_POLICY_VERSION = any("iam:GetPolicyVersion");
/** All that it takes to know what a role may do. */
export const READ_ROLE_POLICIES: readonly AwsGrant[] = [
  LIST_ROLE_POLICIES,
  GET_ROLE_POLICY,
  LIST_ATTACHED_ROLE_POLICIES,
  GET_POLICY,
  GET_POLICY_VERSION,
];

export const LIST_USER_POLICIES = any("iam:ListUserPolicies");
export const GET_USER_POLICY = any("iam:GetUserPolicy");
export const LIST_ATTACHED_USER_POLICIES = any("iam:ListAttachedUserPolicies");
/** All that it takes to know what a user's own policies allow. */
export const READ_USER_POLICIES: readonly AwsGrant[] = [
  LIST_USER_POLICIES,
  GET_USER_POLICY,
  LIST_ATTACHED_USER_POLICIES,
  GET_POLICY,
  GET_POLICY_VERSION,
];

/** Tells whether a bucket's own policy may allow what the role's policies do not. */
export const GET_BUCKET_POLICY: AwsGrant = { ...any("s3:GetBucketPolicy"), optional: true };

export const DESCRIBE_EKS_CLUSTER = any("eks:DescribeCluster");
/** Finds the name of the EKS cluster where the kubeconfig does not tell it. */
export const LIST_EKS_CLUSTERS: AwsGrant = { ...any("eks:ListClusters"), optional: true };
export const LIST_ASSOCIATIONS = any("eks:ListPodIdentityAssociations");
export const DESCRIBE_ASSOCIATION = any("eks:DescribePodIdentityAssociation");
export const DESCRIBE_ADD_ON = any("eks:DescribeAddon");

/** What both ways to give pods a role change in IAM. A role that is made is tagged, and so is a provider. */
const CHANGE_ROLE: readonly AwsGrant[] = [
  GET_ROLE,
  any("iam:CreateRole"),
  any("iam:TagRole"),
  any("iam:UpdateAssumeRolePolicy"),
  any("iam:DeleteRole"),
  LIST_ROLE_POLICIES,
  GET_ROLE_POLICY,
  any("iam:PutRolePolicy"),
  any("iam:DeleteRolePolicy"),
];

export const INIT_IRSA_AWS: readonly AwsGrant[] = [
  ...CHANGE_ROLE,
  GET_OIDC_PROVIDER,
  any("iam:CreateOpenIDConnectProvider"),
  any("iam:TagOpenIDConnectProvider"),
  any("iam:DeleteOpenIDConnectProvider"),
  any("iam:AddClientIDToOpenIDConnectProvider"),
  any("iam:RemoveClientIDFromOpenIDConnectProvider"),
];

/** EKS takes the role on behalf of whoever may pass it on. */
export const INIT_POD_IDENTITY_AWS: readonly AwsGrant[] = [
  ...CHANGE_ROLE,
  any("iam:PassRole"),
  DESCRIBE_EKS_CLUSTER,
  LIST_ASSOCIATIONS,
  DESCRIBE_ASSOCIATION,
  DESCRIBE_ADD_ON,
  any("eks:CreatePodIdentityAssociation"),
  any("eks:DeletePodIdentityAssociation"),
  any("eks:TagResource"),
];

/** The same permission, on the one thing that it was missing for. */
export function on(grant: AwsGrant, resource: string): AwsGrant {
  return { ...grant, resource };
}
