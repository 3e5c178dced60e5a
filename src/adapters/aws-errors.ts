import { UserError } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { printable } from "../domain/text.ts";
import { AwsError, type CloudFailure } from "../ports.ts";
import { NoCredentials } from "./aws-credentials.ts";
import { networkCode, networkReason } from "./network-errors.ts";

const LONGEST_MESSAGE = 400;
/** Whoever answers can be anybody: the longest of AWS have half of it. */
const LONGEST_CODE = 100;
/** What stands for a code where the answer had none. */
const NO_CODE = new Set(["", "Error", "TypeError", "SyntaxError", "UnknownError", "Unknown"]);
const TRUSTED = "an authority that this machine trusts (NODE_EXTRA_CA_CERTS names a file with further ones)";

/** Codes of STS, IAM, EKS, S3 and of stores that speak its protocol. What is not here is told by its status. */
const FAILURES: Readonly<Record<string, CloudFailure>> = {
  ...each("invalid-credentials", [
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "InvalidToken",
    "InvalidTokenId",
    "InvalidSecurity",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "InvalidIdentityToken",
    "IDPRejectedClaim",
  ]),
  ...each("denied", ["AccessDenied", "AccessDeniedException", "AllAccessDisabled", "RegionDisabledException"]),
  ...each("not-found", ["NoSuchEntity", "ResourceNotFoundException", "NoSuchBucket", "NoSuchKey", "NoSuchVersion"]),
  ...each("exists", ["EntityAlreadyExists", "ResourceInUseException", "PreconditionFailed"]),
  ...each("limit", ["LimitExceeded", "ResourceLimitExceededException", "ServiceQuotaExceededException"]),
  ...each("throttled", [
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "SlowDown",
  ]),
  ...each("server-error", ["IDPCommunicationError", "ConcurrentModification", "ConditionalRequestConflict"]),
};

function each(failure: CloudFailure, codes: readonly string[]): Record<string, CloudFailure> {
  return Object.fromEntries(codes.map((code) => [code, failure]));
}

/** What an error of the SDK carries, as far as it is looked at. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string | undefined>>;
  };
}

export interface FailedCall {
  /** `iam:GetRole`. */
  readonly action: string;
  /** Who was asked. */
  readonly host: string;
  readonly timeoutMs: number;
  readonly redactor: Redactor;
}

/** Says in one line why a call did not succeed: by the service's own code and words, cleaned of what was sent. */
export function explainAws(error: unknown, call: FailedCall): AwsError | UserError {
  const { action, host: where } = call;
  if (error instanceof AwsError || error instanceof UserError) return error;
  if (error instanceof NoCredentials) return new AwsError("no-credentials", action, error.message);
  const { name, message, $metadata, $response, code: own, Code } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  if (status === undefined) {
    const code = networkCode(error);
    // A cut connection is a TimeoutError to the SDK as well.
    if (name === "AbortError" || (name === "TimeoutError" && code === undefined))
      return new AwsError("timeout", action, `${where} did not answer within ${call.timeoutMs / 1000} s`);
    if (code === "ERR_INVALID_CHAR") {
      const what = "the access key or the session token holds a character that no HTTP header can (a line break?)";
      return new AwsError("invalid-credentials", action, what);
    }
    const why = code === undefined ? "" : `: ${networkReason(code, TRUSTED)}`;
    return new AwsError(
      "unreachable",
      action,
      `${where} cannot be reached${why}`,
      code === undefined ? {} : { network: code },
    );
  }
  const named = [Code, name, own].find((one): one is string => typeof one === "string" && !NO_CODE.has(one));
  const code = named === undefined ? undefined : printable(call.redactor.cleanQuoted(named)).slice(0, LONGEST_CODE);
  if (status < 300) return new AwsError("malformed", action, `${where} sent an answer that cannot be read`, { status });
  const answer = { status, ...(code === undefined ? {} : { code }) };
  const failure = (code === undefined ? undefined : FAILURES[code]) ?? failureOf(status, action);
  return new AwsError(failure, action, wordsOf(message, code, call, status), answer);
}

function wordsOf(message: unknown, code: string | undefined, { host, redactor }: FailedCall, status: number): string {
  // What follows the first paragraph of a signature error is the request that was signed, tokens and all.
  const [first = ""] = typeof message === "string" ? message.split("\n\n") : [];
  const words = printable(redactor.cleanQuoted(first)).trim().slice(0, LONGEST_MESSAGE);
  if (words !== "" && code !== undefined && !NO_CODE.has(words)) return words;
  return `${host} answered ${status}${code === undefined ? " without saying why" : ` ${code}`}`;
}

function failureOf(status: number, action: string): CloudFailure {
  if (status === 403 || status === 401) return "denied";
  // A store says no more to HEAD; STS, IAM and EKS say it by a code, and without one it was something else that answered.
  if (status === 404) return action.startsWith("s3:") ? "not-found" : "malformed";
  if (status === 412) return "exists";
  if (status === 429) return "throttled";
  if (status === 408 || status === 504) return "timeout";
  return status >= 500 ? "server-error" : "invalid";
}

/** A header of the answer that the error was made of. */
export function headerOf(error: unknown, name: string): string | undefined {
  return (error as SdkError).$response?.headers?.[name] || undefined;
}
