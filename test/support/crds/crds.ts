import type { AnyObject } from "../follow.ts";

/** Generation 3 is written from what was read of its source; it was not run. */
export type StandInGeneration = 1 | 2 | 3;

const any = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const text = { type: "string" };
const location = { type: "string", pattern: "^(s3://|file://).+" };

function object(properties: AnyObject, required: readonly string[] = []): AnyObject {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

const reference = object({ name: { type: "string", default: "" }, optional: { type: "boolean" } });
const envFrom = {
  type: "array",
  items: object({ prefix: text, secretRef: reference, configMapRef: reference }),
};
const resources = object({ limits: any, requests: any }, ["limits"]);
const nodes = (api: string, raft: string): AnyObject =>
  object({ replicas: { type: "integer" }, [api]: any, [raft]: any, resources, envFrom }, [api, raft, "resources"]);

/** The operator's CRDs as far as credentials are concerned: our own minimal ones, after the operator facts, section 2. */
export function crdsOf(generation: StandInGeneration): AnyObject[] {
  const later = generation === 1 ? {} : { ...laterFields(), ...(generation === 3 ? latestFields() : {}) };
  const clusterSpec = object(
    {
      image: text,
      imagePullPolicy: text,
      config: text,
      storage: any,
      serviceAccountName: text,
      metadataNodes: nodes("metadataAPI", "metadataRaft"),
      dataNodes: nodes("api", "raft"),
      ...{
        eks: any,
        gke: any,
        serviceMesh: any,
        publicAPI: any,
      },
      ...later,
    },
    generation === 1 ? ["image", "config", "storage", "metadataNodes", "dataNodes"] : ["image", "config", "storage"],
  );
  const credentialsSecret = object({ name: { type: "string", default: "" } });
  const store = { location, credentialsSecret, ...(generation === 3 ? { connection: text } : {}) };
  const clusterRef = object({ name: text, namespace: text }, ["name"]);
  const common = { clusterRef, tables: { type: "array", items: text }, suspend: { type: "boolean" } };
  const backupSpec = object(
    {
      ...common,
      schedule: text,
      destination: object(store, ["location"]),
      backupTimeout: text,
    },
    ["clusterRef", "schedule", "destination"],
  );
  const restoreSpec = object(
    {
      ...common,
      source: object({ backupId: text, ...store }, ["backupId", "location"]),
      restoreMode: text,
    },
    ["clusterRef", "source"],
  );
  const version = ({ 1: "v0.19.0", 2: "v0.20.1", 3: undefined } as const)[generation];
  const definitions = [
    crd("AntflyCluster", "antflyclusters", clusterSpec, version),
    crd("AntflyBackup", "antflybackups", backupSpec, version),
    crd("AntflyRestore", "antflyrestores", restoreSpec, version),
  ];
  if (generation === 1) return definitions;
  const more = [
    ["InferencePool", "inferencepools"],
    ["InferenceProxy", "inferenceproxies"],
    ["ExternalInferencePool", "externalinferencepools"],
  ] as const;
  return [...definitions, ...more.map(([kind, plural]) => crd(kind, plural, any, version))];
}

function laterFields(): AnyObject {
  return {
    mode: {
      type: "string",
      enum: ["Clustered", "Swarm"],
      default: "Clustered",
    },
    swarm: object(
      {
        replicas: { type: "integer" },
        nodeID: { type: "integer" },
        metadataAPI: any,
        resources,
        envFrom,
      },
      ["resources"],
    ),
    secretStore: object(
      {
        secretName: text,
        key: {
          type: "string",
          default: "secrets.json",
        },
        path: {
          type: "string",
          default: "/run/antfly/secrets/secrets.json",
        },
      },
      ["secretName"],
    ),
    inference: any,
    productTier: text,
  };
}

/** What generation 3 added, and its names of the modes. */
function latestFields(): AnyObject {
  const secretKey = object({ name: text, key: text, optional: { type: "boolean" } }, ["name", "key"]);
  return {
    mode: { type: "string", enum: ["Distributed", "Standalone", "Swarm"], default: "Distributed" },
    standalone: object(
      { replicas: { type: "integer" }, nodeID: { type: "integer" }, metadataAPI: any, resources, envFrom },
      ["resources"],
    ),
    internalServiceAuth: object({ secretKeyRef: secretKey, nextSecretKeyRef: secretKey }, ["secretKeyRef"]),
    highAvailability: any,
  };
}

function crd(kind: string, plural: string, spec: AnyObject, generator: string | undefined): AnyObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.antfly.io`,
      ...(generator === undefined ? {} : { annotations: { "controller-gen.kubebuilder.io/version": generator } }),
    },
    spec: {
      group: "antfly.io",
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: object({ apiVersion: text, kind: text, metadata: { type: "object" }, spec, status: any }),
          },
        },
      ],
    },
  };
}
