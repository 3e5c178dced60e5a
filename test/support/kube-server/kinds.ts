import type { AnyObject } from "../follow.ts";

/** A kind that the server serves. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
  /** Structural schema of a custom resource. */
  readonly schema?: AnyObject;
}

function kind(
  api: string,
  resource: string,
  name: string,
  options: { cluster?: true; sub?: readonly string[] } = {},
): Kind {
  const [group, version] = api.includes("/") ? api.split("/") : ["", api];
  return {
    group: group ?? "",
    version: version ?? "",
    resource,
    kind: name,
    namespaced: options.cluster !== true,
    subresources: options.sub ?? [],
  };
}

const RBAC = "rbac.authorization.k8s.io/v1";

export const BUILT_IN: readonly Kind[] = [
  kind("v1", "namespaces", "Namespace", { cluster: true, sub: ["status"] }),
  kind("v1", "nodes", "Node", { cluster: true, sub: ["status"] }),
  kind("v1", "persistentvolumes", "PersistentVolume", { cluster: true, sub: ["status"] }),
  kind("v1", "secrets", "Secret"),
  kind("v1", "configmaps", "ConfigMap"),
  kind("v1", "serviceaccounts", "ServiceAccount", { sub: ["token"] }),
  kind("v1", "pods", "Pod", { sub: ["status", "binding", "eviction"] }),
  kind("v1", "events", "Event"),
  kind("v1", "services", "Service", { sub: ["status"] }),
  kind("v1", "persistentvolumeclaims", "PersistentVolumeClaim", { sub: ["status"] }),
  kind("apps/v1", "statefulsets", "StatefulSet", { sub: ["status"] }),
  kind("apps/v1", "daemonsets", "DaemonSet", { sub: ["status"] }),
  kind("apps/v1", "controllerrevisions", "ControllerRevision"),
  kind("batch/v1", "jobs", "Job", { sub: ["status"] }),
  kind("batch/v1", "cronjobs", "CronJob", { sub: ["status"] }),
  kind("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", { sub: ["status"] }),
  kind(RBAC, "roles", "Role"),
  kind(RBAC, "rolebindings", "RoleBinding"),
  kind(RBAC, "clusterroles", "ClusterRole", { cluster: true }),
  kind(RBAC, "clusterrolebindings", "ClusterRoleBinding", { cluster: true }),
  kind("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy"),
  kind("coordination.k8s.io/v1", "leases", "Lease"),
  kind("admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", {
    cluster: true,
  }),
  kind("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", {
    cluster: true,
  }),
  kind("discovery.k8s.io/v1", "endpointslices", "EndpointSlice"),
  kind("apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", {
    cluster: true,
    sub: ["status"],
  }),
];

export function apiVersionOf({ group, version }: Kind): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The kinds that a CustomResourceDefinition makes the server serve. */
export function kindsOfCrd(crd: AnyObject): Kind[] {
  const { group, names, scope, versions } = crd.spec;
  return versions
    .filter((version: AnyObject) => version.served)
    .map((version: AnyObject) => ({
      group,
      version: version.name,
      resource: names.plural,
      kind: names.kind,
      namespaced: scope === "Namespaced",
      subresources: version.subresources?.status === undefined ? [] : ["status"],
      schema: version.schema?.openAPIV3Schema,
    }));
}
