import { $ZodError } from "zod/v4/core";
import * as z from "zod/mini";

import type { EnvFromSource } from "../domain/env/effective.ts";
import type { BackupFacts, ClusterFacts, GroupName, NodeGroup, PodFacts, StatefulSetFacts } from "../domain/facts.ts";
import { ownerOf } from "../domain/owner.ts";

// Compiling a schema into code takes longer than the few objects of a run are read in without.
z.config({ jitless: true });

/**
 * Kubernetes objects into facts. What comes over the wire is not trusted: a part that has the wrong shape is an error
 * with its path, which the collector reports as `malformed`.
 */
const text = z.string();
const strings = z.nullish(z.record(text, text));
const reference = z.nullish(z.object({ name: z.nullish(text), optional: z.nullish(z.boolean()) }));
const envFromList = z.nullish(
  z.array(z.object({ prefix: z.nullish(text), secretRef: reference, configMapRef: reference })),
);
const nodes = z.nullish(z.object({ envFrom: envFromList }));

/** Schemas are built when first used: a short command needs one of them. */
function once<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => (built ??= build());
}

const metadata = z.object({
  name: text,
  namespace: z.nullish(text),
  uid: z.nullish(text),
  generation: z.nullish(z.number()),
  resourceVersion: z.nullish(text),
  creationTimestamp: z.nullish(text),
  deletionTimestamp: z.nullish(text),
  labels: strings,
  annotations: strings,
  ownerReferences: z.nullish(z.array(z.object({ kind: text, name: text }))),
  managedFields: z.nullish(
    z.array(z.object({ time: z.nullish(text), fieldsV1: z.nullish(z.record(text, z.unknown())) })),
  ),
});

const clusterObject = once(() =>
  z.object({
    metadata,
    spec: z.object({
      image: z.nullish(text),
      mode: z.nullish(text),
      config: z.nullish(text),
      metadataNodes: nodes,
      dataNodes: nodes,
      swarm: nodes,
      standalone: nodes,
      secretStore: z.nullish(z.object({ secretName: z.nullish(text) })),
    }),
    status: z.nullish(
      z.object({
        conditions: z.nullish(
          z.array(z.object({ type: text, status: text, reason: z.nullish(text), message: z.nullish(text) })),
        ),
      }),
    ),
  }),
);

const container = z.object({ name: text, envFrom: envFromList });
const podTemplate = z.object({
  metadata: z.nullish(z.object({ annotations: strings })),
  spec: z.object({ containers: z.array(container) }),
});
const statefulSetObject = once(() => z.object({ metadata, spec: z.object({ template: podTemplate }) }));
const podObject = once(() =>
  z.object({
    metadata,
    spec: z.object({ containers: z.array(container) }),
    status: z.nullish(
      z.object({
        containerStatuses: z.nullish(
          z.array(
            z.object({
              name: text,
              state: z.nullish(
                z.object({
                  running: z.nullish(z.object({ startedAt: z.nullish(text) })),
                  waiting: z.nullish(z.object({ reason: z.nullish(text), message: z.nullish(text) })),
                }),
              ),
            }),
          ),
        ),
      }),
    ),
  }),
);
const place = z.nullish(
  z.object({
    location: z.nullish(text),
    connection: z.nullish(text),
    credentialsSecret: z.nullish(z.object({ name: z.nullish(text) })),
  }),
);
const backupObject = once(() =>
  z.object({
    metadata,
    spec: z.object({
      clusterRef: z.object({ name: text, namespace: z.nullish(text) }),
      destination: place,
      source: place,
    }),
  }),
);

const HASH = "antfly.io/envfrom-hash";
const CONFIG_HASH = "antfly.io/config-hash";
const MAIN_CONTAINER = "antfly";

export function parseCluster(object: unknown): ClusterFacts {
  const { metadata: meta, spec, status } = z.parse(clusterObject(), object);
  return {
    namespace: meta.namespace ?? "",
    name: meta.name,
    uid: meta.uid ?? "",
    generation: meta.generation ?? 0,
    image: spec.image ?? "",
    groups: groupsOf(meta.name, spec),
    conditions: (status?.conditions ?? []).map((condition) => ({
      type: condition.type,
      status: condition.status,
      reason: condition.reason ?? "",
      message: condition.message ?? "",
    })),
    secretStore: spec.secretStore?.secretName ?? undefined,
    configured: configuredStorage(spec.config ?? ""),
    owner: ownerOf(meta),
  };
}

type Nodes = z.infer<typeof nodes>;

function groupsOf(
  cluster: string,
  spec: { mode?: string | null | undefined } & Partial<
    Record<"metadataNodes" | "dataNodes" | "swarm" | "standalone", Nodes>
  >,
): NodeGroup[] {
  const group = (name: GroupName, field: "metadataNodes" | "dataNodes" | "swarm" | "standalone"): NodeGroup => ({
    name,
    field,
    statefulSet: `${cluster}-${name}`,
    envFrom: toSources(spec[field]?.envFrom),
    invalid: (spec[field]?.envFrom ?? []).flatMap((entry, index) => {
      const problem = problemOf(entry);
      return problem === undefined ? [] : [{ index, problem }];
    }),
  });
  if (spec.mode === "Swarm") return [group("swarm", "swarm")];
  if (spec.mode === "Standalone") return [group("standalone", "standalone")];
  return [group("metadata", "metadataNodes"), group("data", "dataNodes")];
}

