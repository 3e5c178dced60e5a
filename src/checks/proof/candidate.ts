import { candidatesFor, type Candidate } from "../../domain/why/match.ts";

/** What an error text points to first, of the causes that can be meant here. */
export function firstCandidate<C extends string>(
  text: string,
  causes: readonly C[],
): (Candidate & { readonly cause: C }) | undefined {
  return candidatesFor(text).find((one): one is Candidate & { cause: C } =>
    (causes as readonly string[]).includes(one.cause),
  );
}
