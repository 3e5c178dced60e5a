import { CloudError, type Google, type ObjectStore } from "../../ports.ts";

/**
 * Whether what is written to the bucket cannot be removed for a while. Asked as the workload, which most roles do not let
 * look at the bucket, and then with the tool's own identity. What nobody tells is taken for no: a probe that stays is
 * named.
 */
export async function isRetained(google: Google, store: ObjectStore, bucket: string): Promise<boolean> {
  const asWorkload = await orUntold(() => store.objectLock());
  return asWorkload ?? (await orUntold(async () => (await google.getBucket(bucket)).retained)) ?? false;
}

async function orUntold(ask: () => Promise<boolean>): Promise<boolean | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CloudError) return undefined;
    throw error;
  }
}