/** The rules of the operator's own validation, which a default installation runs after the API server took the object. */
function problemOf({ secretRef, configMapRef }: NonNullable<z.infer<typeof envFromList>>[number]): string | undefined {
  if (secretRef && configMapRef) return "names a Secret and a ConfigMap; one entry holds one";
  const ref = secretRef ?? configMapRef;
  if (!ref) return "names neither a Secret nor a ConfigMap";
  return ref.name ? undefined : "has an empty name";
}

function toSources(list: z.infer<typeof envFromList>): EnvFromSource[] {
  return (list ?? []).flatMap((entry): EnvFromSource[] => {
    const ref = entry.secretRef ?? entry.configMapRef;
    if (problemOf(entry) !== undefined || !ref?.name) return [];
    const kind = ref === entry.secretRef ? "Secret" : "ConfigMap";
    return [{ kind, name: ref.name, prefix: entry.prefix ?? "", optional: ref.optional ?? false }];
  });
}

const storageConfig = once(() =>
  z.object({
    connections: z.nullish(z.record(text, z.unknown())),
    storage: z.nullish(
      z.object({
        s3: z.nullish(
          z.object({ endpoint: z.nullish(text), access_key_id: z.nullish(text), secret_access_key: z.nullish(text) }),
        ),
      }),
    ),
  }),
);

/** The operator itself reports a `spec.config` that is no JSON. */
function configuredStorage(config: string): ClusterFacts["configured"] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(config);
  } catch {
    return { endpoint: false, credentials: false, connections: false };
  }
  const { storage, connections } = z.safeParse(storageConfig(), parsed).data ?? {};
  const s3 = storage?.s3;
  return {
    connections: Object.keys(connections ?? {}).length > 0,
    endpoint: Boolean(s3?.endpoint),
    credentials: Boolean(s3?.access_key_id) && Boolean(s3?.secret_access_key),
  };
}

export function parseStatefulSet(object: unknown): StatefulSetFacts {
  const { metadata: meta, spec } = z.parse(statefulSetObject(), object);
  const annotations = spec.template.metadata?.annotations ?? {};
  return {
    name: meta.name,
    envFromHash: annotations[HASH],
    configHash: annotations[CONFIG_HASH],
    envFrom: toSources(spec.template.spec.containers.find((one) => one.name === MAIN_CONTAINER)?.envFrom),
  };
}

/** Undefined when the labels say that it is no pod of a node group of this cluster. */
export function parsePod(object: unknown, cluster: string): PodFacts | undefined {
  const { metadata: meta, spec, status } = z.parse(podObject(), object);
  const labels = meta.labels ?? {};
  const group = labels["app.kubernetes.io/component"];
  if (labels["app.kubernetes.io/instance"] !== cluster || !isGroupName(group)) return undefined;
  const state = status?.containerStatuses?.find((one) => one.name === MAIN_CONTAINER)?.state;
  return {
    name: meta.name,
    group,
    envFromHash: meta.annotations?.[HASH],
    envFrom: toSources(spec.containers.find((one) => one.name === MAIN_CONTAINER)?.envFrom),
    startedAt: state?.running?.startedAt ?? undefined,
    waiting: state?.waiting ? { reason: state.waiting.reason ?? "", message: state.waiting.message ?? "" } : undefined,
    terminating: Boolean(meta.deletionTimestamp),
  };
}

function isGroupName(value: string | undefined): value is GroupName {
  return value === "metadata" || value === "data" || value === "swarm" || value === "standalone";
}

/** Undefined when it belongs to another cluster. */
export function parseBackup(
  object: unknown,
  kind: BackupFacts["kind"],
  namespace: string,
  cluster: string,
): BackupFacts | undefined {
  const { metadata: meta, spec } = z.parse(backupObject(), object);
  if (spec.clusterRef.name !== cluster || (spec.clusterRef.namespace ?? namespace) !== namespace) return undefined;
  const where = spec.destination ?? spec.source;
  return {
    kind,
    name: meta.name,
    namespace,
    location: where?.location ?? "",
    credentialsSecret: where?.credentialsSecret?.name || undefined,
    connection: where?.connection || undefined,
  };
}

export type ObjectMetadata = z.infer<typeof metadata>;

export function parseMetadata(object: unknown): ObjectMetadata {
  return z.parse(metadata, object);
}

const dataObject = once(() => z.object({ data: z.nullish(z.record(text, text)) }));

/** The plain data of a ConfigMap. */
export function parseData(object: unknown): Readonly<Record<string, string>> {
  return z.parse(dataObject(), object).data ?? {};
}

/** `spec.config: expected string`: the first thing that is wrong with an object; undefined for any other error. */
export function describeMismatch(error: unknown): string | undefined {
  if (!(error instanceof $ZodError)) return undefined;
  const issue = error.issues[0];
  return issue === undefined ? "unexpected content" : `${issue.path.join(".") || "the object"}: ${issue.message}`;
}
