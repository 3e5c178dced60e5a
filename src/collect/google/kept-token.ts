import type { GoogleIdentityFacts } from "../../domain/google-facts.ts";
import type { Sensitive } from "../../domain/sensitive.ts";

/** The workload's token, beside the facts that came of it: facts hold no credentials, and the probe goes on with it. */
const kept = new WeakMap<GoogleIdentityFacts, Sensitive>();

export function keepGoogleToken(facts: GoogleIdentityFacts, token: Sensitive): void {
  kept.set(facts, token);
}

/** Undefined where Google gave none, and in facts that were saved. */
export function keptGoogleToken(facts: GoogleIdentityFacts): Sensitive | undefined {
  return kept.get(facts);
}
