import type { CallOutcome } from "../../domain/aws-facts.ts";
import { UserError } from "../../domain/errors.ts";
import { CloudError, KubeError, type CloudFailure } from "../../ports.ts";

/** What a call came to. A store's answer is one whatever it says; no answer, or an overloaded one, is none. */
export async function outcomeOf(call: () => Promise<string | void>): Promise<CallOutcome> {
  try {
    const detail = await call();
    return detail === undefined ? { state: "ok" } : { state: "ok", detail };
  } catch (error) {
    return failedOutcome(error);
  }
}

const NO_ANSWER: ReadonlySet<CloudFailure> = new Set([
  "no-credentials",
  "throttled",
  "unreachable",
  "timeout",
  "malformed",
  "server-error",
]);

export const INTERRUPTED: CallOutcome = { state: "not-tried", why: "the run was interrupted" };

/** @throws what is neither a cloud's nor the API server's answer: a bug */
export function failedOutcome(error: unknown): CallOutcome {
  if (error instanceof UserError && error.exit === 130) return INTERRUPTED;
  if (error instanceof KubeError) return { state: "failed", why: error.message };
  if (!(error instanceof CloudError)) throw error;
  if (NO_ANSWER.has(error.failure)) {
    const { network } = error;
    return { state: "failed", why: error.message, ...(network === undefined ? {} : { network }) };
  }
  return { state: "refused", code: error.code ?? error.failure, status: error.status, message: error.message };
}

export function notTried(why: string): CallOutcome {
  return { state: "not-tried", why };
}
