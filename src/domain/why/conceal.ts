import { printable } from "../text.ts";

/** Ids of access keys; the prefixes are AWS's (IAM user guide, "Unique identifiers") and Google's for HMAC keys. */
const KEY_ID = /(?<![A-Za-z0-9])(AKIA|ASIA|ABIA|ACCA|GOOG)[A-Z0-9]{8,}(?![a-z0-9])/g;
/** JSON Web Tokens, tokens of AWS, Google, Vault and GitHub, and PEM: told by how they begin. */
const TOKEN = /eyJ[A-Za-z0-9_-]{8}|[FI]QoJb3|ya29\.|\bhv[sb]\.|\bgh[opsu]_|-----BEGIN/;
/** The id of an EKS cluster in its issuer: 32 characters in a row that everybody may see. */
const ISSUER_ID = /\/id\/[0-9A-Z]{32}(?![0-9A-Za-z])/g;
/** AWS secret keys have 40 characters, HMAC secrets too, base64 of 32 bytes 44; names hardly ever so many in a row. */
const LONG_RUN = /[A-Za-z0-9+/=_]{40}/;
const LONGEST_NAME = 253;
const AROUND = 300;

/** The word may be a secret key or a token. Rather a name too many is hidden than a secret shown. */
export function looksSecret(word: string): boolean {
  return TOKEN.test(word) || LONG_RUN.test(word.replace(ISSUER_ID, "")) || word.split(/[\s:"']+/).some(isMixed);
}

/** Long, with upper case, lower case and digits that take turns more often than in a name of several words. */
function isMixed(part: string): boolean {
  if (part.length < 36 || !/[a-z]/.test(part) || !/[A-Z]/.test(part)) return false;
  return changes(part) > (/[0-9]/.test(part) ? 0.25 : 0.38);
}

/** How often neighbours are of another class, as a share of the length. */
function changes(part: string): number {
  let turns = 0;
  for (let i = 1; i < part.length; i++) {
    const [before, here] = [classOf(part[i - 1]), classOf(part[i])];
    if (before !== "" && here !== "" && before !== here) turns++;
  }
  return turns / part.length;
}

function classOf(character: string | undefined): string {
  if (character === undefined) return "";
  if (character >= "a" && character <= "z") return "a";
  if (character >= "A" && character <= "Z") return "A";
  return character >= "0" && character <= "9" ? "0" : "";
}

/** The text if it can be a name that may be shown. It may hold anything that a shell would act on, but is no option. */
export function nameOrNothing(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const name = printable(text).trim();
  if (name === "" || name.startsWith("-") || name.length > LONGEST_NAME || looksSecret(name)) return undefined;
  return maskKeyIds(name) === name ? name : undefined;
}

/**
 * What a pattern captured, if it may be shown. The unbroken run that it is part of is judged as well: a pattern that
 * stops at a slash must not show the first half of a secret. The rest of a path may be long, if it is not random.
 */
export function nameAt(flat: string, match: RegExpExecArray | RegExpMatchArray | null, group = 1): string | undefined {
  const captured = match?.[group];
  if (match === null || captured === undefined) return undefined;
  const start = flat.indexOf(captured, match.index);
  const end = start + captured.length;
  const before = /[A-Za-z0-9+/=_]*$/.exec(flat.slice(Math.max(0, start - AROUND), start))?.[0] ?? "";
  const after = /^[A-Za-z0-9+/=_]*/.exec(flat.slice(end, end + AROUND))?.[0] ?? "";
  const run = before + captured + after;
  const hidden = after.startsWith("/") ? isMixed(run) : looksSecret(run);
  return hidden ? undefined : nameOrNothing(captured);
}

/** `AKIA…MPLE`: prefix and last four characters of an access key id. */
export function maskKeyId(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-4)}`;
}

function maskKeyIds(text: string): string {
  return text.replace(KEY_ID, maskKeyId);
}

/** The last filter of what is said about a text: no id of a key in full, nothing that may be a secret. */
export function conceal(sentence: string): string {
  return maskKeyIds(printable(sentence)).replace(/[^\s"'`<>()]{20,}/g, (word) =>
    looksSecret(word) ? "[secret]" : word,
  );
}
