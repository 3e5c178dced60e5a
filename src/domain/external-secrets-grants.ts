import type { Grant } from "./grant.ts";
import { GET_SECRETS, LIST_CLUSTERS } from "./grants.ts";

/** The objects of External Secrets, where a Secret of the cluster is made by it or missing. */
const EXTERNAL = { onlyFor: "external-secrets" } as const;
const externalSecrets = { group: "external-secrets.io", scope: "namespace", ...EXTERNAL } as const;
export const LIST_EXTERNAL_SECRETS: Grant = { ...externalSecrets, resource: "externalsecrets", verb: "list" };
export const LIST_SECRET_STORES: Grant = { ...externalSecrets, resource: "secretstores", verb: "list" };
/** A cluster store that an ExternalSecret names; nobody but the controller may be allowed to read it. */
export const GET_CLUSTER_SECRET_STORES: Grant = {
  ...externalSecrets,
  resource: "clustersecretstores",
  verb: "get",
  scope: "cluster",
  optional: true,
};
/** What the provider said stands in the events alone. */
export const LIST_EVENTS: Grant = { group: "", resource: "events", verb: "list", scope: "namespace", ...EXTERNAL };
/** The Secret that a store authenticates with, where its store does not work. */
export const GET_STORE_SECRETS: Grant = {
  group: "",
  resource: "secrets",
  verb: "get",
  scope: "namespace",
  named: "store-secrets",
  optional: true,
};
/** The ServiceAccount that a store authenticates as. */
export const GET_STORE_ACCOUNTS: Grant = {
  group: "",
  resource: "serviceaccounts",
  verb: "get",
  scope: "namespace",
  named: "store-accounts",
  optional: true,
};
/** The webhook of External Secrets, and whether anything answers behind it. */
export const LIST_VALIDATING_WEBHOOKS: Grant = {
  group: "admissionregistration.k8s.io",
  resource: "validatingwebhookconfigurations",
  verb: "list",
  scope: "cluster",
  optional: true,
};
export const LIST_ENDPOINT_SLICES: Grant = {
  group: "discovery.k8s.io",
  resource: "endpointslices",
  verb: "list",
  scope: "cluster",
  optional: true,
};

/**
 * What `init external-secret` needs besides what the checks read: it makes a store and an ExternalSecret, and waits for
 * what the operator says of them.
 */
export const INIT_EXTERNAL_SECRET: readonly Grant[] = [
  GET_SECRETS,
  LIST_EXTERNAL_SECRETS,
  LIST_SECRET_STORES,
  GET_CLUSTER_SECRET_STORES,
  LIST_EVENTS,
  GET_STORE_ACCOUNTS,
  { ...LIST_EXTERNAL_SECRETS, verb: "create" },
  { ...LIST_SECRET_STORES, verb: "create" },
  // A store that is there already may have any name; what is made is called as the Secret is.
  { ...LIST_SECRET_STORES, verb: "get" },
  { ...LIST_EXTERNAL_SECRETS, verb: "get", named: "referenced-secrets" },
  ...(["patch", "delete"] as const).flatMap((verb): Grant[] => [
    { ...LIST_EXTERNAL_SECRETS, verb, named: "referenced-secrets" },
    { ...LIST_SECRET_STORES, verb, named: "referenced-secrets" },
  ]),
  { ...LIST_CLUSTERS, verb: "get", named: "cluster" },
  { ...LIST_CLUSTERS, verb: "patch", named: "cluster" },
];
