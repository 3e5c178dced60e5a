import type { GkeName } from "../domain/google-facts.ts";
import { gkePath } from "../domain/gcp/gke-name.ts";
import { GoogleError, type GkeCluster, type Google } from "../ports.ts";
import { flag, list, needed, text, within } from "./google-answer.ts";
import { path, type GoogleConnection, type Json } from "./google-connection.ts";
import { awaitOperation } from "./google-operation.ts";

type Calls = Pick<Google, "getCluster" | "listClusters" | "setWorkloadPool" | "setMetadataMode">;

/** GKE clusters. A change is an operation of minutes, which is waited for. */
export function containerCalls(connection: GoogleConnection): Calls {
  const { read, write } = connection;
  const change = async (cluster: GkeName, place: string, body: object): Promise<void> => {
    const action = "container.clusters.update";
    const operation = await write({ api: "CONTAINER", action, path: place, method: "PUT", body });
    await awaitOperation(connection, cluster, needed(operation, "name", action));
  };
  return {
    async getCluster(cluster) {
      const action = "container.clusters.get";
      return clusterIn(await read({ api: "CONTAINER", action, path: of(cluster) }), cluster.project, action);
    },

    async listClusters(project) {
      const action = "container.clusters.list";
      const place = path`/v1/projects/${project}/locations/-/clusters`;
      const answer = await read({ api: "CONTAINER", action, path: place });
      const missing = answer["missingZones"];
      if (Array.isArray(missing) && missing.length > 0)
        throw new GoogleError("server-error", action, "Google could not list the clusters of all zones");
      return list(answer, "clusters").map((one) => clusterIn(one, project, action));
    },

    setWorkloadPool: (cluster, workloadPool) =>
      change(cluster, of(cluster), { update: { desiredWorkloadIdentityConfig: { workloadPool } } }),

    setMetadataMode: (cluster, nodePool, mode) =>
      change(cluster, `${of(cluster)}${path`/nodePools/${nodePool}`}`, { workloadMetadataConfig: { mode } }),
  };
}

function of(cluster: GkeName): string {
  return `/v1/${gkePath(cluster).split("/").map(encodeURIComponent).join("/")}`;
}

function clusterIn(answer: Json, project: string, action: string): GkeCluster {
  const encryption = within(answer, "databaseEncryption");
  const state = text(encryption, "state");
  return {
    project,
    location: needed(answer, "location", action),
    name: needed(answer, "name", action),
    endpoints: endpointsIn(answer),
    workloadPool: text(within(answer, "workloadIdentityConfig"), "workloadPool"),
    autopilot: flag(within(answer, "autopilot"), "enabled"),
    datapath: text(within(answer, "networkConfig"), "datapathProvider"),
    status: text(answer, "status") ?? "STATUS_UNSPECIFIED",
    databaseEncryption:
      state === undefined
        ? undefined
        : { state, currentState: text(encryption, "currentState"), keyName: text(encryption, "keyName") },
    nodePools: list(answer, "nodePools").map((pool) => ({
      name: needed(pool, "name", action),
      metadataMode: text(within(within(pool, "config"), "workloadMetadataConfig"), "mode"),
      status: text(pool, "status") ?? "STATUS_UNSPECIFIED",
    })),
  };
}

function endpointsIn(answer: Json): string[] {
  const control = within(answer, "controlPlaneEndpointsConfig");
  const byAddress = within(control, "ipEndpointsConfig");
  const privately = within(answer, "privateClusterConfig");
  const hosts = [
    text(answer, "endpoint"),
    ...[byAddress, privately].flatMap((part) => [text(part, "publicEndpoint"), text(part, "privateEndpoint")]),
    text(within(control, "dnsEndpointConfig"), "endpoint"),
  ];
  return [...new Set(hosts.filter((host) => host !== undefined))];
}
