import { isNearMiss, ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN } from "../../domain/env/static-keys.ts";
import type { LiteralCredential } from "../../domain/input-facts.ts";
import { shapesOf } from "../../domain/values/classify.ts";
import { formOf } from "../../domain/values/key-form.ts";
import { isMapping, refOf, type ManifestDocument } from "./documents.ts";
import { locate } from "./locate.ts";

/**
 * What is a credential wherever it stands; the base64 forms are the same prefixes encoded. The ids of AWS's documentation
 * end in EXAMPLE; of a private key the body has to follow, since documentation shows the header alone.
 */
const CREDENTIALS: readonly [RegExp, string][] = [
  [/(?<![A-Za-z0-9/+])(AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}(?![A-Za-z0-9/+])/, "an AWS access key id"],
  [/(?<![A-Za-z0-9/+])GOOG[A-Z0-9]{20}([A-Z0-9]{37})?(?![A-Za-z0-9/+])/, "a Google HMAC key id"],
  [/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----(\s|\\n)*[A-Za-z0-9+/]{20}/, "a private key"],
  [/(?<![A-Za-z0-9/+])(QUtJQ|QVNJQ|R09PR)[A-Za-z0-9+/]{15,}={0,2}/, "an access key id (base64)"],
];
/** Kinds whose own business it is to hold values: those are judged as Secrets. */
const HOLDERS = new Set(["Secret", "SealedSecret", "ExternalSecret"]);
/** Here and elsewhere a `secretKey` is the name of a key in a Secret, such as `AWS_ACCESS_KEY_ID` or `secret-access-key`. */
const NAME_OF_KEY = /^[A-Za-z]+([_-][A-Za-z]+)+$/;
/** Encrypted in place (SOPS). */
const ENCRYPTED = /^ENC\[.*\]$/s;
const SECRET_NAMES = [ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN];
/** The field of `spec.config` is not near enough to the variable's name to be told by that. */
const TOKEN_FIELD = "session_token";

/**
 * Credentials in clear outside of Secrets: environment variables, arguments, configurations. In files of other programs,
 * such as translations, an ordinary text stands under the name of a credential: there it has to look like one.
 */
export function literalCredentials(document: ManifestDocument): LiteralCredential[] {
  const own = refOf(document.object);
  if (HOLDERS.has(own.kind)) return [];
  const isOther = own.kind === "";
  const subject = isOther ? { kind: "File", name: document.file } : own;
  const found: LiteralCredential[] = [];
  const tell = (path: string, what: string): void => {
    found.push({ subject, path, what, location: locate(document, path) });
  };
  const walk = (value: unknown, path: string, name: string): void => {
    if (typeof value === "string") {
      const what = whatIs(value, name, isOther);
      const nested = value.trimStart().startsWith("{") ? parseJson(value) : undefined;
      if (nested !== undefined && !path.includes("#")) walk(nested, `${path}#`, name);
      else if (what !== undefined) tell(path, what);
    } else if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) walk(item, `${path}/${i}`, name);
    } else if (isMapping(value)) {
      const { name: variable } = value;
      for (const [key, item] of Object.entries(value)) {
        const pointer = `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        walk(item, pointer, key === "value" && typeof variable === "string" ? variable : key);
      }
    }
  };
  walk(document.object, "", "");
  return found;
}

function whatIs(text: string, name: string, mustLookLikeOne: boolean): string | undefined {
  const known = CREDENTIALS.find(([pattern]) => pattern.test(text))?.[1];
  if (known !== undefined) return known;
  // What is put in later, or stands in an example, is nobody's.
  const shape = shapesOf(Buffer.from(text, "utf8"));
  if (shape.includes("empty") || shape.includes("placeholder") || ENCRYPTED.test(text)) return undefined;
  if (mustLookLikeOne && formOf(text) !== "secret") return undefined;
  if (name === "secretKey" && NAME_OF_KEY.test(text)) return undefined;
  const isSecret = SECRET_NAMES.some((wanted) => name === wanted || (name.length > 6 && isNearMiss(name, wanted)));
  return isSecret || name === TOKEN_FIELD ? `the value of ${name}` : undefined;
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
