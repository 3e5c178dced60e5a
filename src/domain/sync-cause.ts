import type { ExternalSecretFacts, SecretStoreFacts, SyncEvent } from "./external-secrets-facts.ts";
import { candidatesFor } from "./why/match.ts";

/** An event is written a moment before the condition that goes with it. */
const EVENT_BEFORE_CONDITION_MS = 5_000;

/**
 * What the provider said of the failure that lasts: the newest Warning since the condition became False. One from before
 * is of a failure that is over, and an API server forgets events after an hour.
 */
export function eventOf(
  kind: string,
  { name, ready }: Pick<ExternalSecretFacts | SecretStoreFacts, "name" | "ready">,
  events: readonly SyncEvent[],
): SyncEvent | undefined {
  if (ready === undefined || ready.status === "True") return undefined;
  const since = ready.since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(ready.since);
  return events
    .filter((one) => one.kind === kind && one.name === name && !TALK.has(one.reason))
    .filter(({ at }) => Date.parse(at) >= since - EVENT_BEFORE_CONDITION_MS)
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
}

/** Warnings that are about no failure: a provider that is no longer maintained, a parameter that is old. */
const TALK = new Set(["StoreUnmaintained", "StoreDeprecated", "ParameterDeprecated"]);

/** Causes of External Secrets that a text of its controller or of a provider points to, the likeliest first. */
export function syncCausesIn(text: string): string[] {
  const said = candidatesFor(`ExternalSecret: ${text}`);
  return said.map(({ cause }) => cause).filter((cause) => cause.startsWith("eso."));
}
