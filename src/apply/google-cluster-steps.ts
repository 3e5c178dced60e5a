import type { StepOf } from "../domain/plan.ts";
import { assertAsPlanned, FOUND_WITHIN_MS, lookUntil } from "./cloud-look.ts";
import { googleOf, type StepHandler, type Workshop } from "./handler.ts";

const GIVEN = "GKE_METADATA";

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
  find: (step, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () =>
      (await poolOf(step, shop)) === step.with.pool
        ? { cluster: step.with.cluster.name, pool: step.with.pool }
        : undefined,
    ),
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
  find: (step, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () =>
      (await modeOf(step, shop)) === GIVEN ? { nodePool: step.with.nodePool } : undefined,
    ),
  // Nothing sets it back to none, which is the same.
  undo: async ({ with: { cluster, nodePool } }, _, shop) => {
    await googleOf(shop).setMetadataMode(cluster, nodePool, "GCE_METADATA");
  },
};

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
