import { createHash, generateKeyPairSync, randomUUID, sign, verify, type KeyObject } from "node:crypto";

import type { AnyObject } from "../follow.ts";
import { invalid } from "./errors.ts";
import type { Kind } from "./kinds.ts";
import type { User } from "./rbac.ts";

const SHORTEST_SECONDS = 600;
const USUAL_SECONDS = 3600;

let keys: { publicKey: KeyObject; privateKey: KeyObject } | undefined;

/** Made once a process: a key of this length takes time. */
function signingKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  keys ??= generateKeyPairSync("rsa", { modulusLength: 2048 });
  return keys;
}

/** Mints and reads ServiceAccount tokens of one issuer. */
export class TokenIssuer {
  readonly issuer: string;
  readonly audience = "https://kubernetes.default.svc";

  constructor(issuer: string) {
    this.issuer = issuer;
  }

  /** The status of a TokenRequest. @throws ApiError for a lifetime below ten minutes */
  request(account: AnyObject, spec: AnyObject, kind: Kind): AnyObject {
    const { namespace, name, uid } = account.metadata;
    const seconds = spec?.expirationSeconds ?? USUAL_SECONDS;
    if (seconds < SHORTEST_SECONDS) {
      const message = `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`;
      throw invalid({ ...kind, group: "authentication.k8s.io", kind: "TokenRequest" }, "", [
        { reason: "FieldValueInvalid", message, field: "spec.expirationSeconds" },
      ]);
    }
    const audiences: string[] = spec?.audiences?.length > 0 ? spec.audiences : [this.audience];
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: this.issuer,
      jti: randomUUID(),
      "kubernetes.io": { namespace, serviceaccount: { name, uid } },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    return {
      token: this.#sign(claims),
      expirationTimestamp: new Date((now + seconds) * 1000).toISOString().replace(/\.\d+/, ""),
    };
  }

  /** Whose token it is, if it is ours, for this server, and not expired. */
  userOf(token: string): User | undefined {
    const [header = "", payload = "", signature = ""] = token.split(".");
    if (
      signature === "" ||
      !verify(
        "RSA-SHA256",
        Buffer.from(`${header}.${payload}`),
        signingKeys().publicKey,
        Buffer.from(signature, "base64url"),
      )
    )
      return undefined;
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (claims.iss !== this.issuer || !claims.aud.includes(this.audience) || claims.exp * 1000 < Date.now())
      return undefined;
    const { namespace } = claims["kubernetes.io"];
    return {
      name: claims.sub,
      groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
    };
  }

  jwks(): AnyObject {
    const jwk = signingKeys().publicKey.export({ format: "jwk" });
    return { keys: [{ use: "sig", kty: "RSA", kid: this.#keyId(), alg: "RS256", n: jwk.n, e: jwk.e }] };
  }

  discovery(url: string): AnyObject {
    return {
      issuer: this.issuer,
      jwks_uri: `${url}/openid/v1/jwks`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    };
  }

  #keyId(): string {
    const der = signingKeys().publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(der).digest("base64url");
  }

  #sign(claims: AnyObject): string {
    const encode = (part: AnyObject): string => Buffer.from(JSON.stringify(part)).toString("base64url");
    const text = `${encode({ alg: "RS256", kid: this.#keyId() })}.${encode(claims)}`;
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), signingKeys().privateKey).toString("base64url")}`;
  }
}
