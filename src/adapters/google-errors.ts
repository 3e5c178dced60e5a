import { UserError } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { printable } from "../domain/text.ts";
import { GoogleError, type CloudFailure } from "../ports.ts";
import { NoGoogleCredentials, RefusedGoogleCredentials } from "./google-auth.ts";
import { refusalIn, type Refusal } from "./google-refusal.ts";
import { networkCode, networkReason } from "./network-errors.ts";

const LONGEST_MESSAGE = 600;
const TRUSTED = "an authority that this machine trusts (NODE_EXTRA_CA_CERTS names a file with further ones)";

/** Reasons of ErrorInfo, codes of STS and of storage. What is not here is told by the status. */
const FAILURES: Readonly<Record<string, CloudFailure>> = {
  ...each("api-off", ["SERVICE_DISABLED", "accessNotConfigured"]),
  ...each("denied", ["IAM_PERMISSION_DENIED", "PERMISSION_DENIED", "forbidden", "SECURITY_POLICY_VIOLATED"]),
  ...each("invalid-credentials", ["ACCESS_TOKEN_EXPIRED", "CREDENTIALS_MISSING", "UNAUTHENTICATED", "invalid_grant"]),
  ...each("exists", ["ALREADY_EXISTS", "alreadyExists"]),
  ...each("conflict", ["ABORTED", "FAILED_PRECONDITION", "conditionNotMet", "CLUSTER_ALREADY_HAS_OPERATION"]),
  ...each("throttled", ["RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded"]),
  ...each("invalid", ["invalid_request", "invalid_target", "invalid_scope", "unsupported_grant_type"]),
};

function each(failure: CloudFailure, codes: readonly string[]): Record<string, CloudFailure> {
  return Object.fromEntries(codes.map((code) => [code, failure]));
}

export interface FailedCall {
  /** `iam.serviceAccounts.get`. */
  readonly action: string;
  /** Who was asked. */
  readonly host: string;
  readonly timeoutMs: number;
  readonly redactor: Redactor;
}

/** An answer that says no. */
export function explainRefusal(
  answer: { readonly status: number; readonly contentType: string; readonly body: Buffer },
  { action, host, redactor }: FailedCall,
): GoogleError {
  const { status } = answer;
  const refusal = refusalIn(answer, (text) => printable(redactor.cleanQuoted(text)).trim());
  if (refusal === undefined) {
    const failure = failureOfStatus(status, action);
    // What is not in Google's own form was said by something between: that it has no such page says nothing of the thing.
    const found = failure === "not-found" || failure === "denied" ? "malformed" : failure;
    return new GoogleError(found, action, `${host} answered ${status} without saying why`, { status });
  }
  const { code, permission } = refusal;
  const failure = failureOf(status, action, refusal);
  const words = wordsOf(refusal, failure) || `${host} answered ${status}${code === undefined ? "" : ` ${code}`}`;
  return new GoogleError(failure, permission ?? action, words.slice(0, LONGEST_MESSAGE), {
    status,
    ...(code === undefined ? {} : { code }),
  });
}

/** Google's own, but for an API that is off: they lead to a page, and a command does it. */
function wordsOf({ message, off }: Refusal, failure: CloudFailure): string {
  if (failure !== "api-off" || off === undefined) return message;
  const { service, project } = off;
  return `${service} is off in project ${project}: gcloud services enable ${service} --project ${project}`;
}

/** No answer, or none that can be read. */
export function explainGoogle(error: unknown, call: FailedCall): GoogleError | UserError {
  const { action, timeoutMs } = call;
  if (error instanceof GoogleError || error instanceof UserError) return error;
  if (error instanceof NoGoogleCredentials) return new GoogleError("no-credentials", action, error.message);
  if (error instanceof RefusedGoogleCredentials) return new GoogleError("invalid-credentials", action, error.message);
  const host = hostIn(error) ?? call.host;
  const { name, code: own, response, cause, type = cause?.type } = error as LibraryError;
  const status = response?.status;
  if (status !== undefined) {
    const failure = failureOfStatus(status, action);
    return new GoogleError(failure, action, `${host} answered ${status} when asked for a token`, { status });
  }
  if (type === "max-size" || /over the limit/.test((error as Error).message))
    return new GoogleError("malformed", action, `${host} sent more than was asked for`);
  if (type === "max-redirect" || type === "no-redirect")
    return new GoogleError("malformed", action, `${host} sends one elsewhere, which Google does not do`);
  const isTimeout = [name, own, type].some((one) =>
    /^(TimeoutError|AbortError|aborted|TIMEOUT_ERR)$/.test(String(one)),
  );
  if (isTimeout || own === 20 || own === 23)
    return new GoogleError("timeout", action, `${host} did not answer within ${timeoutMs / 1000} s`);
  const code = networkCode(error);
  if (code === "ERR_INVALID_CHAR")
    return new GoogleError("invalid-credentials", action, "the token holds a character that no HTTP header can");
  const why = code === undefined ? "" : `: ${networkReason(code, TRUSTED)}`;
  const network = code === undefined ? {} : { network: code };
  return new GoogleError("unreachable", action, `${host} cannot be reached${why}`, network);
}

/** What an error of the library carries, as far as it is looked at: the rest holds what was sent. */
interface LibraryError {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly response?: { readonly status?: number };
  readonly config?: { readonly url?: unknown };
  readonly cause?: { readonly type?: unknown };
}

function hostIn(error: unknown): string | undefined {
  const url = (error as LibraryError).config?.url;
  if (!(url instanceof URL) && typeof url !== "string") return undefined;
  return URL.parse(String(url))?.host;
}

function failureOf(status: number, action: string, { code = "", message }: Refusal): CloudFailure {
  // An account too many is told in the same way as a call too many.
  if (status === 429 && /maximum number of/i.test(message)) return "limit";
  if (status === 429) return "throttled";
  if (code === "conditionNotMet" || status === 412) return failureOfStatus(412, action);
  return FAILURES[code] ?? failureOfStatus(status, action);
}

function failureOfStatus(status: number, action: string): CloudFailure {
  switch (status) {
    case 401:
      return "invalid-credentials";
    case 403:
      return "denied";
    case 404:
      return "not-found";
    case 409:
      return "conflict";
    case 412:
      // The condition of a new object is that there is none.
      return action === "storage.objects.create" ? "exists" : "conflict";
    case 429:
      return "throttled";
    case 408:
    case 504:
      return "timeout";
    default:
      return status >= 500 ? "server-error" : "invalid";
  }
}
