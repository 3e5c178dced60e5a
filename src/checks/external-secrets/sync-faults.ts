import { forceSync } from "../../domain/external-secrets.ts";
import type { SecretStoreFacts } from "../../domain/external-secrets-facts.ts";
import { finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { STORE_CAUSES } from "./store-causes.ts";
import { lookAt, outcomeOf, severityOf, subjectOf, syncEvidence, type Sync } from "./sync.ts";

/** The controller looks at a new object at once. */
const LOOKED_AT_MS = 60_000;
/** Told by the check of the stores, and better. */
const OF_STORES: ReadonlySet<string> = new Set(STORE_CAUSES);

/** It could not sync, and no more is known than what was said. */
export function syncFault(sync: Sync): Finding[] | undefined {
  const { one, event, said, stores } = sync;
  if (one.uid === undefined) return undefined;
  if (one.ready === undefined) return sync.isMissing ? [notLookedAt(sync)] : undefined;
  if (one.ready.status === "True") return undefined;
  const ofStore = sync.lacksStore || stores.some(isAiling) || said.some((cause) => OF_STORES.has(cause));
  const explainedBy = said.includes("eso.decoding") ? (["ANT0504"] as const) : ofStore ? (["ANT0502"] as const) : [];
  const why =
    event === undefined
      ? `${one.ready.message || one.ready.reason}; ${sync.eventsRead ? "the event with the provider's words is gone" : "its events, which have the provider's words, could not be read"}`
      : event.message;
  const message = `ExternalSecret ${one.name} is not synced (${why}): ${outcomeOf(sync)}`;
  return [
    finding("eso.sync-error", severityOf(sync), subjectOf(sync), message, {
      evidence: syncEvidence(sync),
      fixes: [forceSync(one), lookAt(one)],
      transient: true,
      explainedBy,
    }),
  ];
}

function isAiling({ ready }: SecretStoreFacts): boolean {
  return ready !== undefined && ready.status !== "True";
}

function notLookedAt(sync: Sync): Finding {
  const { one, now } = sync;
  const age = one.createdAt === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(one.createdAt);
  const isNew = age < LOOKED_AT_MS;
  const message = isNew
    ? `ExternalSecret ${one.name} was just made, and nobody has looked at it yet: ${outcomeOf(sync)}`
    : `Nobody has looked at ExternalSecret ${one.name}: is the controller of External Secrets running, and is the store its own? ${outcomeOf(sync)}`;
  return finding("eso.sync-error", "critical", subjectOf(sync), message, {
    evidence: [{ label: "status", want: "a condition Ready", has: "none" }],
    fixes: [safeCommand`kubectl get pods -A -l app.kubernetes.io/name=external-secrets`, lookAt(one)],
    transient: true,
  });
}
