import type { UnknownReason } from "../domain/known.ts";
import type { CloudFailure } from "../ports.ts";

/** Why a fact is unknown after a call to a cloud failed. */
export const REASON_OF: Record<CloudFailure, UnknownReason> = {
  "no-credentials": "no-credentials",
  "invalid-credentials": "unauthorized",
  denied: "forbidden",
  // Of a cluster or a version that the call needs; a caller that looks for the thing itself takes it for absent.
  "not-found": "server-error",
  exists: "server-error",
  conflict: "server-error",
  "api-off": "forbidden",
  limit: "server-error",
  invalid: "server-error",
  throttled: "throttled",
  unreachable: "unreachable",
  timeout: "timeout",
  malformed: "malformed",
  "server-error": "server-error",
};
