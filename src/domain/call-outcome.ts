import type { CallOutcome } from "./aws-facts.ts";

export type Refused = Extract<CallOutcome, { readonly state: "refused" }>;

/** What reading an object that is not there comes to, for who may read it. */
export const NOT_THERE: CallOutcome = { state: "ok", detail: "no such object, as expected" };

/**
 * What the answer to reading an object that is not there says of the right to read. Without the right to list, which a
 * condition on s3:prefix also takes away here, it is denied; but AWS then names s3:ListBucket, and Google
 * storage.objects.list: reading was not what lacked.
 */
export function readingOf(outcome: CallOutcome): CallOutcome {
  if (outcome.state !== "refused") return outcome;
  if (/^(NoSuchKey|NotFound|not-found|notFound)$/.test(outcome.code)) return NOT_THERE;
  const denied = isDenied(outcome) || isDeniedByGoogle(outcome);
  return denied && /\b(s3:ListBucket|storage\.objects\.list)\b/.test(outcome.message) ? NOT_THERE : outcome;
}

/** The store knows who asks, and does not let them; other refusals are about the key, the bucket or the request. */
export function isDenied(outcome: CallOutcome): outcome is Refused {
  return (
    outcome.state === "refused" && /^(AccessDenied|AllAccessDisabled|AccountProblem|Forbidden)$/.test(outcome.code)
  );
}

/** The same of Google's own API, whose codes are many: what it keeps for a while is refused with this status, too. */
export function isDeniedByGoogle(outcome: CallOutcome): outcome is Refused {
  return outcome.state === "refused" && outcome.status === 403 && !/retention|hold/i.test(outcome.code);
}

/** Codes by which STS and stores say that the key itself is no good. */
const ABOUT_KEYS =
  /^(InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|ExpiredToken|ExpiredTokenException|InvalidToken|InvalidTokenId|RequestTimeTooSkewed|InvalidSecurity|RequestExpired)$/;

/** The answer is about the key itself, and not about the bucket, a permission or the request. */
export function isAboutKey(outcome: CallOutcome): outcome is Refused {
  return outcome.state === "refused" && ABOUT_KEYS.test(outcome.code);
}
