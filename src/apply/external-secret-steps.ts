import { interrupted, UserError } from "../domain/errors.ts";
import { syncOf, type Sync } from "../domain/external-secret-sync.ts";
import type { StepOf } from "../domain/plan.ts";
import { EVENT } from "../domain/resources.ts";
import { shell } from "../domain/shell.ts";
import { sentenceList } from "../domain/text.ts";
import { KubeError, type KubeObject } from "../ports.ts";
import type { StepHandler, Workshop } from "./handler.ts";

type Wait = StepOf<"external-secret.wait">;

const PAUSE_MS = 1_000;
/** An event is written a moment after the condition that it explains. */
const EVENT_MS = 3_000;
/** The operator looks again at once, and tries again after a second or two. */
const STALE_MS = 6_000;

/** Looks until the operator has written the Secret, and no longer than it takes the operator to say that it cannot. */
export const waitForExternalSecret: StepHandler<"external-secret.wait"> = {
  looksOnly: true,
  preview: () => Promise.resolve(),
  apply: (step, shop) => shop.app.terminal.during("waiting for External Secrets", () => untilWritten(step, shop)),
  find: () => Promise.resolve(undefined),
  undo: () => Promise.resolve(),
};

async function untilWritten(step: Wait, shop: Workshop): Promise<Record<string, string>> {
  const { waitMs, mayBeOld, namespace, secret } = step.with;
  const startedAt = shop.app.now().getTime();
  for (;;) {
    if (shop.app.signal.aborted) throw interrupted("interrupted while External Secrets was at work");
    const sync = await look(step, shop);
    if (sync.state === "synced") return { secret: `${namespace}/${secret}` };
    const elapsed = shop.app.now().getTime() - startedAt;
    const patience = Math.max(mayBeOld ? STALE_MS : 0, sync.state === "failed" && !sync.hasEvent ? EVENT_MS : 0);
    if (elapsed >= waitMs || (sync.state === "failed" && elapsed >= patience)) throw notWritten(step, sync, shop);
    await shop.app.sleep(Math.min(PAUSE_MS, waitMs - elapsed));
  }
}

/** What cannot be read now may be the next time; what may not be read never will. */
async function look({ with: step }: Wait, { kube }: Workshop): Promise<Sync> {
  const { type, namespace, name, store, secret, keys } = step;
  try {
    const externalSecret = await kube.get(type, namespace, name);
    const place = store.type.kind === "ClusterSecretStore" ? undefined : namespace;
    const itsStore = await orNothing(kube.get(store.type, place, store.name));
    const events = (
      await Promise.all(
        [name, store.name].map((about) =>
          orNothing(kube.list(EVENT, namespace, { fieldSelector: `involvedObject.name=${about}` })),
        ),
      )
    ).flatMap((found: readonly KubeObject[] | undefined) => found ?? []);
    const sync = syncOf(externalSecret, itsStore, events);
    if (sync.state !== "synced") return sync;
    const { data } = await kube.getSecret(namespace, secret);
    const missing = keys.filter((key) => data[key] === undefined);
    return missing.length === 0
      ? sync
      : { state: "pending", why: `Secret ${namespace}/${secret} has no ${sentenceList(missing)}` };
  } catch (error) {
    if (!(error instanceof KubeError) || error.failure === "forbidden" || error.failure === "unauthorized") throw error;
    return { state: "pending", why: error.message };
  }
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof KubeError) return undefined;
    throw error;
  });
}

function notWritten({ with: { type, namespace, name, waitMs } }: Wait, sync: Sync, shop: Workshop): UserError {
  const describe = shell`kubectl describe ${type.kind.toLowerCase()} ${name} -n ${namespace} ${shop.kube.flags}`;
  if (sync.state === "failed") {
    return new UserError("not-synced", sync.what, { hint: shop.hintFor?.(sync.words) ?? describe });
  }
  const why = sync.state === "pending" ? sync.why : "";
  return new UserError(
    "not-synced",
    `External Secrets has not synced ExternalSecret ${namespace}/${name} within ${waitMs / 1_000} s: ${why}`,
    { hint: shell`does it run? kubectl get pods -A -l app.kubernetes.io/name=external-secrets ${shop.kube.flags}` },
  );
}
