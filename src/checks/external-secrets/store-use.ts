import { whereOwned } from "../../domain/external-secrets.ts";
import type {
  ExternalSecretFacts,
  SecretStoreFacts,
  StoreRef,
  SyncEvent,
} from "../../domain/external-secrets-facts.ts";
import { command, edit, safeCommand, type Evidence, type Fix, type Ref } from "../../domain/finding.ts";

/** An ExternalSecret, a store that it names, and what was said when it last failed. */
export interface StoreUse {
  readonly one: ExternalSecretFacts;
  readonly ref: StoreRef;
  readonly store: SecretStoreFacts;
  readonly event: SyncEvent | undefined;
  /** Causes that the event points to. */
  readonly said: readonly string[];
}

export function refOfStore({ kind, namespace, name }: SecretStoreFacts): Ref {
  return { kind, ...(namespace === undefined ? {} : { namespace }), name };
}

export function describeStore(store: Pick<SecretStoreFacts, "kind" | "name">): string {
  return `${store.kind} ${store.name}`;
}

/** Says what to change in a store, and opens it where nobody would undo that. */
export function editStore({ kind, name, namespace, owner }: SecretStoreFacts, what: string): Fix[] {
  const words = edit(`${what}${whereOwned(owner)}`);
  if (owner !== undefined) return [words];
  const place = namespace === undefined ? [] : ["-n", namespace];
  return [words, command`kubectl edit ${kind.toLowerCase()} ${name} ${place}`];
}

export function lookAtStore({ kind, name, namespace }: SecretStoreFacts): Fix {
  return safeCommand`kubectl describe ${kind.toLowerCase()} ${name} ${namespace === undefined ? [] : ["-n", namespace]}`;
}

/** What the controller wrote, with the provider's own words. */
export function eventEvidence(event: SyncEvent | undefined): Evidence[] {
  return event === undefined ? [] : [{ label: `event ${event.reason}`, has: event.message }];
}
