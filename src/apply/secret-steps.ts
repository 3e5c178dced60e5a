import type { StepOf } from "../domain/plan.ts";
import { KubeError, type KubeObject, type SecretObject, type WriteOptions } from "../ports.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { DATA_MARKER, dataMarker } from "../domain/values/data-marker.ts";
import { SECRET } from "../domain/resources.ts";
import { slots, type StepHandler, type Workshop } from "./handler.ts";

const RUN = "antfly-creds/run";
const LABELS = { "app.kubernetes.io/managed-by": "antfly-creds" };

export const createSecret: StepHandler<"secret.create"> = {
  preview: async (step, shop) => {
    await create(step, shop, { dryRun: true });
  },
  apply: async (step, shop) => ids(await create(step, shop, { dryRun: false })),
  find: async ({ with: { namespace, name } }, shop) => {
    const secret = await current(namespace, name, shop);
    return secret !== undefined && annotationsOf(secret)[RUN] === shop.runId
      ? ids({ metadata: secret.metadata })
      : undefined;
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
    const { namespace, name, keys, remove } = step.with;
    const old = await shop.kube.getSecret(namespace, name);
    before.set(step, old);
    const data = { ...old.data, ...slots(keys, shop.boxes) };
    const kept = Object.entries(data).filter(([key]) => !remove.includes(key));
    return ids(await patch(step, shop, { dryRun: false }, marked(namespace, name, Object.fromEntries(kept), shop)));
  },
  find: async ({ with: { namespace, name, keys, remove } }, shop) => {
    const secret = await current(namespace, name, shop);
    const wanted = slots(keys, shop.boxes);
    if (secret === undefined || remove.some((key) => secret.data[key] !== undefined)) return undefined;
    return keys.every((key) => same(secret.data[key], wanted[key])) ? ids({ metadata: secret.metadata }) : undefined;
  },
  undo: async (step, { made }, { kube }) => {
    const { namespace, name, keys, remove } = step.with;
    const secret = before.get(step);
    const old = secret?.data ?? {};
    const set: Record<string, Sensitive> = {};
    for (const key of [...keys, ...remove]) if (old[key] !== undefined) set[key] = old[key];
    const added = keys.filter((key) => old[key] === undefined);
    const annotations = { [DATA_MARKER]: (secret && annotationsOf(secret)[DATA_MARKER]) ?? null };
    const change = { resourceVersion: made["resourceVersion"] ?? "", set, remove: added, annotations };
    await kube.patchSecret(namespace, name, change, { dryRun: false });
  },
};

function create(
  { with: { namespace, name, keys } }: StepOf<"secret.create">,
  shop: Workshop,
  options: WriteOptions,
): Promise<KubeObject> {
  const data = slots(keys, shop.boxes);
  const annotations = { [RUN]: shop.runId, ...marked(namespace, name, data, shop) };
  return shop.kube.createSecret(namespace, name, { data, labels: LABELS, annotations }, options);
}

function patch(
  { with: step }: StepOf<"secret.patch">,
  shop: Workshop,
  options: WriteOptions,
  annotations: Readonly<Record<string, string>> = {},
): Promise<KubeObject> {
  const { namespace, name, resourceVersion, keys, remove } = step;
  const change = { resourceVersion, set: slots(keys, shop.boxes), remove, annotations };
  return shop.kube.patchSecret(namespace, name, change, options);
}

/** Tells later how old the values are, which the Secret itself does not say. */
function marked(
  namespace: string,
  name: string,
  data: Readonly<Record<string, Sensitive>>,
  { app }: Workshop,
): Record<string, string> {
  const bytes = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value.reveal()]));
  return { [DATA_MARKER]: dataMarker(`${namespace}/${name}`, bytes, app.now()) };
}

function annotationsOf({ metadata }: SecretObject): Readonly<Record<string, string | undefined>> {
  return (metadata["annotations"] ?? {}) as Readonly<Record<string, string | undefined>>;
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
