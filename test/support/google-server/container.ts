import { may, projectResource } from "./authorize.ts";
import { assertSwitchedOn, type Api, type Call } from "./call.ts";
import { errorInfo, invalidArgument, notFound, Refusal } from "./refusal.ts";
import type { Cluster, NodePool, Operation, State } from "./state.ts";

const HOST = "container.googleapis.com";
const CLUSTER = String.raw`^v1\/projects\/([^/]+)\/(?:locations|zones)\/([^/]+)\/clusters\/([^/]+)`;
/** How often a change is asked for before it is done. */
const POLLS = 1;

function assertMay({ state, caller }: Call, project: string, permission: string, resource: string): void {
  const found = state.projectOf(project);
  if (found === undefined || !may(state, caller, permission, projectResource(found))) {
    const message = `Required "${permission}" permission(s) for "${resource}".`;
    throw new Refusal(403, "PERMISSION_DENIED", message, [errorInfo("IAM_PERMISSION_DENIED", HOST, { permission })]);
  }
  assertSwitchedOn(state, project, HOST, "Kubernetes Engine API");
}

function clusterFor(call: Call, permission: string, [project = "", location = "", name = ""]: string[]): Cluster {
  const path = `projects/${project}/locations/${location}/clusters/${name}`;
  assertMay(call, project, permission, path);
  const cluster = call.state.clusters.get(path);
  if (cluster === undefined) throw notFound(`Not found: ${path}.`);
  return cluster;
}

export function clusterPath({ project, location, name }: Pick<Cluster, "project" | "location" | "name">): string {
  return `projects/${project}/locations/${location}/clusters/${name}`;
}

function shown(cluster: Cluster): object {
  const { name, location, status, endpoint, workloadPool, autopilot, datapath, databaseEncryption } = cluster;
  return {
    name,
    location,
    locations: [location],
    status,
    endpoint,
    selfLink: `https://container.googleapis.com/v1/${clusterPath(cluster)}`,
    ...(workloadPool === undefined ? {} : { workloadIdentityConfig: { workloadPool } }),
    ...(autopilot ? { autopilot: { enabled: true } } : {}),
    ...(datapath === undefined ? {} : { networkConfig: { datapathProvider: datapath } }),
    databaseEncryption,
    nodePools: cluster.nodePools.map(shownNodePool),
  };
}

/** One change at a time, as GKE has it. */
function begin(state: State, cluster: Cluster, type: string, target: string, work: () => void): object {
  const path = clusterPath(cluster);
  const running = [...state.operations.values()].find((other) => other.cluster === path && other.left > 0);
  if (running !== undefined)
    throw new Refusal(400, "FAILED_PRECONDITION", `Cluster is running incompatible operation ${running.name}.`);
  const name = `operation-${Date.now()}-${state.operations.size + 1}`;
  const operation = { name, type, cluster: path, target, work, left: POLLS + 1 };
  state.operations.set(name, operation);
  cluster.status = "RECONCILING";
  return answered(operation, cluster);
}

function answered({ name, type, cluster, target, left }: Operation, { location }: Cluster): object {
  return {
    name,
    location,
    operationType: type,
    status: left === 0 ? "DONE" : "RUNNING",
    selfLink: `https://container.googleapis.com/v1/${cluster.replace(/\/clusters\/.*/, "")}/operations/${name}`,
    targetLink: `https://container.googleapis.com/v1/${target}`,
  };
}

function update(call: Call, ...parts: string[]): object {
  const cluster = clusterFor(call, "container.clusters.update", parts);
  const pool: unknown = call.body?.update?.desiredWorkloadIdentityConfig?.workloadPool;
  if (typeof pool !== "string") throw invalidArgument("Must specify a field to update.");
  const own = `${cluster.project}.svc.id.goog`;
  if (pool !== "" && pool !== own)
    throw invalidArgument(`Currently, the only valid value for workload_pool is "${own}" or an empty string.`);
  if (cluster.autopilot) throw invalidArgument("Autopilot clusters do not support updating workload identity config.");
  return begin(call.state, cluster, "UPDATE_CLUSTER", clusterPath(cluster), () => {
    cluster.workloadPool = pool === "" ? undefined : pool;
    const project = call.state.projectOf(cluster.project);
    if (project !== undefined && pool !== "") project.workloadPool = true;
  });
}

