import { endpointKind, type EndpointKind } from "./endpoint.ts";
import { googleKeyIn, type GoogleKeyFacts } from "../gcp/json-key.ts";
import { formOf, type CredentialForm } from "./key-form.ts";
import { isRegionName } from "./region.ts";

/** What is wrong or remarkable about a value's shape. Ids of the failure catalogue, without their `value.` prefix. */
export type Shape =
  | "empty"
  | "trailing-newline"
  | "crlf"
  | "leading-trailing-space"
  | "line-break"
  | "echo-n-literal"
  | "quotes"
  | "double-base64"
  | "not-base64-decoded"
  | "percent-encoded"
  | "json-escaped"
  | "csv-row"
  | "trailing-comment"
  | "placeholder"
  | "nul"
  | "non-utf8"
  | "bom-or-invisible";

/** All that leaves the collector of one value of a Secret or ConfigMap: never the value. */
export interface KeyFacts {
  /** Only the name is known: the value is encrypted, or comes from somewhere else. Then all the rest says nothing. */
  readonly unread: boolean;
  readonly bytes: number;
  /** Of the text without what wrongly surrounds it. */
  readonly characters: number;
  readonly shape: readonly Shape[];
  readonly form: CredentialForm;
  /** What a URL or host name points to; undefined when the value is not under an endpoint's name. */
  readonly endpoint: EndpointKind | undefined;
  /** The value itself, under a region's name and when it is a region's. */
  readonly region: string | undefined;
  /** Of the JSON key of a Google service account. */
  readonly googleKey?: GoogleKeyFacts;
  /** Keyed hash, comparable within one run only. */
  readonly fingerprint: string;
}

/** Facts of a value that was not read. */
export const UNREAD: KeyFacts = {
  unread: true,
  bytes: 0,
  characters: 0,
  shape: [],
  form: undefined,
  endpoint: undefined,
  region: undefined,
  fingerprint: "",
};

/**
 * Placeholders of documentation and templates; AWS's and Antfly's sample keys among them. Stores of one's own take nearly
 * anything as a key, so only what nobody would choose is one.
 */
const PLACEHOLDER =
  /^(<.*>|\$\{.*\}|\$\(.*\)|\{\{.*\}\}|\.{3,}|x{3,}|change[-_]?me|placeholder|your[-_ ](aws[-_ ])?(access|secret)[-_ ]?(access[-_ ])?key([-_ ]id)?|replace[-_ ]?me|akiaiosfodnn7example|wjalrxutnfemi\/k7mdeng\/bpxrficyexamplekey|googabc123def456)$/i;
/** A variable that nobody put in, as `envsubst` does; a password may begin with a dollar sign, too. */
const VARIABLE = /^\$[A-Z_][A-Z0-9_]{2,}$/;

const INVISIBLE = /[\ufeff\u00a0\u200b-\u200d\u2060\u2018-\u201d]/;
const ENCODED_KEY_ID = /^(QUtJQ|QVNJQ|R09PR)/;

/**
 * Judges the bytes of one value. `key` is its name, which decides whether it is looked at as an endpoint.
 * `fingerprint` is called with the bytes and must not be reversible.
 */
export function classify(key: string, bytes: Uint8Array, fingerprint: (bytes: Uint8Array) => string): KeyFacts {
  const text = decodeUtf8(bytes);
  const shape = shapesOf(bytes, text);
  const clean = unwrap(text ?? "");
  const googleKey = googleKeyIn(key, clean);
  return {
    unread: false,
    bytes: bytes.length,
    characters: clean.length,
    shape,
    form: formOf(clean),
    endpoint: /(^|_)ENDPOINT(_URL)?(_S3)?$/i.test(key) && clean !== "" ? endpointKind(clean) : undefined,
    region: /(^|_)REGION$/i.test(key) && isRegionName(clean) ? clean : undefined,
    ...(googleKey === undefined ? {} : { googleKey }),
    fingerprint: fingerprint(bytes),
  };
}

export function shapesOf(bytes: Uint8Array, text: string | undefined = decodeUtf8(bytes)): Shape[] {
  if (bytes.length === 0) return ["empty"];
  if (text === undefined) return ["non-utf8"];
  const shapes: Shape[] = [];
  if (text.includes("\0")) shapes.push("nul");
  if (text.startsWith("-n ")) shapes.push("echo-n-literal");
  if (text.includes("\r")) shapes.push("crlf");
  else if (text.endsWith("\n")) shapes.push("trailing-newline");
  const body = text.replace(/[\r\n]+$/, "");
  if (/^[ \t\n\v\f]|[ \t\n\v\f]$/.test(body)) shapes.push("leading-trailing-space");
  if (body.trim().includes("\n") && !text.includes("\r")) shapes.push("line-break");
  if (/^(["'])[\s\S]*\1\s*$/.test(text.trim()) && text.trim().length > 1) shapes.push("quotes");
  if (INVISIBLE.test(text)) shapes.push("bom-or-invisible");
  const core = unwrap(text);
  if (isBase64OfKeyId(core) || isBase64OfPlainSecret(core)) shapes.push("double-base64");
  if (PLACEHOLDER.test(core) || VARIABLE.test(core)) shapes.push("placeholder");
  if (/%2[bf]|%3d/i.test(core) && !/:\/\//.test(core)) shapes.push("percent-encoded");
  if (/\\["/]/.test(core) && !core.startsWith("{")) shapes.push("json-escaped");
  if (/(^|[\s,])(AKIA|ASIA|GOOG)[A-Z0-9]{8,}\s*,\s*\S/.test(core)) shapes.push("csv-row");
  if (/\s#/.test(core)) shapes.push("trailing-comment");
  return shapes;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text without what wrongly surrounds it: white space, a literal `-n`, one pair of quotes. */
function unwrap(text: string): string {
  return text
    .trim()
    .replace(/^-n /, "")
    .replace(/^(["'])([\s\S]*)\1$/, "$2")
    .trim();
}

/** Base64 of an access key id: the ids' own prefixes, encoded once. */
function isBase64OfKeyId(text: string): boolean {
  return ENCODED_KEY_ID.test(text) && isStrictBase64(text);
}

/** Base64 of a 40-character secret: 56 characters, the decoded ones printable and of a secret's alphabet. */
function isBase64OfPlainSecret(text: string): boolean {
  if (!isStrictBase64(text) || text.length < 52 || text.length > 60) return false;
  return /^[A-Za-z0-9/+=]{40}\n?$/.test(Buffer.from(text, "base64").toString("latin1"));
}

function isStrictBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
