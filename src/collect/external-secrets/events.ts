import * as z from "zod/mini";

import type { ExternalSecretFacts, SecretStoreFacts, SyncEvent } from "../../domain/external-secrets-facts.ts";
import { LIST_EVENTS } from "../../domain/external-secrets-grants.ts";
import { known, valueOf, type Origin } from "../../domain/known.ts";
import { EVENT } from "../../domain/resources.ts";
import { conceal } from "../../domain/why/conceal.ts";
import { defineCollector, toKnown } from "../collector.ts";
import { once, text } from "../objects/schemas.ts";

const ORIGIN: Origin = { via: "kube", ref: "events of the ExternalSecrets" };
const WARNINGS = "type=Warning";

const event = once(() =>
  z.object({
    reason: z.nullish(text),
    message: z.nullish(text),
    lastTimestamp: z.nullish(text),
    eventTime: z.nullish(text),
    metadata: z.nullish(z.object({ creationTimestamp: z.nullish(text) })),
    series: z.nullish(z.object({ lastObservedTime: z.nullish(text) })),
    involvedObject: z.nullish(z.object({ kind: z.nullish(text), name: z.nullish(text) })),
  }),
);

/** What the provider said: the condition of an ExternalSecret has a general sentence only. Not asked where all is well. */
export const syncEventsCollector = defineCollector({
  gives: "syncEvents",
  needs: ["externalSecrets"],
  wants: ["secretStores"],
  collect: ({ externalSecrets }, { reader, namespace }, { secretStores }) => {
    const stores = (secretStores && valueOf(secretStores)?.stores) ?? [];
    const ailing = [
      ...externalSecrets.filter(isAiling).map(({ name }) => `ExternalSecret ${name}`),
      ...stores.filter(isAiling).map(({ kind, name }) => `${kind} ${name}`),
    ];
    if (ailing.length === 0) return Promise.resolve(known([], ORIGIN));
    return toKnown(ORIGIN.ref, LIST_EVENTS, async () => {
      const list = await reader.list(EVENT, namespace, { fieldSelector: WARNINGS });
      const mine = list.map(parse).filter(({ kind, name }) => ailing.includes(`${kind} ${name}`));
      return known(newest(mine), ORIGIN);
    });
  },
});

/** Its condition says that something is wrong; one that was never looked at has none. */
export function isAiling({ ready }: Pick<ExternalSecretFacts | SecretStoreFacts, "ready">): boolean {
  return ready !== undefined && ready.status !== "True";
}

function parse(object: unknown): SyncEvent {
  const { reason, message, lastTimestamp, eventTime, metadata, series, involvedObject } = z.parse(event(), object);
  const at = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? "";
  return {
    kind: involvedObject?.kind ?? "",
    name: involvedObject?.name ?? "",
    reason: reason ?? "",
    message: conceal(message ?? ""),
    at,
  };
}

function newest(events: readonly SyncEvent[]): SyncEvent[] {
  const last = new Map<string, SyncEvent>();
  for (const one of events) {
    const key = `${one.kind} ${one.name} ${one.reason}`;
    const other = last.get(key);
    if (other === undefined || Date.parse(other.at) <= Date.parse(one.at)) last.set(key, one);
  }
  return [...last.values()];
}
