import type { CallOutcome } from "../../domain/aws-facts.ts";
import { UserError } from "../../domain/errors.ts";
import type { AwsGrant } from "../../domain/grant.ts";
import type { Known, Origin, UnknownReason } from "../../domain/known.ts";
import { AwsError, KubeError, type AwsFailure } from "../../ports.ts";

/** What a call came to. A store's answer is one whatever it says; no answer, or an overloaded one, is none. */
export async function outcomeOf(call: () => Promise<string | void>): Promise<CallOutcome> {
  try {
    const detail = await call();
    return detail === undefined ? { state: "ok" } : { state: "ok", detail };
  } catch (error) {
    return failedOutcome(error);
  }
}

const NO_ANSWER: ReadonlySet<AwsFailure> = new Set([
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
  if (!(error instanceof AwsError)) throw error;
  if (NO_ANSWER.has(error.failure)) {
    const { network } = error;
    return { state: "failed", why: error.message, ...(network === undefined ? {} : { network }) };
  }
  return { state: "refused", code: error.code ?? error.failure, status: error.status, message: error.message };
}

export function notTried(why: string): CallOutcome {
  return { state: "not-tried", why };
}

const REASON: Readonly<Record<AwsFailure, UnknownReason>> = {
  "no-credentials": "no-credentials",
  "invalid-credentials": "unauthorized",
  denied: "forbidden",
  "not-found": "server-error",
  exists: "server-error",
  limit: "throttled",
  invalid: "server-error",
  throttled: "throttled",
  unreachable: "unreachable",
  timeout: "timeout",
  malformed: "malformed",
  "server-error": "server-error",
};

/** Reads something of AWS: a refusal is `unknown`, with the permission where that is what lacks; a 404 is `absent`. */
export async function awsKnown<T>(
  ref: string,
  grant: AwsGrant | undefined,
  read: () => Promise<Known<T>>,
): Promise<Known<T>> {
  const origin: Origin = { via: "aws", ref };
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.failure === "not-found") return { state: "absent", origin };
    const why = REASON[error.failure];
    return { state: "unknown", why, detail: error.message, origin, ...(why === "forbidden" && grant ? { grant } : {}) };
  }
}
