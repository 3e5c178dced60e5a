import type { Grant } from "./grant.ts";

/** The permissions that facts are read with; checks declare them by these names. */
const antfly = { group: "antfly.io", scope: "namespace" } as const;

export const LIST_CLUSTERS: Grant = { ...antfly, resource: "antflyclusters", verb: "list" };
export const LIST_BACKUPS: Grant = { ...antfly, resource: "antflybackups", verb: "list" };
export const LIST_RESTORES: Grant = { ...antfly, resource: "antflyrestores", verb: "list" };
export const GET_SECRETS: Grant = {
  group: "",
  resource: "secrets",
  verb: "get",
  scope: "namespace",
  named: "referenced-secrets",
};
export const GET_CONFIG_MAPS: Grant = {
  group: "",
  resource: "configmaps",
  verb: "get",
  scope: "namespace",
  named: "referenced-config-maps",
};
export const LIST_PODS: Grant = { group: "", resource: "pods", verb: "list", scope: "namespace" };
export const LIST_STATEFUL_SETS: Grant = { group: "apps", resource: "statefulsets", verb: "list", scope: "namespace" };

/** Earlier templates of the StatefulSets: where a restart that was undone has left its trace. */
export const LIST_REVISIONS: Grant = {
  group: "apps",
  resource: "controllerrevisions",
  verb: "list",
  scope: "namespace",
};
/** Tells a namespace without clusters from one that does not exist. */
export const GET_NAMESPACE: Grant = {
  group: "",
  resource: "namespaces",
  verb: "get",
  scope: "namespace",
  named: "namespace",
  optional: true,
};
/** Finds a missing Secret in other namespaces. */
export const LIST_SECRETS_EVERYWHERE: Grant = {
  group: "",
  resource: "secrets",
  verb: "list",
  scope: "cluster",
  optional: true,
};
/** Tells operator generations apart by the fields of the CRD. */
export const GET_CLUSTER_CRD: Grant = {
  group: "apiextensions.k8s.io",
  resource: "customresourcedefinitions",
  verb: "get",
  scope: "cluster",
  named: "cluster-crd",
  optional: true,
};

export const GET_SERVICE_ACCOUNT: Grant = {
  group: "",
  resource: "serviceaccounts",
  verb: "get",
  scope: "namespace",
  named: "service-account",
};
/** A token of the pods' ServiceAccount: who has it is the workload, as far as AWS can tell. */
export const MINT_TOKEN: Grant = { ...GET_SERVICE_ACCOUNT, resource: "serviceaccounts/token", verb: "create" };
/** The issuer's discovery document; every ServiceAccount may read it, and a person only where that was granted. */
export const GET_ISSUER: Grant = {
  group: "",
  resource: "/.well-known/openid-configuration",
  verb: "get",
  scope: "cluster",
  nonResource: true,
  optional: true,
};
/** The agent of EKS Pod Identity. */
export const GET_POD_IDENTITY_AGENT: Grant = {
  group: "apps",
  resource: "daemonsets",
  verb: "get",
  scope: "namespace",
  inNamespace: "kube-system",
  optional: true,
};
/** The webhook that gives pods what they need for IRSA. */
export const LIST_WEBHOOKS: Grant = {
  group: "admissionregistration.k8s.io",
  resource: "mutatingwebhookconfigurations",
  verb: "list",
  scope: "cluster",
  optional: true,
};
/** How the nodes of GKE give pods an identity. */
export const LIST_NODES: Grant = { group: "", resource: "nodes", verb: "list", scope: "cluster", optional: true };
/** What the pods may reach of GKE's metadata server. */
export const LIST_NETWORK_POLICIES: Grant = {
  group: "networking.k8s.io",
  resource: "networkpolicies",
  verb: "list",
  scope: "namespace",
  onlyFor: "google",
};
/** The nodes' clocks. */
export const LIST_LEASES: Grant = {
  group: "coordination.k8s.io",
  resource: "leases",
  verb: "list",
  scope: "namespace",
  inNamespace: "kube-node-lease",
};
/** Flags of an API server that runs as a pod. */
export const LIST_API_SERVER_PODS: Grant = {
  group: "",
  resource: "pods",
  verb: "list",
  scope: "namespace",
  inNamespace: "kube-system",
};
/** What the API server counts: with which provider it writes Secrets, among other things. */
export const GET_METRICS: Grant = { group: "", resource: "/metrics", verb: "get", scope: "cluster", nonResource: true };
/** Who may read Secrets. */
const rbac = { group: "rbac.authorization.k8s.io", verb: "list", scope: "cluster" } as const;
export const LIST_ROLES: Grant = { ...rbac, resource: "roles" };
export const LIST_RBAC: readonly Grant[] = [
  LIST_ROLES,
  { ...rbac, resource: "rolebindings" },
  { ...rbac, resource: "clusterroles" },
  { ...rbac, resource: "clusterrolebindings" },
];
/** The same access key in other Secrets. Their contents are read: nothing else shows it. */
export const LIST_ALL_SECRETS: Grant = { group: "", resource: "secrets", verb: "list", scope: "cluster" };

