import type { AnyObject } from "../follow.ts";

export type StandInGeneration = 1 | 2;

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
  const later = generation === 1 ? {} : laterFields();
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
  const clusterRef = object({ name: text, namespace: text }, ["name"]);
  const common = { clusterRef, tables: { type: "array", items: text }, suspend: { type: "boolean" } };
  const backupSpec = object(
    {
      ...common,
      schedule: text,
      destination: object({ location, credentialsSecret }, ["location"]),
      backupTimeout: text,
    },
    ["clusterRef", "schedule", "destination"],
  );
  const restoreSpec = object(
    {
      ...common,
      source: object({ backupId: text, location, credentialsSecret }, ["backupId", "location"]),
      restoreMode: text,
    },
    ["clusterRef", "source"],
  );
  const version = generation === 1 ? "v0.19.0" : "v0.20.1";
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

function crd(kind: string, plural: string, spec: AnyObject, generator: string): AnyObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.antfly.io`, annotations: { "controller-gen.kubebuilder.io/version": generator } },
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
