import type { StandInGeneration } from "./crds/crds.ts";
import type { AnyObject } from "./follow.ts";
import type { KubeClient } from "./kube-client.ts";

/** A minimal AntflyCluster of three metadata and three data nodes that read these Secrets. */
export function antflyCluster(namespace: string, name: string, envFrom: readonly AnyObject[], replicas = 3): AnyObject {
  const nodes = { replicas, resources: { limits: {} }, envFrom };
  return {
    apiVersion: "antfly.io/v1",
    kind: "AntflyCluster",
    metadata: { name, namespace },
    spec: {
      image: "ghcr.io/antflydb/antfly:latest",
      config: "{}",
      storage: {},
      metadataNodes: { ...nodes, metadataAPI: {}, metadataRaft: {} },
      dataNodes: { ...nodes, api: {}, raft: {} },
    },
  };
}

/** Generation 3 wants a key by which the nodes know each other. */
export function forGeneration(generation: StandInGeneration, cluster: AnyObject): AnyObject {
  if (generation !== 3) return cluster;
  const internalServiceAuth = { secretKeyRef: { name: INTERNAL_KEY, key: "secret" } };
  return { ...cluster, spec: { ...cluster.spec, internalServiceAuth } };
}

/** The Secret that such a cluster names. */
export const INTERNAL_KEY = "internal-service-auth";

export function secretRef(name: string, more: AnyObject = {}): AnyObject {
  return { secretRef: { name, ...more } };
}

export function secret(namespace: string, name: string, values: Readonly<Record<string, string>>): AnyObject {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value, "latin1").toString("base64")]),
  );
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type: "Opaque", data };
}

/** Creates an object of a kind that tests use. */
export function create(client: KubeClient, object: AnyObject): Promise<AnyObject> {
  const { namespace } = object.metadata;
  const api = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  return client.must("POST", `${api}/namespaces/${namespace}/${object.kind.toLowerCase()}s`, { body: object });
}

export async function podsOf(client: KubeClient, namespace: string): Promise<AnyObject[]> {
  const list = await client.must("GET", `/api/v1/namespaces/${namespace}/pods`, {
    query: { labelSelector: "app.kubernetes.io/name=antfly-database" },
  });
  return list.items;
}

/** Waits until `holds` returns something other than undefined or false. */
export async function eventually<T>(
  what: string,
  holds: () => Promise<T | undefined | false>,
  ms = 30_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await holds();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`did not happen in ${ms / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function allReady(pods: readonly AnyObject[], count: number): boolean {
  return (
    pods.length === count &&
    pods.every(
      (pod) => pod.status?.containerStatuses?.[0]?.ready === true && pod.metadata.deletionTimestamp === undefined,
    )
  );
}
