import type { Sensitive } from "./sensitive.ts";

/** Shorter values are not replaced: `auto`, `true` or `minio` would black out ordinary words. */
const SHORTEST = 8;

/** The last filter before anything is printed: replaces every secret seen in this run, in each form it can take. */
export class Redactor {
  readonly #forms = new Set<string>();

  /** From now on this value is replaced, raw, JSON-escaped, base64 or URL-encoded. */
  watch(secret: Sensitive): void {
    const bytes = Buffer.from(secret.reveal());
    const raw = bytes.toString("utf8");
    for (const text of new Set([raw, raw.trim(), ...raw.split(/\r?\n/)])) {
      if (text.length < SHORTEST) continue;
      const encoded = Buffer.from(text, "utf8");
      for (const form of [
        text,
        JSON.stringify(text).slice(1, -1),
        encoded.toString("base64"),
        encoded.toString("base64").replace(/=+$/, ""),
        encoded.toString("base64url"),
        encodeURIComponent(text),
      ]) {
        this.#forms.add(form);
      }
    }
    if (bytes.length >= SHORTEST) this.#forms.add(bytes.toString("base64"));
  }

  clean(text: string): string {
    let cleaned = text;
    // Longest first: a form may contain another one, and half a replacement would show the rest.
    for (const form of [...this.#forms].sort((a, b) => b.length - a.length)) {
      if (cleaned.includes(form)) cleaned = cleaned.replaceAll(form, "[secret]");
    }
    return cleaned;
  }
}
