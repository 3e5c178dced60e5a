import { codePoint } from "./mark-difference.ts";
import { pointer } from "../policy-reader.ts";

/** Something in a JSON text that JSON does not have. `offset` counts UTF-16 units. */
export interface JsonProblem {
  readonly message: string;
  readonly path: string;
  readonly offset: number;
}

export interface JsonText {
  readonly value: unknown;
  /** What was read over: comments, commas too many or too few, keys that stand there twice, text after the end. */
  readonly problems: readonly JsonProblem[];
  /** JSON pointer → offset of the member's key, or of the item. */
  readonly offsets: ReadonlyMap<string, number>;
}

/** The text is no JSON, not even a slovenly one. */
export class NotJson extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "NotJson";
    this.offset = offset;
  }
}

/** A policy has six levels; the parser calls itself for each. */
const DEEPEST = 64;
/** Well above the longest condition key: the URL of an issuer has 255 characters at most. */
const LONGEST_KEY = 2048;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][\w-]*/y;
const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/**
 * Reads JSON as a person writes it: what a strict parser stops at is noted with its place, and read over where the
 * meaning is plain. Of a key that stands twice the last one counts, as in every JSON parser.
 * @throws NotJson where the meaning is not plain
 */
export function readJson(text: string): JsonText {
  return new Reader(text).read();
}

class Reader {
  private readonly text: string;
  private at = 0;
  private readonly problems: JsonProblem[] = [];
  private readonly offsets = new Map<string, number>();

  constructor(text: string) {
    this.text = text;
  }

  read(): JsonText {
    this.space("");
    if (this.at >= this.text.length) throw new NotJson("is empty", this.at);
    this.offsets.set("", this.at);
    const value = this.value("", 0);
    this.space("");
    if (this.at < this.text.length) this.note("text stands after the end of the policy", "");
    return { value, problems: this.problems, offsets: this.offsets };
  }

  private note(message: string, path: string, offset = this.at): void {
    this.problems.push({ message, path, offset });
  }

  private value(path: string, depth: number): unknown {
    if (depth > DEEPEST) throw new NotJson("is nested deeper than any policy", this.at);
    const next = this.text[this.at];
    if (next === "{") return this.object(path, depth);
    if (next === "[") return this.list(path, depth);
    if (next === '"') return this.string(path);
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text)?.[0];
    if (number !== undefined) {
      this.at += number.length;
      return Number(number);
    }
    return this.word();
  }

  private word(): unknown {
    WORD.lastIndex = this.at;
    const word = WORD.exec(this.text)?.[0];
    const known: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };
    if (word === undefined || !Object.hasOwn(known, word)) throw new NotJson(this.unexpected(), this.at);
    this.at += word.length;
    return known[word];
  }

  private unexpected(): string {
    const next = this.text[this.at];
    if (next === undefined) return "ends in the middle: a bracket or a quotation mark is not closed";
    if (/^['\u201c\u201d\u2018\u2019]$/.test(next)) return `has ${next} where JSON has "`;
    return "is no JSON: here a value is wanted";
  }

  private object(path: string, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const at of this.members("}", path)) {
      if (this.text[this.at] !== '"') throw new NotJson(this.keyWanted(), this.at);
      const key = this.string(path);
      if (key.length > LONGEST_KEY) throw new NotJson("has a key that is longer than any of a policy", at);
      const where = pointer(path, key);
      if (Object.hasOwn(object, key)) this.note(`${key} stands here twice`, where, at);
      this.offsets.set(where, at);
      this.space(path);
      if (this.text[this.at] !== ":") throw new NotJson("is no JSON: after a key a colon is wanted", this.at);
      this.at += 1;
      this.space(path);
      // A plain assignment to __proto__ would be lost.
      const value = this.value(where, depth + 1);
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    }
    return object;
  }

  private keyWanted(): string {
    const next = this.text[this.at];
    if (next === undefined || /^['\u201c\u201d\u2018\u2019]$/.test(next)) return this.unexpected();
    return "is no JSON: here a key in quotation marks is wanted";
  }

  private list(path: string, depth: number): unknown[] {
    const list: unknown[] = [];
    for (const at of this.members("]", path)) {
      const where = pointer(path, list.length);
      this.offsets.set(where, at);
      list.push(this.value(where, depth + 1));
    }
    return list;
  }

  /** Goes from one member to the next, over commas; gives the offset of each. */
  private *members(end: "}" | "]", path: string): Generator<number> {
    this.at += 1;
    let first = true;
    for (;;) {
      this.space(path);
      const start = this.at;
      if (!first) {
        if (this.text[this.at] === ",") {
          this.at += 1;
          this.space(path);
          if (this.text[this.at] === end) this.note("a comma stands before the closing bracket", path, start);
        } else if (this.text[this.at] !== end && this.text[this.at] !== undefined) {
          if (this.text[this.at] !== '"' && this.text[this.at] !== "{") throw new NotJson(this.unexpected(), this.at);
          this.note("a comma is missing here", path);
        }
      }
      if (this.text[this.at] === end) {
        this.at += 1;
        return;
      }
      if (this.at >= this.text.length) throw new NotJson(this.unexpected(), this.at);
      first = false;
      yield this.at;
    }
  }

  private string(path: string): string {
    const from = this.at;
    const parts: string[] = [];
    let start = (this.at += 1);
    for (;;) {
      const next = this.text[this.at];
      if (next === undefined) throw new NotJson("has a quotation mark that is not closed", from);
      if (next === '"') break;
      if (next < " ") this.note("a line break or another control character stands inside a text", path);
      if (next !== "\\") {
        this.at += 1;
        continue;
      }
      parts.push(this.text.slice(start, this.at), this.escape());
      start = this.at;
    }
    parts.push(this.text.slice(start, this.at));
    this.foreign(path, from);
    this.at += 1;
    return parts.join("");
  }

  /** IAM User Guide, "IAM and AWS STS quotas": a policy has the characters up to U+00FF and no others. */
  private foreign(path: string, from: number): void {
    const found = /[^\0-\u00ff]/u.exec(this.text.slice(from, this.at));
    if (found !== null)
      this.note(`the character ${codePoint(found[0])} stands inside a text`, path, from + found.index);
  }

  private escape(): string {
    const from = this.at;
    const letter = this.text[this.at + 1] ?? "";
    this.at += 2;
    if (letter === '"' || letter === "\\" || letter === "/") return letter;
    const control = ESCAPES[letter];
    if (control !== undefined) return control;
    const digits = this.text.slice(this.at, this.at + 4);
    if (letter !== "u" || !/^[\da-fA-F]{4}$/.test(digits)) throw new NotJson("has a \\ that JSON does not know", from);
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  /** Over white space and comments. */
  private space(path: string): void {
    for (;;) {
      const next = this.text[this.at];
      if (next === " " || next === "\n" || next === "\r" || next === "\t") this.at += 1;
      else if (next === "/" && this.text[this.at + 1] === "/") this.comment(path, "\n");
      else if (next === "/" && this.text[this.at + 1] === "*") this.comment(path, "*/");
      else if (next === "#") this.comment(path, "\n");
      else return;
    }
  }

  private comment(path: string, end: string): void {
    this.note("a comment stands here, and JSON has none", path);
    const found = this.text.indexOf(end, this.at + 2);
    this.at = found < 0 ? this.text.length : found + end.length;
  }
}
