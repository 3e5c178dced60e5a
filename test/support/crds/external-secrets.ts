import type { AnyObject } from "../follow.ts";

const text = { type: "string" };
const texts = { type: "array", items: text };
const any = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

function object(properties: AnyObject, required: readonly string[] = []): AnyObject {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

function choice(...values: readonly string[]): AnyObject {
  return { type: "string", enum: values };
}

const storeRef = object({ name: text, kind: choice("SecretStore", "ClusterSecretStore") });
const remote = {
  conversionStrategy: { ...choice("Default", "Unicode"), default: "Default" },
  decodingStrategy: { ...choice("Auto", "Base64", "Base64URL", "None"), default: "None" },
  metadataPolicy: { ...choice("None", "Fetch"), default: "None" },
};
const located = object({ key: text, property: text, version: text, ...remote }, ["key"]);
const condition = object(
  { type: text, status: text, reason: text, message: text, lastTransitionTime: { type: "string" } },
  ["status", "type"],
);
const conditions = { type: "array", items: condition };

const externalSecretSpec = object({
  secretStoreRef: storeRef,
  refreshInterval: { type: "string", default: "1h0m0s" },
  refreshPolicy: choice("CreatedOnce", "Periodic", "OnChange"),
  target: {
    ...object({
      name: text,
      creationPolicy: { ...choice("Owner", "Orphan", "Merge", "None"), default: "Owner" },
      deletionPolicy: { ...choice("Delete", "Merge", "Retain"), default: "Retain" },
      immutable: { type: "boolean" },
      manifest: object({ apiVersion: text, kind: text }, ["apiVersion", "kind"]),
      template: object({
        data: { type: "object", additionalProperties: text },
        engineVersion: { ...choice("v2"), default: "v2" },
        mergePolicy: { ...choice("Replace", "Merge"), default: "Replace" },
        metadata: any,
        templateFrom: { type: "array", items: any },
        type: text,
      }),
    }),
    default: { creationPolicy: "Owner", deletionPolicy: "Retain" },
  },
  data: {
    type: "array",
    items: object({ secretKey: text, remoteRef: located, sourceRef: object({ storeRef, generatorRef: any }) }, [
      "remoteRef",
      "secretKey",
    ]),
  },
  dataFrom: {
    type: "array",
    items: object({
      extract: located,
      find: object({ name: any, path: text, tags: any, ...remote }),
      rewrite: { type: "array", items: any },
      sourceRef: object({ storeRef, generatorRef: any }),
    }),
  },
});
const storeSpec = object(
  {
    controller: text,
    provider: any,
    refreshInterval: { type: "integer" },
    retrySettings: any,
    conditions: {
      type: "array",
      items: object({ namespaces: texts, namespaceRegexes: texts, namespaceSelector: any }),
    },
  },
  ["provider"],
);
const storeStatus = object({ capabilities: text, conditions });

/**
 * CRDs of External Secrets as far as the Secrets of a cluster are concerned, our own minimal ones after those of v1.3.2;
 * the live lane uses the real ones. Both versions are there, and those that are `served` are served.
 */
export function externalSecretsCrds(served: readonly string[] = ["v1"]): AnyObject[] {
  const status = object({
    binding: object({ name: text }),
    conditions,
    refreshTime: text,
    syncedResourceVersion: text,
  });
  return [
    crd("ExternalSecret", "externalsecrets", "Namespaced", externalSecretSpec, status, served),
    crd("SecretStore", "secretstores", "Namespaced", storeSpec, storeStatus, served),
    crd("ClusterSecretStore", "clustersecretstores", "Cluster", storeSpec, storeStatus, served),
  ];
}

function crd(
  kind: string,
  plural: string,
  scope: "Namespaced" | "Cluster",
  spec: AnyObject,
  status: AnyObject,
  served: readonly string[],
): AnyObject {
  const openAPIV3Schema = object({ apiVersion: text, kind: text, metadata: { type: "object" }, spec, status });
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.external-secrets.io` },
    spec: {
      group: "external-secrets.io",
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: ["v1", "v1beta1"].map((name) => ({
        name,
        served: served.includes(name),
        storage: name === (served.includes("v1") ? "v1" : "v1beta1"),
        deprecated: name === "v1beta1",
        subresources: { status: {} },
        schema: { openAPIV3Schema },
      })),
    },
  };
}
