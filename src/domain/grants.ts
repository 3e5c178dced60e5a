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

/** What `init secret` writes with, besides what it reads. */
export const APPLY_SECRETS: readonly Grant[] = (["create", "patch", "delete"] as const).map((verb) => ({
  group: "",
  resource: "secrets",
  verb,
  scope: "namespace",
}));
export const PATCH_CLUSTER: Grant = { ...antfly, resource: "antflyclusters", verb: "patch", named: "cluster" };
