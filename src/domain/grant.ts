/** Names that a Role can be narrowed to, known only once the cluster is. */
export type NamedBy =
  | "referenced-secrets"
  | "referenced-config-maps"
  | "namespace"
  | "cluster"
  | "cluster-crd"
  | "service-account"
  | "store-secrets"
  | "store-accounts"
  | "init-note";

/** One Kubernetes permission: what a check or a command needs to do its work. */
export interface Grant {
  /** API group; "" is the core group. */
  readonly group: string;
  readonly resource: string;
  readonly verb: "get" | "list" | "create" | "patch" | "delete";
  /** `cluster` needs a ClusterRole. */
  readonly scope: "namespace" | "cluster";
  /** Another namespace than the cluster's. */
  readonly inNamespace?: string;
  /** The Role can name the objects; which ones follows from the AntflyCluster. */
  readonly named?: NamedBy;
  /** `resource` is a path of the API server itself. */
  readonly nonResource?: boolean;
  /** Evidence that helps when it can be had; nothing is unknown without it. */
  readonly optional?: boolean;
  /** Used only where a Secret of the cluster is missing or made by External Secrets, or where the pods ask Google. */
  readonly onlyFor?: "external-secrets" | "google";
}

/** One AWS permission of the tool's own identity. */
export interface AwsGrant {
  /** `iam:GetRole`, as an IAM policy names it. */
  readonly action: string;
  /** ARN with what is known filled in, else `*`. */
  readonly resource: string;
  /** Evidence that helps when it can be had; nothing is unknown without it. */
  readonly optional?: boolean;
}

/** One permission of Google Cloud of the tool's own identity. */
export interface GoogleGrant {
  /** `iam.serviceAccounts.getIamPolicy`, as a custom role names it. */
  readonly permission: string;
  /** What it is needed on: `project`, `bucket`, `service account`. */
  readonly on: "project" | "service account" | "bucket" | "cluster project";
  readonly optional?: boolean;
}

/** `get secrets`, `list antflyclusters.antfly.io`: as `kubectl auth can-i` takes it; `iam:GetRole on arn:…` for AWS. */
export function describeGrant(grant: Grant | AwsGrant | GoogleGrant): string {
  if ("permission" in grant) return `${grant.permission} on the ${grant.on}`;
  if ("action" in grant) return grant.resource === "*" ? grant.action : `${grant.action} on ${grant.resource}`;
  const resource = grant.group === "" ? grant.resource : `${grant.resource}.${grant.group}`;
  return `${grant.verb} ${resource}`;
}
