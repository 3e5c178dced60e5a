import { createPublicKey, verify, type JsonWebKey } from "node:crypto";

import { Refusal } from "./refusal.ts";
import type { State } from "./state.ts";

/** What a token says that was found to be genuine. */
export interface WebIdentity {
  /** Without scheme. */
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

export interface KeySet {
  readonly keys: readonly (JsonWebKey & { readonly kid?: string })[];
}

const CANNOT_FETCH =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

/** Verifies tokens as STS does, with the keys of the issuers that it can reach. */
export class Verifier {
  readonly #state: () => State;
  /** By URL. An issuer that is not here cannot be reached. */
  readonly issuers = new Map<string, () => KeySet | Promise<KeySet>>();

  constructor(state: () => State) {
    this.#state = state;
  }

  /** @throws Refusal with the text of STS */
  async verify(token: string, account: string, time: number): Promise<WebIdentity> {
    const [head = "", payload = "", signature = "", ...rest] = token.split(".");
    const header = parsed(head);
    const claims = parsed(payload);
    if (header === undefined || claims === undefined || signature === "" || rest.length > 0)
      throw invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
    const { iss, sub, aud, exp, nbf } = claims;
    for (const [name, value] of Object.entries({ iss, sub, aud, exp }))
      if (value === undefined) throw invalid(`Missing a required claim: ${name}`);
    const seconds = Math.floor(time / 1000);
    if (Number(exp) <= seconds) {
      const message = `Token expired: current date/time ${seconds} must be before the expiration date/time ${Number(exp)}`;
      throw new Refusal(400, "ExpiredTokenException", message);
    }
    const state = this.#state();
    const url = String(iss);
    const bare = url.replace(/^https:\/\//, "");
    const provider = account === state.account ? state.seen.providers.get(bare) : undefined;
    if (provider === undefined || !url.startsWith("https://"))
      throw invalid(`No OpenIDConnect provider found in your account for ${url}`);
    await this.#assertSigned(`${head}.${payload}`, signature, header, url);
    if (nbf !== undefined && Number(nbf) > seconds + 300) throw invalid("Token is not yet valid");
    const audiences = (Array.isArray(aud) ? aud : [aud]).map(String);
    const audience = audiences.find((one) => provider.clientIds.includes(one));
    if (audience === undefined) throw invalid("Incorrect token audience");
    return { issuer: bare, subject: String(sub), audience };
  }

  async #assertSigned(signed: string, signature: string, header: Claims, issuer: string): Promise<void> {
    const { keys } = (await this.issuers.get(issuer)?.()) ?? { keys: [] };
    const key = keys.find(({ kid }) => kid === header["kid"]);
    if (key === undefined || header["alg"] !== "RS256") throw invalid(CANNOT_FETCH);
    const publicKey = createPublicKey({ key, format: "jwk" });
    if (!verify("RSA-SHA256", Buffer.from(signed), publicKey, Buffer.from(signature, "base64url")))
      throw invalid("Provided Token is not valid: its signature does not match");
  }
}

type Claims = Readonly<Record<string, unknown>>;

function parsed(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}

function invalid(message: string): Refusal {
  return new Refusal(400, "InvalidIdentityToken", message);
}
