import type { StepOf } from "../domain/plan.ts";
import { KubeError, type KubeObject, type SecretObject, type WriteOptions } from "../ports.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { SECRET } from "../domain/resources.ts";
import { slots, type StepHandler, type Workshop } from "./handler.ts";
import { isOfThisRun, LABELS, RUN } from "./marks.ts";

export const createSecret: StepHandler<"secret.create"> = {
  preview: async ({ with: { namespace, name, keys } }, shop) => {
    await shop.kube.createSecret(namespace, name, content(keys, shop), { dryRun: true });
  },
  apply: async ({ with: { namespace, name, keys } }, shop) => {
    return ids(await shop.kube.createSecret(namespace, name, content(keys, shop), { dryRun: false }));
  },
  find: async ({ with: { namespace, name } }, shop) => {
    const secret = await current(namespace, name, shop);
    const annotations = secret?.metadata["annotations"] as Record<string, unknown> | undefined;
    return secret !== undefined && isOfThisRun(annotations, shop) ? ids({ metadata: secret.metadata }) : undefined;
  },
  undo: async ({ with: { namespace, name } }, { made }, { kube }) => {
    await kube.delete(SECRET, namespace, name, made["uid"] ?? "");
  },
};

/** Old values stay in memory for the undo; they are in no receipt. */
const before = new WeakMap<StepOf<"secret.patch">, SecretObject>();

export const patchSecret: StepHandler<"secret.patch"> = {
  preview: async (step, shop) => {
    await patch(step, shop, { dryRun: true });
  },
  apply: async (step, shop) => {
    before.set(step, await shop.kube.getSecret(step.with.namespace, step.with.name));
    return ids(await patch(step, shop, { dryRun: false }));
  },
  find: async ({ with: { namespace, name, keys, remove } }, shop) => {
    const secret = await current(namespace, name, shop);
    const wanted = slots(keys, shop.boxes);
    if (secret === undefined || remove.some((key) => secret.data[key] !== undefined)) return undefined;
    return keys.every((key) => same(secret.data[key], wanted[key])) ? ids({ metadata: secret.metadata }) : undefined;
  },
  undo: async (step, { made }, { kube }) => {
    const { namespace, name, keys, remove } = step.with;
    const old = before.get(step)?.data ?? {};
    const set: Record<string, Sensitive> = {};
    for (const key of [...keys, ...remove]) if (old[key] !== undefined) set[key] = old[key];
    const added = keys.filter((key) => old[key] === undefined);
    const change = { resourceVersion: made["resourceVersion"] ?? "", set, remove: added };
    await kube.patchSecret(namespace, name, change, { dryRun: false });
  },
};

function patch({ with: step }: StepOf<"secret.patch">, shop: Workshop, options: WriteOptions): Promise<KubeObject> {
  const { namespace, name, resourceVersion, keys, remove } = step;
  return shop.kube.patchSecret(namespace, name, { resourceVersion, set: slots(keys, shop.boxes), remove }, options);
}

function content(keys: readonly string[], { boxes, runId }: Workshop): Parameters<Workshop["kube"]["createSecret"]>[2] {
  return { data: slots(keys, boxes), labels: LABELS, annotations: { [RUN]: runId } };
}

async function current(namespace: string, name: string, { kube }: Workshop): Promise<SecretObject | undefined> {
  return kube.getSecret(namespace, name).catch((error: unknown) => {
    if (error instanceof KubeError && error.failure === "not-found") return undefined;
    throw error;
  });
}

function ids(object: KubeObject): Record<string, string> {
  const { uid, resourceVersion } = (object["metadata"] ?? {}) as { uid?: unknown; resourceVersion?: unknown };
  return { uid: String(uid), resourceVersion: String(resourceVersion) };
}

function same(a: Sensitive | undefined, b: Sensitive | undefined): boolean {
  return a !== undefined && b !== undefined && a.equals(b);
}
