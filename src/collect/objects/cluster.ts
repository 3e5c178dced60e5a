import * as z from "zod/mini";

import type { ClusterFacts, GroupName, NodeGroup } from "../../domain/facts.ts";
import type { KubeObject } from "../../ports.ts";
import { withoutLogin } from "../../domain/location.ts";
import { ownerOf } from "../../domain/owner.ts";
import { shapesOf } from "../../domain/values/classify.ts";
import { configuredBuckets, configuredGoogleBuckets } from "./configured-buckets.ts";
import { envFromList, metadata, once, problemOf, text, toSources } from "./schemas.ts";

const nodes = z.nullish(z.object({ replicas: z.nullish(z.number()), envFrom: envFromList }));
type Nodes = z.infer<typeof nodes>;

const clusterObject = once(() =>
  z.object({
    metadata,
    spec: z.object({
      image: z.nullish(text),
      mode: z.nullish(text),
      config: z.nullish(text),
      serviceAccountName: z.nullish(text),
      metadataNodes: nodes,
      dataNodes: nodes,
      swarm: nodes,
      standalone: nodes,
      storage: z.nullish(z.object({ swarmStorage: z.nullish(text) })),
      eks: z.nullish(z.object({ enabled: z.nullish(z.boolean()), irsaRoleARN: z.nullish(text) })),
      gke: z.nullish(z.object({ autopilot: z.nullish(z.boolean()) })),
      secretStore: z.nullish(z.object({ secretName: z.nullish(text), key: z.nullish(text), path: z.nullish(text) })),
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
type Spec = z.infer<ReturnType<typeof clusterObject>>["spec"];

const parsed = new WeakMap<object, ClusterFacts>();

/** Each object is read once, however many AntflyClusters there are to choose from. */
export function parseCluster(object: KubeObject): ClusterFacts {
  const facts = parsed.get(object) ?? clusterFacts(object);
  parsed.set(object, facts);
  return facts;
}

function clusterFacts(object: KubeObject): ClusterFacts {
  const { metadata: meta, spec, status } = z.parse(clusterObject(), object);
  return {
    namespace: meta.namespace ?? "",
    name: meta.name,
    uid: meta.uid ?? "",
    generation: meta.generation ?? 0,
    image: spec.image ?? "",
    mode: spec.mode ?? "Clustered",
    groups: groupsOf(meta.name, spec),
    conditions: (status?.conditions ?? []).map((condition) => ({
      type: condition.type,
      status: condition.status,
      reason: condition.reason ?? "",
      message: condition.message ?? "",
    })),
    serviceAccount: spec.serviceAccountName || undefined,
    eksRole: spec.eks?.irsaRoleARN || undefined,
    secretStore: spec.secretStore?.secretName || undefined,
    secretStoreKey: spec.secretStore?.key || "secrets.json",
    configured: configuredStorage(spec.config ?? ""),
    refused: refusals(spec),
    annotations: meta.annotations ?? {},
    owner: ownerOf(meta),
  };
}

type Field = "metadataNodes" | "dataNodes" | "swarm" | "standalone";

function groupsOf(cluster: string, spec: Spec): NodeGroup[] {
  const group = (name: GroupName, field: Field): NodeGroup => ({
    name,
    field,
    statefulSet: `${cluster}-${name}`,
    replicas: spec[field]?.replicas ?? undefined,
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

/**
 * What the operator's webhook would refuse, and its reconciler does where the webhook is off (operator facts, 2.2): the
 * API server takes all of it.
 */
function refusals(spec: Spec): ClusterFacts["refused"] {
  const found: { path: string; problem: string }[] = [];
  const refuse = (path: string, problem: string): void => void found.push({ path, problem });
  const { metadataNodes, swarm, secretStore } = spec;
  if (spec.config === "") refuse("/spec/config", 'is empty; "{}" is the least');
  else if (spec.config !== undefined && spec.config !== null && parseJson(spec.config) === undefined)
    refuse("/spec/config", "is no JSON object");
  if (spec.eks?.enabled === true && spec.gke?.autopilot === true)
    refuse("/spec/gke/autopilot", "and spec.eks.enabled exclude each other");
  if (secretStore) secretStoreRefusals(secretStore, refuse);
  // A patch lacks what the whole object has.
  const whole = spec.image !== undefined && spec.config !== undefined && spec.storage !== undefined;
  if (spec.mode === "Swarm") swarmRefusals(spec, whole, refuse);
  else if (spec.mode !== "Standalone") {
    if (whole && swarm) refuse("/spec/swarm", "is set, and spec.mode is not Swarm");
    const replicas = metadataNodes?.replicas ?? 0;
    if (whole && metadataNodes && (replicas < 1 || replicas % 2 === 0)) {
      const has = metadataNodes.replicas === undefined ? "is not set" : `is ${replicas}`;
      refuse("/spec/metadataNodes/replicas", `must be odd and at least 1, and ${has}`);
    }
  }
  return found;
}

function swarmRefusals(
  { swarm, storage, metadataNodes, dataNodes }: Spec,
  whole: boolean,
  refuse: (path: string, problem: string) => void,
): void {
  if (!swarm) {
    if (whole) refuse("/spec/mode", "is Swarm, and spec.swarm is not set");
  } else if ((swarm.replicas ?? 1) > 1) {
    refuse("/spec/swarm/replicas", `must be 1, and is ${swarm.replicas}`);
  }
  if (whole && !storage?.swarmStorage?.trim())
    refuse("/spec/storage/swarmStorage", "is required when spec.mode is Swarm");
  const fields: readonly [string, Nodes][] = [
    ["metadataNodes", metadataNodes],
    ["dataNodes", dataNodes],
  ];
  for (const [field, group] of fields) {
    if ((group?.replicas ?? 0) !== 0) refuse(`/spec/${field}/replicas`, "must not be set when spec.mode is Swarm");
    if ((group?.envFrom ?? []).length > 0) refuse(`/spec/${field}/envFrom`, "must be empty when spec.mode is Swarm");
  }
}

function secretStoreRefusals(
  { secretName, key, path }: NonNullable<Spec["secretStore"]>,
  refuse: (path: string, problem: string) => void,
): void {
  if (!secretName) refuse("/spec/secretStore/secretName", "is required");
  else if (secretName.includes("/"))
    refuse("/spec/secretStore/secretName", "must be the name of a Secret in the cluster's namespace, not a path");
  if (key?.includes("/")) refuse("/spec/secretStore/key", "must be one key of the Secret");
  if (path && !path.startsWith("/")) refuse("/spec/secretStore/path", "must be an absolute path");
  if (path?.endsWith("/")) refuse("/spec/secretStore/path", "must name a file");
}

const storageConfig = once(() =>
  z.object({
    connections: z.nullish(z.record(text, z.unknown())),
    storage: z.nullish(
      z.object({
        s3: z.nullish(
          z.object({
            endpoint: z.nullish(text),
            access_key_id: z.nullish(text),
            secret_access_key: z.nullish(text),
            session_token: z.nullish(text),
          }),
        ),
      }),
    ),
  }),
);

/** What `spec.config` says of storage; a reference (`${secret:…}`) and what stands in an example are no literals. */
function configuredStorage(config: string): ClusterFacts["configured"] {
  const content = parseJson(config) ?? {};
  const { data } = z.safeParse(storageConfig(), content);
  const { storage, connections } = data ?? {};
  const s3 = storage?.s3 ?? {};
  const literals = (["access_key_id", "secret_access_key", "session_token"] as const).filter(
    (key) => s3[key] && !shapesOf(Buffer.from(s3[key] ?? "", "utf8")).includes("placeholder"),
  );
  return {
    connections: Object.keys(connections ?? {}).length > 0,
    connectionIds: data === undefined ? undefined : Object.keys(connections ?? {}),
    endpoint: Boolean(s3.endpoint),
    endpointUrl: s3.endpoint ? withoutLogin(s3.endpoint) : undefined,
    credentials: Boolean(s3.access_key_id) && Boolean(s3.secret_access_key),
    literals: literals.map((key) => `/spec/config#/storage/s3/${key}`),
    buckets: configuredBuckets(content),
    googleBuckets: configuredGoogleBuckets(content),
  };
}

function parseJson(content: string): object | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