function nodePoolIn(cluster: Cluster, name = ""): { readonly path: string; readonly pool: NodePool } {
  const path = `${clusterPath(cluster)}/nodePools/${name}`;
  const pool = cluster.nodePools.find((one) => one.name === name);
  if (pool === undefined) throw notFound(`Not found: ${path}.`);
  return { path, pool };
}

function shownNodePool({ name, status, mode }: NodePool): object {
  return { name, status, config: mode === undefined ? {} : { workloadMetadataConfig: { mode } } };
}

function updateNodePool(call: Call, ...parts: string[]): object {
  const cluster = clusterFor(call, "container.clusters.update", parts);
  const { path, pool } = nodePoolIn(cluster, parts[3]);
  const mode: unknown = call.body?.workloadMetadataConfig?.mode;
  if (mode !== "GKE_METADATA" && mode !== "GCE_METADATA") throw invalidArgument("Must specify a field to update.");
  if (mode === "GKE_METADATA" && cluster.workloadPool === undefined)
    throw invalidArgument("Workload Identity must be enabled on the cluster to use GKE_METADATA.");
  pool.status = "RECONCILING";
  return begin(call.state, cluster, "UPGRADE_NODES", path, () => {
    pool.mode = mode;
    pool.status = "RUNNING";
  });
}

function getOperation(call: Call, project = "", location = "", name = ""): object {
  const path = `projects/${project}/locations/${location}/operations/${name}`;
  assertMay(call, project, "container.operations.get", path);
  const operation = call.state.operations.get(name);
  const cluster = call.state.clusters.get(operation?.cluster ?? "");
  if (operation === undefined || cluster === undefined || cluster.location !== location)
    throw notFound(`Not found: ${path}.`);
  if (operation.left > 0) {
    operation.left -= 1;
    if (operation.left === 0) {
      operation.work();
      cluster.status = "RUNNING";
    }
  }
  return answered(operation, cluster);
}

export const CONTAINER: Api = {
  host: HOST,
  prefix: "/container/",
  style: "rpc",
  routes: [
    {
      operation: "container.projects.locations.clusters.get",
      permission: "container.clusters.get",
      method: "GET",
      path: new RegExp(`${CLUSTER}$`),
      run: (call, ...parts) => shown(clusterFor(call, "container.clusters.get", parts)),
    },
    {
      operation: "container.projects.locations.clusters.list",
      permission: "container.clusters.list",
      method: "GET",
      path: /^v1\/projects\/([^/]+)\/(?:locations|zones)\/([^/]+)\/clusters$/,
      run: (call, project = "", location = "") => {
        assertMay(call, project, "container.clusters.list", `projects/${project}`);
        const id = call.state.projectOf(project)?.id;
        const clusters = [...call.state.clusters.values()].filter(
          (cluster) => cluster.project === id && ["-", cluster.location].includes(location),
        );
        return clusters.length === 0 ? {} : { clusters: clusters.map(shown) };
      },
    },
    {
      operation: "container.projects.locations.clusters.update",
      permission: "container.clusters.update",
      method: "PUT",
      path: new RegExp(`${CLUSTER}$`),
      run: update,
    },
    {
      operation: "container.projects.locations.clusters.nodePools.get",
      permission: "container.clusters.get",
      method: "GET",
      path: new RegExp(String.raw`${CLUSTER}\/nodePools\/([^/]+)$`),
      run: (call, ...parts) =>
        shownNodePool(nodePoolIn(clusterFor(call, "container.clusters.get", parts), parts[3]).pool),
    },
    {
      operation: "container.projects.locations.clusters.nodePools.update",
      permission: "container.clusters.update",
      method: "PUT",
      path: new RegExp(String.raw`${CLUSTER}\/nodePools\/([^/]+)$`),
      run: updateNodePool,
    },
    {
      operation: "container.projects.locations.operations.get",
      permission: "container.operations.get",
      method: "GET",
      path: /^v1\/projects\/([^/]+)\/(?:locations|zones)\/([^/]+)\/operations\/([^/]+)$/,
      run: getOperation,
    },
  ],
};
