import type { OperatorFacts } from "../server-facts.ts";
import type { Severity } from "../finding.ts";
import type { Policy } from "../policy.ts";
import { isGoogleInPlay, type InPlay } from "./in-play.ts";

/** What decides how much hangs on the identity that Google gives the pods. */
export interface GoogleUse extends InPlay {
  readonly operator: OperatorFacts | undefined;
}

/**
 * Generation 3 reaches a bucket as its pods where a connection with the protocol `gcs` has credentials of source `default`;
 * earlier ones know no connections and ask no metadata server (operator facts, 7.1). Who has said that the identity is
 * for something else relies on it all the same.
 */
export function googleReliance(
  { googleAims = [], operator }: GoogleUse,
  { identityOnly }: Pick<Policy, "identityOnly">,
): "all" | "maybe" | "none" {
  if (identityOnly) return "all";
  const asPods = googleAims.some(({ connection, source }) => connection !== undefined && source === "default");
  if (!asPods || operator?.generation === 1 || operator?.generation === 2) return "none";
  return operator?.generation === 3 ? "all" : "maybe";
}

/** A required check of the identity is so where the pods are meant to have one, and something of theirs needs it. */
export function reliesOnGoogle(use: GoogleUse, policy: Pick<Policy, "identityOnly">): boolean {
  return isGoogleInPlay(use) && googleReliance(use, policy) !== "none";
}

/** How grave it is that the identity cannot be had. */
export function withoutGoogle(use: GoogleUse, policy: Pick<Policy, "identityOnly">): Severity {
  return googleReliance(use, policy) === "all" ? "critical" : "warning";
}
