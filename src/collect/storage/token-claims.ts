import type { WebIdentityFacts } from "../../domain/aws-facts.ts";
import type { Sensitive } from "../../domain/sensitive.ts";
import { KubeError } from "../../ports.ts";

/**
 * What a ServiceAccount's token says of itself. The signature is STS's to verify.
 * @throws KubeError for what is no JSON Web Token with these claims
 */
export function claimsOf(token: Sensitive): WebIdentityFacts["token"] {
  const [, payload = ""] = Buffer.from(token.reveal()).toString("utf8").split(".");
  let claims: { iss?: unknown; sub?: unknown; aud?: unknown } | null;
  try {
    claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as typeof claims;
  } catch {
    claims = null;
  }
  const { iss, sub, aud } = claims ?? {};
  const audiences = (Array.isArray(aud) ? aud : [aud]).filter((one): one is string => typeof one === "string");
  if (typeof iss !== "string" || typeof sub !== "string")
    throw new KubeError("malformed", "the API server's token has no issuer or no subject");
  return { issuer: iss, subject: sub, audiences };
}
