import type { StaticKeyFacts, WebIdentityFacts } from "../../domain/aws-facts.ts";
import type { StoreQuestion } from "./recipe.ts";

/**
 * The questions, with the credentials that sign them, beside the facts that came of them: facts hold no credentials, and
 * the probe goes on with those. One a bucket, in the order of the facts' `stores` where these were asked.
 */
const kept = new WeakMap<StaticKeyFacts | WebIdentityFacts, readonly StoreQuestion[]>();

export function keepQuestions(facts: StaticKeyFacts | WebIdentityFacts, questions: readonly StoreQuestion[]): void {
  kept.set(facts, questions);
}

export function keptQuestions(facts: StaticKeyFacts | WebIdentityFacts): readonly StoreQuestion[] {
  return kept.get(facts) ?? [];
}
