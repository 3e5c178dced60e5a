import type { GkeName } from "../domain/google-facts.ts";
import type { StepOf } from "../domain/plan.ts";
import type { GkeCluster } from "../ports.ts";
import { assertAsPlanned, lookUntil } from "./cloud-look.ts";
import { googleOf, type StepHandler, type Workshop } from "./handler.ts";

const GIVEN = "GKE_METADATA";
/** After a call without an answer: how long a change that is under way is waited for. */
const SETTLED_WITHIN_MS = 120_000;

/** The client waits until the cluster has changed, which takes minutes. */
export const enablePool: StepHandler<"google.pool.enable"> = {
  preview: async (step, shop) => {
    assertAsPlanned(
      (await poolOf(step, shop)) === undefined,
      `the workload pool of GKE cluster ${step.with.cluster.name}`,
    );
  },
  previewAgain: true,
  apply: async ({ with: { cluster, pool } }, shop) => {
    await googleOf(shop).setWorkloadPool(cluster, pool);
    return { cluster: cluster.name, pool };
  },
  find: async ({ with: { cluster, pool } }, shop) => {
    const { workloadPool } = await settled(cluster, shop);
    return workloadPool === pool ? { cluster: cluster.name, pool } : undefined;
  },
  undo: async ({ with: { cluster } }, _, shop) => {
    await googleOf(shop).setWorkloadPool(cluster, "");
  },
};

export const enableMetadata: StepHandler<"google.metadata.enable"> = {
  preview: async (step, shop) => {
    const { nodePool, before } = step.with;
    assertAsPlanned((await modeOf(step, shop)) === before, `node pool ${nodePool}`);
  },
  previewAgain: true,
  apply: async ({ with: { cluster, nodePool } }, shop) => {
    await googleOf(shop).setMetadataMode(cluster, nodePool, GIVEN);
    return { nodePool };
  },
  find: async ({ with: { cluster, nodePool } }, shop) => {
    const { nodePools } = await settled(cluster, shop);
    return nodePools.find(({ name }) => name === nodePool)?.metadataMode === GIVEN ? { nodePool } : undefined;
  },
  // Nothing sets it back to none, which is the same.
  undo: async ({ with: { cluster, nodePool } }, _, shop) => {
    await googleOf(shop).setMetadataMode(cluster, nodePool, "GCE_METADATA");
  },
};

/**
 * The cluster once nothing is at work on it.
 * @throws Error when that takes long: what the call began may come to its end, or not
 */
async function settled(cluster: GkeName, shop: Workshop): Promise<GkeCluster> {
  const found = await lookUntil(shop, SETTLED_WITHIN_MS, async () => {
    const now = await googleOf(shop).getCluster(cluster);
    return isAtRest(now) ? now : undefined;
  });
  if (found === undefined) throw new Error(`GKE cluster ${cluster.name} is still being changed`);
  return found;
}

function isAtRest({ status, nodePools }: GkeCluster): boolean {
  return status !== "RECONCILING" && nodePools.every((one) => one.status !== "RECONCILING");
}

async function poolOf(
  { with: { cluster } }: StepOf<"google.pool.enable">,
  shop: Workshop,
): Promise<string | undefined> {
  return (await googleOf(shop).getCluster(cluster)).workloadPool;
}

/** Undefined also where there is no such pool. */
async function modeOf(
  { with: { cluster, nodePool } }: StepOf<"google.metadata.enable">,
  shop: Workshop,
): Promise<string | undefined> {
  const { nodePools } = await googleOf(shop).getCluster(cluster);
  return nodePools.find(({ name }) => name === nodePool)?.metadataMode;
}
