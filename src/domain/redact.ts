import type { Sensitive } from "./sensitive.ts";
import { printable } from "./text.ts";

const PLACEHOLDER = "[secret]";
/** Shorter values are not replaced everywhere: `auto`, `true` or `minio` would black out ordinary words. */
const SHORTEST = 8;
/** Even shorter ones not where a server quotes what it was sent: one letter is no secret. */
const SHORTEST_QUOTED = 3;

/** The last filter before anything is printed: replaces every secret seen in this run, in each form it can take. */
export class Redactor {
  readonly #forms = new Set<string>();
  readonly #short = new Set<string>();
  readonly #allowed = new Set<string>();

  /** From now on this value is replaced, raw, escaped, flattened, base64 or URL-encoded. */
  watch(secret: Sensitive): void {
    const bytes = Buffer.from(secret.reveal());
    const raw = bytes.toString("utf8");
    for (const text of new Set([raw, raw.trim(), printable(raw), ...raw.split(/\r?\n/)])) {
      if (text.length >= SHORTEST) for (const form of formsOf(text)) this.#forms.add(form);
      else if (text.length >= SHORTEST_QUOTED) for (const form of formsOf(text)) this.#short.add(form);
    }
    if (bytes.length >= SHORTEST) this.#forms.add(bytes.toString("base64"));
  }

  /** A word that everybody sees, such as a name: it stays, although some Secret holds the very same. */
  allow(word: string): void {
    this.#allowed.add(word);
  }

  clean(text: string): string {
    let cleaned = text;
    // Longest first: a form may contain another one, and half a replacement would show the rest.
    for (const form of [...this.#forms].sort((a, b) => b.length - a.length)) {
      if (!this.#allowed.has(form) && cleaned.includes(form)) cleaned = cleaned.replaceAll(form, PLACEHOLDER);
    }
    return cleaned;
  }

  /** As `clean`, for words of a server about what it was sent: short values too, where they stand alone. */
  cleanQuoted(text: string): string {
    let cleaned = this.clean(text);
    for (const form of this.#short) {
      if (this.#allowed.has(form) || !cleaned.includes(form)) continue;
      cleaned = cleaned.replaceAll(new RegExp(`(?<![A-Za-z0-9])${escaped(form)}(?![A-Za-z0-9])`, "g"), PLACEHOLDER);
    }
    return cleaned;
  }

  /** A document as JSON text, each of its strings cleaned: cleaning the text could take a quotation mark along. */
  json(document: unknown): string {
    const cleaned = (_: string, value: unknown): unknown => (typeof value === "string" ? this.clean(value) : value);
    return `${JSON.stringify(document, cleaned, 2)}\n`;
  }
}

function formsOf(text: string): string[] {
  const encoded = Buffer.from(text, "utf8");
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    encoded.toString("base64"),
    encoded.toString("base64").replace(/=+$/, ""),
    encoded.toString("base64url"),
    encodeURIComponent(text),
  ];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
