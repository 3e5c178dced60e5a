import { ANONYMOUS, sessionCaller, userCaller, type Caller } from "./caller.ts";
import type { Flavour } from "./flavours.ts";
import { Refusal } from "./refusal.ts";
import type { AwsRequest, ServiceName, Signature } from "./request.ts";
import { expectedSignature, sameSignature, type Expected } from "./sigv4.ts";
import { now, type State } from "./state.ts";

const SKEW_MS = 15 * 60_000;
const NO_MATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/**
 * Who sent a request: key known, active and not expired, clock right, signature the one that the secret gives.
 * @throws Refusal with the service's own code and text
 */
export function authenticate(request: AwsRequest, state: State, flavour: Flavour, time: number): Caller {
  const { signature, service, headers } = request;
  if (signature === undefined) {
    if (headers["authorization"] !== undefined) throw incomplete(service);
    if (service === "s3") return ANONYMOUS;
    throw service === "eks"
      ? new Refusal(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
      : new Refusal(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
  }
  if (signature.service !== service) {
    throw new Refusal(403, mismatchCode(service), `Credential should be scoped to correct service: '${service}'. `);
  }
  const found = secretOf(request, signature, state, flavour, time);
  assertClock(request, time);
  const expected = expectedSignature(request, signature, found.secret);
  if (!sameSignature(expected.signature, signature.signature)) throw mismatch(request, signature, expected, flavour);
  return found.caller;
}

function secretOf(
  { service, headers }: AwsRequest,
  { keyId }: Signature,
  state: State,
  flavour: Flavour,
  time: number,
): { secret: string; caller: Caller } {
  const token = headers["x-amz-security-token"];
  const session = state.sessions.get(keyId);
  if (session !== undefined) {
    if (token !== session.token)
      throw token === undefined ? unknown(service, keyId, flavour) : badToken(service, flavour);
    if (session.expiresAt <= time) throw expired(service);
    const caller = sessionCaller(state, session);
    if (caller === undefined) throw unknown(service, keyId, flavour);
    return { secret: session.secret, caller };
  }
  for (const user of state.seen.users.values()) {
    const key = user.keys.get(keyId);
    if (key === undefined) continue;
    if (key.status === "Inactive") throw flavour.inactive?.() ?? unknown(service, keyId, flavour);
    if (token !== undefined) throw badToken(service, flavour);
    key.lastUsedAt = now();
    return { secret: key.secret, caller: userCaller(state, user, keyId) };
  }
  throw unknown(service, keyId, flavour);
}

function unknown(service: ServiceName, keyId: string, flavour: Flavour): Refusal {
  if (service === "s3") return flavour.unknownKey(keyId);
  const message = "The security token included in the request is invalid.";
  return service === "eks"
    ? new Refusal(403, "UnrecognizedClientException", message)
    : new Refusal(403, "InvalidClientTokenId", message);
}

function badToken(service: ServiceName, flavour: Flavour): Refusal {
  if (service === "s3")
    return new Refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
  return unknown(service, "", flavour);
}

function expired(service: ServiceName): Refusal {
  if (service === "s3") return new Refusal(400, "ExpiredToken", "The provided token has expired.");
  const message = "The security token included in the request is expired";
  return new Refusal(403, service === "eks" ? "ExpiredTokenException" : "ExpiredToken", message);
}

function assertClock({ service, headers }: AwsRequest, time: number): void {
  const date = headers["x-amz-date"] ?? "";
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const sent = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (Math.abs(sent - time) <= SKEW_MS) return;
  if (service === "s3") {
    const details = {
      RequestTime: date,
      ServerTime: new Date(time).toISOString(),
      MaxAllowedSkewMilliseconds: "900000",
    };
    const message = "The difference between the request time and the current time is too large.";
    throw new Refusal(403, "RequestTimeTooSkewed", message, { details });
  }
  const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
  const [edge, sign, is] = sent < time ? [time - SKEW_MS, "-", "earlier"] : [time + SKEW_MS, "+", "later"];
  const begin = sent < time ? "Signature expired" : "Signature not yet current";
  const message = `${begin}: ${date} is now ${is} than ${stamp(edge)} (${stamp(time)} ${sign} 15 min.)`;
  throw new Refusal(403, mismatchCode(service), message);
}

function mismatch(request: AwsRequest, signature: Signature, expected: Expected, flavour: Flavour): Refusal {
  const { service } = request;
  if (service !== "s3") return new Refusal(403, mismatchCode(service), NO_MATCH);
  const details = {
    AWSAccessKeyId: signature.keyId,
    StringToSign: expected.stringToSign,
    SignatureProvided: signature.signature,
    CanonicalRequest: expected.canonicalRequest,
  };
  return new Refusal(403, "SignatureDoesNotMatch", flavour.mismatch, { details });
}

function mismatchCode(service: ServiceName): string {
  return service === "eks" ? "InvalidSignatureException" : "SignatureDoesNotMatch";
}

function incomplete(service: ServiceName): Refusal {
  if (service === "s3")
    return new Refusal(
      400,
      "AuthorizationHeaderMalformed",
      "The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.",
    );
  return new Refusal(
    400,
    service === "eks" ? "IncompleteSignatureException" : "IncompleteSignature",
    "Authorization header requires 'Credential' parameter.",
  );
}
