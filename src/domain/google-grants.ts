import type { GoogleGrant } from "./grant.ts";

/* What the facts are asked of Google with (IAM permissions reference). */

export const GET_GKE_CLUSTER: GoogleGrant = { permission: "container.clusters.get", on: "cluster project" };
/** Finds the GKE cluster where neither a flag nor the kubeconfig names it, and those that share its workload pool. */
export const LIST_GKE_CLUSTERS: GoogleGrant = {
  permission: "container.clusters.list",
  on: "cluster project",
  optional: true,
};
/** The number of the cluster's project, which stands in the principals of its pool. */
export const GET_CLUSTER_PROJECT: GoogleGrant = { permission: "resourcemanager.projects.get", on: "cluster project" };

export const GET_GOOGLE_ACCOUNT: GoogleGrant = { permission: "iam.serviceAccounts.get", on: "service account" };
/** Whether a JSON key is still one of its account. */
export const LIST_GOOGLE_KEYS: GoogleGrant = { permission: "iam.serviceAccountKeys.list", on: "service account" };
export const GET_GOOGLE_ACCOUNT_POLICY: GoogleGrant = {
  permission: "iam.serviceAccounts.getIamPolicy",
  on: "service account",
};
/** Who may act as the account, or has rights in a bucket, by a role on the whole project. */
export const GET_PROJECT_POLICY: GoogleGrant = { permission: "resourcemanager.projects.getIamPolicy", on: "project" };
export const GET_SERVICE: GoogleGrant = { permission: "serviceusage.services.get", on: "project" };
/** What a custom role gives. Predefined ones take no permission. */
export const GET_GOOGLE_ROLE: GoogleGrant = { permission: "iam.roles.get", on: "project" };

/** Which project a bucket is in, and who pays for what is read. */
export const GET_BUCKET: GoogleGrant = { permission: "storage.buckets.get", on: "bucket" };
export const GET_GOOGLE_BUCKET_POLICY: GoogleGrant = { permission: "storage.buckets.getIamPolicy", on: "bucket" };

export const GET_HMAC_KEY: GoogleGrant = { permission: "storage.hmacKeys.get", on: "project" };

/** All that it takes to know what an identity may do in a bucket. */
export const READ_BUCKET_POLICIES: readonly GoogleGrant[] = [
  GET_BUCKET,
  GET_GOOGLE_BUCKET_POLICY,
  GET_PROJECT_POLICY,
  GET_GOOGLE_ROLE,
];

/** All that it takes to know who may act as the account. */
export const READ_GOOGLE_ACCOUNT: readonly GoogleGrant[] = [
  GET_GOOGLE_ACCOUNT,
  GET_GOOGLE_ACCOUNT_POLICY,
  GET_PROJECT_POLICY,
  GET_SERVICE,
  GET_GOOGLE_ROLE,
];

/**
 * What `init workload-identity` changes: the cluster and its node pools where Workload Identity is off, the account, and
 * who may act as it or use the bucket. Undoing takes the right to delete an account that it made.
 */
export const INIT_WORKLOAD_IDENTITY_GOOGLE: readonly GoogleGrant[] = [
  GET_GKE_CLUSTER,
  { permission: "container.clusters.update", on: "cluster project" },
  { permission: "container.operations.get", on: "cluster project" },
  GET_CLUSTER_PROJECT,
  GET_GOOGLE_ACCOUNT,
  { permission: "iam.serviceAccounts.create", on: "project" },
  { permission: "iam.serviceAccounts.delete", on: "service account" },
  GET_GOOGLE_ACCOUNT_POLICY,
  { permission: "iam.serviceAccounts.setIamPolicy", on: "service account" },
  GET_BUCKET,
  GET_GOOGLE_BUCKET_POLICY,
  { permission: "storage.buckets.setIamPolicy", on: "bucket" },
];

/** What `init secret --create-hmac` needs: undoing takes the key away again. */
export const INIT_HMAC_GOOGLE: readonly GoogleGrant[] = [
  GET_GOOGLE_ACCOUNT,
  GET_HMAC_KEY,
  { permission: "storage.hmacKeys.create", on: "project" },
  { permission: "storage.hmacKeys.list", on: "project" },
  { permission: "storage.hmacKeys.update", on: "project" },
  { permission: "storage.hmacKeys.delete", on: "project" },
];