/** What `why pod/…` and `why backup/…` read besides what the checks read; pods of Jobs too, which not every check reads. */
export const WHY: readonly Grant[] = [
  LIST_PODS,
  { group: "", resource: "pods", verb: "get", scope: "namespace" },
  { group: "", resource: "events", verb: "list", scope: "namespace" },
  { group: "batch", resource: "jobs", verb: "list", scope: "namespace" },
  { ...antfly, resource: "antflybackups", verb: "get" },
  { ...antfly, resource: "antflyrestores", verb: "get" },
];

/** The note of a run that was cut off. */
export const READ_NOTE: Grant = {
  group: "",
  resource: "configmaps",
  verb: "get",
  scope: "namespace",
  named: "init-note",
};

/** A run that works in a cloud says what it is doing while it does. RBAC cannot narrow `create` to a name. */
export const WRITE_NOTE: readonly Grant[] = [
  READ_NOTE,
  { ...READ_NOTE, verb: "patch" },
  { ...READ_NOTE, verb: "delete" },
  { group: "", resource: "configmaps", verb: "create", scope: "namespace" },
];

/** What `init secret` needs besides what the checks read. RBAC cannot narrow `create` to a name. */
export const INIT_SECRET: readonly Grant[] = [
  { group: "", resource: "secrets", verb: "create", scope: "namespace" },
  { ...GET_SECRETS, verb: "patch" },
  { ...GET_SECRETS, verb: "delete" },
  { ...antfly, resource: "antflyclusters", verb: "get", named: "cluster" },
  { ...antfly, resource: "antflyclusters", verb: "patch", named: "cluster" },
];

/**
 * What `init irsa` and `init pod-identity` need besides what the checks read. Who the operator is decides whether backups
 * can use a role, and the proof takes a token.
 */
export const INIT_IDENTITY: readonly Grant[] = [
  { ...GET_CLUSTER_CRD, optional: false },
  GET_SERVICE_ACCOUNT,
  { ...GET_SERVICE_ACCOUNT, verb: "patch" },
  { ...GET_SERVICE_ACCOUNT, verb: "delete" },
  { group: "", resource: "serviceaccounts", verb: "create", scope: "namespace" },
  MINT_TOKEN,
  { ...GET_ISSUER, optional: false },
  ...WRITE_NOTE,
  { ...antfly, resource: "antflyclusters", verb: "get", named: "cluster" },
  { ...antfly, resource: "antflyclusters", verb: "patch", named: "cluster" },
  { ...antfly, resource: "antflybackups", verb: "get" },
  { ...antfly, resource: "antflybackups", verb: "patch" },
  { ...antfly, resource: "antflyrestores", verb: "get" },
  { ...antfly, resource: "antflyrestores", verb: "patch" },
];
