/** A kind and its place in the Kubernetes API. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
}

/** `external-secrets.io/v1`; of the core group `v1`. */
export function apiVersionOf({ group, version }: ResourceType): string {
  return group === "" ? version : `${group}/${version}`;
}

const ANTFLY = { group: "antfly.io", version: "v1" } as const;

export const ANTFLY_CLUSTER: ResourceType = { ...ANTFLY, resource: "antflyclusters", kind: "AntflyCluster" };
export const ANTFLY_BACKUP: ResourceType = { ...ANTFLY, resource: "antflybackups", kind: "AntflyBackup" };
export const ANTFLY_RESTORE: ResourceType = { ...ANTFLY, resource: "antflyrestores", kind: "AntflyRestore" };
export const SECRET: ResourceType = { group: "", version: "v1", resource: "secrets", kind: "Secret" };
export const CONFIG_MAP: ResourceType = { group: "", version: "v1", resource: "configmaps", kind: "ConfigMap" };
export const POD: ResourceType = { group: "", version: "v1", resource: "pods", kind: "Pod" };
export const SERVICE_ACCOUNT: ResourceType = {
  group: "",
  version: "v1",
  resource: "serviceaccounts",
  kind: "ServiceAccount",
};
const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" } as const;

export const ROLE: ResourceType = { ...RBAC, resource: "roles", kind: "Role" };
export const ROLE_BINDING: ResourceType = { ...RBAC, resource: "rolebindings", kind: "RoleBinding" };
export const CLUSTER_ROLE: ResourceType = { ...RBAC, resource: "clusterroles", kind: "ClusterRole" };
export const CLUSTER_ROLE_BINDING: ResourceType = {
  ...RBAC,
  resource: "clusterrolebindings",
  kind: "ClusterRoleBinding",
};
export const LEASE: ResourceType = {
  group: "coordination.k8s.io",
  version: "v1",
  resource: "leases",
  kind: "Lease",
};
export const EVENT: ResourceType = { group: "", version: "v1", resource: "events", kind: "Event" };
export const JOB: ResourceType = { group: "batch", version: "v1", resource: "jobs", kind: "Job" };
export const NODE: ResourceType = { group: "", version: "v1", resource: "nodes", kind: "Node" };
export const NAMESPACE: ResourceType = { group: "", version: "v1", resource: "namespaces", kind: "Namespace" };
export const STATEFUL_SET: ResourceType = {
  group: "apps",
  version: "v1",
  resource: "statefulsets",
  kind: "StatefulSet",
};
export const DAEMON_SET: ResourceType = { group: "apps", version: "v1", resource: "daemonsets", kind: "DaemonSet" };
export const MUTATING_WEBHOOK: ResourceType = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  resource: "mutatingwebhookconfigurations",
  kind: "MutatingWebhookConfiguration",
};
export const NETWORK_POLICY: ResourceType = {
  group: "networking.k8s.io",
  version: "v1",
  resource: "networkpolicies",
  kind: "NetworkPolicy",
};
export const CONTROLLER_REVISION: ResourceType = {
  group: "apps",
  version: "v1",
  resource: "controllerrevisions",
  kind: "ControllerRevision",
};
export const CRD: ResourceType = {
  group: "apiextensions.k8s.io",
  version: "v1",
  resource: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
};

export const CLUSTER_CRD_NAME = `${ANTFLY_CLUSTER.resource}.${ANTFLY.group}`;

const EXTERNAL_SECRETS = { group: "external-secrets.io", version: "v1" } as const;

/** In the version that is served today; an older installation serves another one. */
export const EXTERNAL_SECRET: ResourceType = {
  ...EXTERNAL_SECRETS,
  resource: "externalsecrets",
  kind: "ExternalSecret",
};
export const SECRET_STORE: ResourceType = { ...EXTERNAL_SECRETS, resource: "secretstores", kind: "SecretStore" };
export const CLUSTER_SECRET_STORE: ResourceType = {
  ...EXTERNAL_SECRETS,
  resource: "clustersecretstores",
  kind: "ClusterSecretStore",
};
export const VALIDATING_WEBHOOK: ResourceType = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  resource: "validatingwebhookconfigurations",
  kind: "ValidatingWebhookConfiguration",
};
export const ENDPOINT_SLICE: ResourceType = {
  group: "discovery.k8s.io",
  version: "v1",
  resource: "endpointslices",
  kind: "EndpointSlice",
};
