import type { ConfigMapFacts, SecretFacts } from "../domain/secret-facts.ts";
import type { Sensitive } from "../domain/sensitive.ts";

type Values = Readonly<Record<string, Sensitive>>;

/**
 * Values beside the facts that were made of them, for the collectors that sign requests with them: facts hold none, and
 * nothing is read from the server twice. What was saved and read back has none.
 */
const values = new WeakMap<SecretFacts | ConfigMapFacts, Values>();

export function keepValues(facts: SecretFacts | ConfigMapFacts, of: Values): void {
  values.set(facts, of);
}

export function keptValues(facts: SecretFacts | ConfigMapFacts): Values | undefined {
  return values.get(facts);
}
