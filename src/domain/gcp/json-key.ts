/** What can be told of a Google service account's key without showing it. */
export interface GoogleKeyFacts {
  /** `type` of the JSON; undefined where it is no JSON. */
  readonly type: string | undefined;
  /** `client_email`. */
  readonly account: string | undefined;
  /** `private_key_id`: names the key, and is none. */
  readonly keyId: string | undefined;
  /** Of `private_key`: `escaped` has the two characters \ and n for each line break. */
  readonly pem: "good" | "escaped" | "flat" | "none";
}

const NAMES = /^GOOGLE_(?:SERVICE_ACCOUNT_JSON|APPLICATION_CREDENTIALS_JSON|CREDENTIALS)$/;

/** Undefined for a value that is no such key, and does not stand under its name. */
export function googleKeyIn(name: string, text: string): GoogleKeyFacts | undefined {
  const named = NAMES.test(name);
  if (!named && !/^\s*\{[\s\S]*"(?:private_key|client_email|private_key_id)"/.test(text)) return undefined;
  const parsed = parse(text.trim());
  if (parsed === undefined) return { type: undefined, account: undefined, keyId: undefined, pem: "none" };
  const textOf = (key: string): string | undefined => {
    const value = parsed[key];
    return typeof value === "string" ? value : undefined;
  };
  return {
    type: textOf("type") ?? "none",
    account: textOf("client_email"),
    keyId: textOf("private_key_id"),
    pem: pemOf(textOf("private_key")),
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function pemOf(key: string | undefined): GoogleKeyFacts["pem"] {
  if (key === undefined) return "none";
  if (/^-----BEGIN (?:RSA )?PRIVATE KEY-----\n[\s\S]+\n-----END (?:RSA )?PRIVATE KEY-----\n?$/.test(key)) return "good";
  return key.includes("\\n") ? "escaped" : key.includes("PRIVATE KEY") ? "flat" : "none";
}
