import { createPublicKey, verify, type JsonWebKey } from "node:crypto";

import { Refusal } from "./refusal.ts";

export interface KeySet {
  readonly keys: readonly (JsonWebKey & { readonly kid?: string })[];
}

export interface Subject {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** What a token has to be. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: KeySet;
  /** Milliseconds. */
  readonly time: number;
}

type Claims = Readonly<Record<string, unknown>>;

/** Verifies a ServiceAccount's token with the keys of its cluster. @throws Refusal in the words of the token service */
export function verifyToken(token: string, { issuer, audience, keys, time }: Expected): Subject {
  const [head = "", payload = "", signature = "", ...rest] = token.split(".");
  const header = parsed(head);
  const claims = parsed(payload);
  if (header === undefined || claims === undefined || signature === "" || rest.length > 0)
    throw new Refusal(400, "invalid_request", "Unable to parse the ID Token.");
  const { iss, sub, aud, exp, iat } = claims;
  if (iss !== issuer)
    throw invalidGrant(`The issuer in ID Token ${String(iss)} does not match the expected one: ${issuer}.`);
  const key = keys.keys.find(({ kid }) => kid === header["kid"]);
  const good =
    key !== undefined &&
    header["alg"] === "RS256" &&
    verify(
      "RSA-SHA256",
      Buffer.from(`${head}.${payload}`),
      createPublicKey({ key, format: "jwk" }),
      Buffer.from(signature, "base64url"),
    );
  if (!good) throw invalidGrant("Invalid ID Token: its signature cannot be verified with the issuer's keys.");
  if (!(Number(exp) * 1000 > time)) throw invalidGrant(`ID Token issued at ${Number(iat)} is stale to sign-in.`);
  const audiences = (Array.isArray(aud) ? aud : [aud]).map(String);
  if (!audiences.includes(audience))
    throw invalidGrant(
      `The audience in ID Token [${audiences.join(", ")}] does not match the expected audience ${audience}.`,
    );
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(String(sub)) ?? [];
  if (namespace === undefined || serviceAccount === undefined)
    throw invalidGrant("The subject of the ID Token is no Kubernetes ServiceAccount.");
  return { namespace, serviceAccount };
}

function parsed(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}

export function invalidGrant(message: string): Refusal {
  return new Refusal(400, "invalid_grant", message);
}
