import { isNearMiss, REQUIRED_KEYS } from "../env/static-keys.ts";
import type { KeyFacts } from "./classify.ts";
import { isPublicKey } from "./public-keys.ts";

/** Names of variables that hold a secret. What only begins so (`TOKEN_TTL`, `SECRET_NAME`) holds something about one. */
const SECRET_NAME =
  /(^|[_-])(secret|password|passwd|token|access[_-]?key(_id)?|secret[_-]?key|private[_-]?key|api[_-]?key)$/i;
/** What everybody may see of a certificate or a key pair. */
const PUBLIC_PART = /\.(crt|pub)$/;

const SECRET_FORMS: ReadonlySet<KeyFacts["form"]> = new Set([
  "aws-key-id",
  "aws-temporary-key-id",
  "gcs-hmac-id",
  "service-account-json",
]);

/** A value that somebody could use: not empty, and not put in later. */
export function isRealValue({ unread, bytes, shape }: KeyFacts): boolean {
  return !unread && bytes > 0 && !shape.includes("placeholder");
}

/** A value of a Secret that must not be seen; regions, endpoints and certificates may. */
export function isSecretOfSecret(key: string, facts: KeyFacts): boolean {
  return isRealValue(facts) && !isPublicKey(key) && !PUBLIC_PART.test(key);
}

/** A secret among values of all sorts: by its name, or by what it looks like. */
export function isSecretAmongOthers(name: string, facts: KeyFacts): boolean {
  const named = SECRET_NAME.test(name) || REQUIRED_KEYS.some((wanted) => isNearMiss(name, wanted));
  return isRealValue(facts) && (named || SECRET_FORMS.has(facts.form));
}
