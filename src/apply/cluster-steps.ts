import { ANTFLY_CLUSTER } from "../domain/resources.ts";
import type { KubeObject } from "../ports.ts";
import type { StepHandler } from "./handler.ts";

export const patchCluster: StepHandler<"cluster.patch"> = {
  preview: async ({ with: { namespace, name, operations } }, { kube }) => {
    await kube.patch(ANTFLY_CLUSTER, namespace, name, operations, { dryRun: true });
  },
  apply: async ({ with: { namespace, name, operations } }, { kube }) => {
    return made(await kube.patch(ANTFLY_CLUSTER, namespace, name, operations, { dryRun: false }));
  },
  find: async ({ with: { namespace, name, operations } }, { kube }) => {
    const object = await kube.get(ANTFLY_CLUSTER, namespace, name);
    const written = operations.filter((operation) => operation.op === "add");
    const there = written.every(({ path, value }) => JSON.stringify(at(object, path)) === JSON.stringify(value));
    return there ? made(object) : undefined;
  },
  undo: async ({ with: { namespace, name, inverse } }, _, { kube }) => {
    await kube.patch(ANTFLY_CLUSTER, namespace, name, inverse, { dryRun: false });
  },
};

function made(object: KubeObject): Record<string, string> {
  const { uid, generation } = (object["metadata"] ?? {}) as { uid?: unknown; generation?: unknown };
  return { uid: String(uid), generation: String(generation) };
}

/** The value at a JSON pointer of plain names. */
function at(object: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>((value, name) => (value as KubeObject | undefined)?.[name], object);
}
