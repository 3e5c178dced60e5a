import type { Step } from "../domain/plan.ts";
import type { GkeInput } from "./workload-identity-input.ts";

/** The cluster's workload pool, and the node pools that have to give pods an identity of it. */
export function gkeSteps({ cluster, pool, poolIsOn, nodePools }: GkeInput): Step[] {
  const enable: Step = {
    id: "workload-pool",
    title: `turn on workload pool ${pool} of GKE cluster ${cluster.name}`,
    do: "google.pool.enable",
    with: { cluster, pool },
    undo: "auto",
    diff: [
      `+ workload pool ${pool}`,
      "  node pools that are there already stay as they are until they are changed, too",
    ],
  };
  return [...(poolIsOn ? [] : [enable]), ...nodePools.map((one) => metadataStep(cluster, one))];
}

function metadataStep(cluster: GkeInput["cluster"], { name, mode }: GkeInput["nodePools"][number]): Step {
  return {
    id: `node-pool-${name}`,
    title: `let node pool ${name} of GKE cluster ${cluster.name} give pods an identity of their own`,
    do: "google.metadata.enable",
    with: { cluster, nodePool: name, before: mode },
    undo: "auto",
    diff: [
      `- workload metadata: ${mode ?? "none"}`,
      "+ workload metadata: GKE_METADATA",
      "  ALL NODES of this pool are made anew, and every pod on them moves, not only those of this cluster;",
      "  pods there no longer have the identity of the node",
    ],
  };
}
