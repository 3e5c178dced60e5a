import { UserError } from "../domain/errors.ts";
import type { StepOf } from "../domain/plan.ts";
import { SERVICE_ACCOUNT } from "../domain/resources.ts";
import { KubeError, type KubeObject, type WriteOptions } from "../ports.ts";
import type { StepHandler, Workshop } from "./handler.ts";
import { RUN } from "./marks.ts";

type ApplyAccount = StepOf<"service-account.apply">;

/** By server-side apply: an annotation that another manager owns is a conflict, and stays as it is. */
export const applyAccount: StepHandler<"service-account.apply"> = {
  preview: async (step, shop) => {
    await assertPlanned(step, shop);
    await applied(step, shop, { dryRun: true });
  },
  previewAgain: true,
  apply: async (step, shop) => ids(await applied(step, shop, { dryRun: false })),
  find: async (step, shop) => {
    const object = await current(step, shop);
    const has = annotationsOf(object);
    const run = step.with.uid === undefined ? { [RUN]: shop.runId } : {};
    const there = Object.entries({ ...step.with.annotations, ...run }).every(([key, value]) => has[key] === value);
    return object !== undefined && there ? ids(object) : undefined;
  },
  undo: async (step, { made }, { kube }) => {
    const { namespace, name, uid, labels, before } = step.with;
    if (uid === undefined) return kube.delete(SERVICE_ACCOUNT, namespace, name, made["uid"] ?? "");
    // What is applied no longer is removed, where nobody else owns it.
    const object = manifest(step, { labels, annotations: before });
    await kube.apply(SERVICE_ACCOUNT, namespace, name, object, { dryRun: false });
    return undefined;
  },
};

/** @throws UserError for what another manager owns, who would write it again */
async function applied(step: ApplyAccount, shop: Workshop, options: WriteOptions): Promise<KubeObject> {
  const { namespace, name } = step.with;
  try {
    return await shop.kube.apply(SERVICE_ACCOUNT, namespace, name, wanted(step, shop), options);
  } catch (error) {
    if (!(error instanceof KubeError) || error.failure !== "conflict") throw error;
    throw new UserError("owned", `ServiceAccount ${namespace}/${name} is not changed: ${error.message}`, {
      hint: "change it where it comes from, with the manifest that --write-to DIR writes",
    });
  }
}

/** Apply would make one that is missing, and take over one that somebody has made meanwhile. */
async function assertPlanned(step: ApplyAccount, shop: Workshop): Promise<void> {
  const { namespace, name, uid, before, annotations } = step.with;
  const object = await current(step, shop);
  const has = annotationsOf(object);
  const same =
    (object === undefined ? undefined : ids(object)["uid"]) === uid &&
    (uid === undefined || Object.keys(annotations).every((key) => has[key] === before[key]));
  if (same) return;
  throw new UserError("stale", `ServiceAccount ${namespace}/${name} has changed since it was read`, {
    hint: "run the command again",
  });
}

function wanted(step: ApplyAccount, { runId }: Workshop): KubeObject {
  const { uid, labels, annotations } = step.with;
  const run = uid === undefined ? { [RUN]: runId } : {};
  return manifest(step, { labels, annotations: { ...annotations, ...run } });
}

/** What is empty is left out: to say nothing of a map, and to say that it is empty, is not the same everywhere. */
function manifest(
  { with: { namespace, name, pullSecrets: secrets } }: ApplyAccount,
  { labels, annotations }: Readonly<Record<"labels" | "annotations", Readonly<Record<string, string>>>>,
): KubeObject {
  const metadata = {
    name,
    namespace,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  const pulls = secrets.length === 0 ? {} : { imagePullSecrets: secrets.map((secret) => ({ name: secret })) };
  return { apiVersion: "v1", kind: "ServiceAccount", metadata, ...pulls };
}

async function current(
  { with: { namespace, name } }: ApplyAccount,
  { kube }: Workshop,
): Promise<KubeObject | undefined> {
  return kube.get(SERVICE_ACCOUNT, namespace, name).catch((error: unknown) => {
    if (error instanceof KubeError && error.failure === "not-found") return undefined;
    throw error;
  });
}

function annotationsOf(object: KubeObject | undefined): Readonly<Record<string, unknown>> {
  const metadata = object?.["metadata"] as { annotations?: Record<string, unknown> } | undefined;
  return metadata?.annotations ?? {};
}

function ids(object: KubeObject): Record<string, string> {
  return { uid: String((object["metadata"] as { uid?: unknown } | undefined)?.uid) };
}
