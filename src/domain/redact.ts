import type { Sensitive } from "./sensitive.ts";
import { printable } from "./text.ts";

/** Documents that are printed one a line, as JSON that is not broken up (NDJSON). */
export interface Lines {
  readonly lines: readonly object[];
}

/** Text for people, a document, or a stream of documents. */
export type Printed = string | object | Lines;

const PLACEHOLDER = "[secret]";
/** Shorter values are not replaced everywhere: `auto`, `true` or `minio` would black out ordinary words. */
const SHORTEST = 8;
/** Even shorter ones not where a server quotes what it was sent: one letter is no secret. */
const SHORTEST_QUOTED = 3;
const MARKS = 1 << 16;

/** Forms with the same beginning. */
interface Forms {
  readonly all: Set<string>;
  longestFirst: readonly string[] | undefined;
}

/** The last filter before anything is printed: replaces every secret seen in this run, in each form it can take. */
export class Redactor {
  /** By their first characters, so that a text is gone through once however many secrets there are. */
  readonly #forms = new Map<string, Forms>();
  /** Whether any beginning could be at a place: most are told apart without taking the text to pieces. */
  readonly #marks = new Uint8Array(MARKS);
  readonly #short = new Set<string>();
  readonly #allowed = new Set<string>();

  /** From now on this value is replaced, raw, escaped, flattened, base64 or URL-encoded. */
  watch(secret: Sensitive): void {
    const bytes = Buffer.from(secret.reveal());
    const raw = bytes.toString("utf8");
    for (const text of new Set([raw, raw.trim(), printable(raw), ...raw.split(/\r?\n/)])) {
      if (text.length >= SHORTEST) for (const form of formsOf(text)) this.#add(form);
      else if (text.length >= SHORTEST_QUOTED) for (const form of formsOf(text)) this.#short.add(form);
    }
    if (bytes.length >= SHORTEST) this.#add(bytes.toString("base64"));
  }

  #add(form: string): void {
    const head = form.slice(0, SHORTEST);
    const forms = this.#forms.get(head) ?? { all: new Set<string>(), longestFirst: undefined };
    forms.all.add(form);
    forms.longestFirst = undefined;
    this.#forms.set(head, forms);
    this.#marks[markOf(head, 0)] = 1;
  }

  /** A word that everybody sees, such as a name: it stays, although some Secret holds the very same. */
  allow(word: string): void {
    this.#allowed.add(word);
  }

  /** Where secrets overlap, all that they cover is replaced: half a replacement would show the rest. */
  clean(text: string): string {
    if (this.#forms.size === 0) return text;
    let cleaned = "";
    let start = 0;
    let end = 0;
    for (let at = 0; at + SHORTEST <= text.length; at++) {
      const forms = this.#marks[markOf(text, at)] === 1 ? this.#forms.get(text.slice(at, at + SHORTEST)) : undefined;
      if (forms === undefined) continue;
      forms.longestFirst ??= [...forms.all].sort((a, b) => b.length - a.length);
      const form = forms.longestFirst.find((one) => text.startsWith(one, at) && !this.#allowed.has(one));
      if (form === undefined) continue;
      if (at >= end) {
        cleaned += `${end > start ? PLACEHOLDER : ""}${text.slice(end, at)}`;
        start = at;
      }
      end = Math.max(end, at + form.length);
    }
    return `${cleaned}${end > start ? PLACEHOLDER : ""}${text.slice(end)}`;
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

  /**
   * The same data with each of its strings cleaned. For what will be escaped before it is printed: `clean` does not know
   * a secret whose `&` has become `&amp;`.
   */
  cleaned<T>(data: T): T {
    if (typeof data === "string") return this.clean(data) as T;
    if (Array.isArray(data)) return data.map((item: unknown) => this.cleaned(item)) as T;
    if (typeof data !== "object" || data === null) return data;
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, this.cleaned<unknown>(value)])) as T;
  }

  /** What is printed: each string of a document by itself, since cleaning its text could take a quotation mark along. */
  text(content: Printed): string {
    if (typeof content === "string") return this.clean(content);
    const each = (_: string, value: unknown): unknown => (typeof value === "string" ? this.clean(value) : value);
    if (!("lines" in content)) return `${JSON.stringify(content, each, 2)}\n`;
    return content.lines.map((line) => `${JSON.stringify(line, each)}\n`).join("");
  }
}

/** A small number of three of the characters from `at` on. */
function markOf(text: string, at: number): number {
  return (text.charCodeAt(at) * 31 + text.charCodeAt(at + 3) * 961 + text.charCodeAt(at + 7) * 29791) % MARKS;
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
