import type { CallOutcome } from "./aws-facts.ts";

export type Refused = Extract<CallOutcome, { readonly state: "refused" }>;

/** The store knows who asks, and does not let them; other refusals are about the key, the bucket or the request. */
export function isDenied(outcome: CallOutcome): outcome is Refused {
  return (
    outcome.state === "refused" && /^(AccessDenied|AllAccessDisabled|AccountProblem|Forbidden)$/.test(outcome.code)
  );
}
