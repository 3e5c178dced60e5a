import type { Sensitive } from "../sensitive.ts";
import { count } from "../text.ts";

/** Whose credential a value looks like, by its prefix and alphabet alone. */
export type CredentialForm =
  | "aws-key-id"
  | "aws-temporary-key-id"
  | "gcs-hmac-id"
  | "aws-other-id"
  | "secret"
  | "service-account-json"
  | undefined;

/**
 * AWS's unique identifiers begin with four letters that say what they are
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html): of these only AKIA and ASIA are access keys.
 */
const OTHER_AWS_IDS = /^(AIDA|AROA|AGPA|AIPA|ANPA|ANVA|APKA|ASCA|ABIA|ACCA)[A-Z0-9]{12,}$/;

/** Forty hexadecimal digits are no secret of AWS, but a key id of Oracle's object storage, or a hash. */
export function formOf(text: string): CredentialForm {
  if (/^AKIA[A-Z0-9]{8,}$/.test(text)) return "aws-key-id";
  if (/^ASIA[A-Z0-9]{8,}$/.test(text)) return "aws-temporary-key-id";
  if (/^GOOG[A-Z0-9]{8,}$/.test(text)) return "gcs-hmac-id";
  if (OTHER_AWS_IDS.test(text)) return "aws-other-id";
  if (/^\s*\{/.test(text) && /"private_key"/.test(text)) return "service-account-json";
  if (/^[A-Za-z0-9/+]{40}$/.test(text) && /[g-z]/.test(text) && /[A-Z0-9/+]/.test(text)) return "secret";
  return undefined;
}

/** `AKIA…Q7XA`; of what has not the form of an id only its length, for it may be a secret in the wrong place. */
export function shownKeyId(id: Sensitive): string {
  const text = Buffer.from(id.reveal()).toString("utf8");
  if (/^(AKIA|ASIA|GOOG)[A-Z0-9]{8,}$/.test(text)) return `${text.slice(0, 4)}…${text.slice(-4)}`;
  return `a key id of ${count(text.length, "character")}`;
}
