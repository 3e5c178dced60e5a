import { sameJson } from "../domain/json.ts";
import type { StepOf } from "../domain/plan.ts";
import {
  ANTFLY_BACKUP,
  ANTFLY_CLUSTER,
  ANTFLY_RESTORE,
  SERVICE_ACCOUNT,
  type ResourceType,
} from "../domain/resources.ts";
import type { KubeObject } from "../ports.ts";
import type { StepHandler } from "./handler.ts";

type PatchKind = "cluster.patch" | "backup.patch" | "service-account.patch";

/** A JSON patch, which tests itself what it was planned from, and its inverse. */
function patchHandler<K extends PatchKind>(typeOf: (step: StepOf<K>) => ResourceType): StepHandler<K> {
  return {
    preview: async (step, { kube }) => {
      const { namespace, name, operations } = step.with;
      await kube.patch(typeOf(step), namespace, name, operations, { dryRun: true });
    },
    apply: async (step, { kube }) => {
      const { namespace, name, operations } = step.with;
      return made(await kube.patch(typeOf(step), namespace, name, operations, { dryRun: false }));
    },
    find: async (step, { kube }) => {
      const object = await kube.get(typeOf(step), step.with.namespace, step.with.name);
      const written = step.with.operations.filter(({ op }) => op === "add" || op === "remove");
      // What was removed has no value.
      return written.every(({ path, value }) => sameJson(at(object, path), value)) ? made(object) : undefined;
    },
    undo: async (step, _, { kube }) => {
      const { namespace, name, inverse } = step.with;
      await kube.patch(typeOf(step), namespace, name, inverse, { dryRun: false });
    },
  };
}

export const patchAccount = patchHandler<"service-account.patch">(() => SERVICE_ACCOUNT);

export const patchCluster = patchHandler<"cluster.patch">(() => ANTFLY_CLUSTER);

export const patchBackup = patchHandler<"backup.patch">(({ with: { kind } }) =>
  kind === "AntflyBackup" ? ANTFLY_BACKUP : ANTFLY_RESTORE,
);

function made(object: KubeObject): Record<string, string> {
  const { uid, generation } = (object["metadata"] ?? {}) as { uid?: unknown; generation?: unknown };
  return { uid: String(uid), generation: String(generation) };
}

/** The value at a JSON pointer without list indexes. */
function at(object: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, name) => (value as KubeObject | undefined)?.[name], object);
}
