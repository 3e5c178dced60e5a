import { UserError } from "../domain/errors.ts";
import { sameJson } from "../domain/json.ts";
import type { StepOf } from "../domain/plan.ts";
import { apiVersionOf } from "../domain/resources.ts";
import { shell } from "../domain/shell.ts";
import { KubeError, type KubeObject, type WriteOptions } from "../ports.ts";
import type { StepHandler, Workshop } from "./handler.ts";
import { isOfThisRun, LABELS, RUN } from "./marks.ts";

type ApplyObject = StepOf<"object.apply">;

/** By server-side apply: a field that another manager owns is a conflict, and stays as it is. */
export const applyObject: StepHandler<"object.apply"> = {
  preview: async (step, shop) => {
    await assertPlanned(step, shop);
    await applied(step, step.with.spec, shop, { dryRun: true });
  },
  previewAgain: true,
  apply: async (step, shop) => ids(await applied(step, step.with.spec, shop, { dryRun: false })),
  find: async (step, shop) => {
    const object = await current(step, shop);
    if (object === undefined) return undefined;
    const { annotations } = (object["metadata"] ?? {}) as { annotations?: Record<string, unknown> };
    const ours =
      step.with.existing === undefined ? isOfThisRun(annotations, shop) : sameJson(object["spec"], step.with.spec);
    return ours ? ids(object) : undefined;
  },
  undo: async (step, { made }, shop) => {
    const { type, namespace, name, existing, owns } = step.with;
    if (existing === undefined) {
      await shop.kube.delete(type, namespace, name, made["uid"] ?? "");
      return owns === undefined ? undefined : `with it goes ${owns}`;
    }
    await applied(step, existing.spec, shop, { dryRun: false });
    return undefined;
  },
};

/** @throws UserError for what another manager owns, and for what the operator's webhook refuses */
async function applied(
  step: ApplyObject,
  spec: Readonly<Record<string, unknown>>,
  shop: Workshop,
  options: WriteOptions,
): Promise<KubeObject> {
  const { type, namespace, name } = step.with;
  try {
    return await shop.kube.apply(type, namespace, name, manifest(step, spec, shop), options);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const place = `${type.kind} ${namespace}/${name}`;
    if (error.failure === "conflict") {
      throw new UserError("owned", `${place} is not changed: ${error.message}`, {
        hint: shell`change it where it comes from, with the manifest that --write-to DIR writes; its managers: kubectl get ${type.kind.toLowerCase()} ${name} -n ${namespace} ${shop.kube.flags} --show-managed-fields -o yaml`,
      });
    }
    // A webhook refuses with 403, as if it were a matter of rights.
    if (!/admission webhook "[^"]*" denied the request|failed calling webhook/.test(error.message)) throw error;
    const hint = shop.hintFor?.(error.message);
    throw new UserError("refused", `${place} is refused: ${error.message}`, hint === undefined ? {} : { hint });
  }
}

/** Apply would make one that is missing, and take over one that somebody has made meanwhile. */
async function assertPlanned(step: ApplyObject, shop: Workshop): Promise<void> {
  const { type, namespace, name, existing } = step.with;
  const object = await current(step, shop);
  const same =
    existing === undefined
      ? object === undefined
      : object !== undefined &&
        ids(object)["uid"] === existing.uid &&
        ids(object)["generation"] === String(existing.generation);
  if (same) return;
  throw new UserError("stale", `${type.kind} ${namespace}/${name} has changed since it was read`, {
    hint: "run the command again",
  });
}

/** Marks are put on what this tool makes; on what somebody else made they stay off. */
function manifest(
  { with: { type, namespace, name, existing } }: ApplyObject,
  spec: Readonly<Record<string, unknown>>,
  { runId }: Workshop,
): KubeObject {
  const labels = existing?.own === false ? {} : { labels: LABELS };
  const annotations = existing === undefined ? { annotations: { [RUN]: runId } } : {};
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: { name, namespace, ...labels, ...annotations },
    spec,
  };
}

async function current(
  { with: { type, namespace, name } }: ApplyObject,
  { kube }: Workshop,
): Promise<KubeObject | undefined> {
  return kube.get(type, namespace, name).catch((error: unknown) => {
    if (error instanceof KubeError && error.failure === "not-found") return undefined;
    throw error;
  });
}

function ids(object: KubeObject): Record<string, string> {
  const { uid, generation } = (object["metadata"] ?? {}) as { uid?: unknown; generation?: unknown };
  return { uid: String(uid), generation: String(generation) };
}
