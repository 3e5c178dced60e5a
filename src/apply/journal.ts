import type { Plan } from "../domain/plan.ts";
import { CONFIG_MAP } from "../domain/resources.ts";
import type { KubeObject } from "../ports.ts";
import type { StepHandler, Workshop } from "./handler.ts";
import { isOfThisRun, LABELS, RUN } from "./marks.ts";

/** The note of what a run is about to do, while it does it: a ConfigMap in the cluster's namespace. */
export interface Journal {
  /** All of it was done, or all of it was taken back. */
  close(): Promise<void>;
}

/**
 * Writes down what is intended before anything is done: after a kill nothing else would tell of what is there and serves
 * nobody. It holds ids and names, never a secret.
 */
export async function openJournal(plan: Plan, name: string, shop: Workshop): Promise<Journal> {
  const { namespace } = plan.target;
  const data = {
    run: shop.runId,
    startedAt: shop.app.now().toISOString(),
    steps: JSON.stringify(plan.steps.map(({ title, do: kind, with: told }) => ({ title, do: kind, ...named(told) }))),
  };
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: LABELS, annotations: { [RUN]: shop.runId } },
    data,
  };
  const { kube } = shop;
  const made = await kube
    .apply(CONFIG_MAP, namespace, name, object, { dryRun: false })
    .catch(async (error: unknown) => {
      // It may be there although no answer came.
      await removeOwn(namespace, name, shop).catch(() => {});
      throw error;
    });
  return { close: () => kube.delete(CONFIG_MAP, namespace, name, uidOf(made)) };
}

async function removeOwn(namespace: string, name: string, shop: Workshop): Promise<void> {
  const note = await shop.kube.get(CONFIG_MAP, namespace, name);
  const { annotations } = (note["metadata"] ?? {}) as { annotations?: Record<string, unknown> };
  if (isOfThisRun(annotations, shop)) await shop.kube.delete(CONFIG_MAP, namespace, name, uidOf(note));
}

function uidOf(object: KubeObject): string {
  return String((object["metadata"] as { uid?: unknown } | undefined)?.uid);
}

export const removeJournal: StepHandler<"journal.remove"> = {
  preview: () => Promise.resolve(),
  apply: async ({ with: { namespace, name, uid } }, { kube }) => {
    await kube.delete(CONFIG_MAP, namespace, name, uid);
    return { name };
  },
  find: () => Promise.resolve(undefined),
  undo: () => Promise.reject(new Error("the note cannot be written again")),
};

/** What names an object in a cloud. */
const NAMES: ReadonlySet<string> = new Set([
  "arn",
  "role",
  "policy",
  "clientId",
  "cluster",
  "nodePool",
  "email",
  "account",
  "project",
  "bucket",
  "member",
]);

function named(told: object): object {
  return Object.fromEntries(Object.entries(told).filter(([key]) => NAMES.has(key)));
}
