import { refOfExternalSecret } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts, SecretStoreFacts, SyncEvent } from "../../domain/external-secrets-facts.ts";
import { safeCommand, type Evidence, type Fix, type Ref, type Severity } from "../../domain/finding.ts";
import { eventEvidence } from "./store-use.ts";

/** How one ExternalSecret stands to its Secret. */
export interface Sync {
  readonly one: ExternalSecretFacts;
  readonly isMissing: boolean;
  readonly event: SyncEvent | undefined;
  readonly eventsRead: boolean;
  /** Causes that the event points to, the likeliest first. */
  readonly said: readonly string[];
  readonly stores: readonly SecretStoreFacts[];
  /** A store that it names is not there. */
  readonly lacksStore: boolean;
  readonly now: Date;
}

/** Without the Secret no pod starts; with it they go on with the values that it had. */
export function severityOf({ isMissing }: Pick<Sync, "isMissing">): Severity {
  return isMissing ? "critical" : "error";
}

/** What it comes to for the Secret. */
export function outcomeOf({ one, isMissing }: Pick<Sync, "one" | "isMissing">): string {
  return isMissing ? `Secret ${one.target} is not made` : `Secret ${one.target} keeps the values of its last sync`;
}

export function subjectOf({ one }: Pick<Sync, "one">): Ref {
  return refOfExternalSecret(one);
}

/** The condition, and what was said. */
export function syncEvidence({ one, event }: Pick<Sync, "one" | "event">): Evidence[] {
  const { ready, refreshTime } = one;
  return [
    ...(ready === undefined
      ? []
      : [{ label: "Ready", want: "True", has: `${ready.status}: ${ready.reason}, ${ready.message}` }]),
    ...eventEvidence(event),
    ...(refreshTime === undefined ? [] : [{ label: "last synced", has: refreshTime }]),
  ];
}

export function lookAt({ name, namespace }: ExternalSecretFacts): Fix {
  return safeCommand`kubectl describe externalsecret ${name} -n ${namespace}`;
}
