import { UserError } from "../domain/errors.ts";

/** Name → value as the file says, and the line it stands on (from 1). */
export type EnvFile = ReadonlyMap<string, { readonly text: string; readonly line: number }>;

/** What is wrong with a line. The line itself is never quoted. */
export class EnvLineError extends Error {
  /** From 1; undefined when the file as a whole is meant. */
  readonly line: number | undefined;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(line: number | undefined, problem: string, code = "bad-env-file", hint?: string) {
    super(problem);
    this.name = "EnvLineError";
    this.line = line;
    this.code = code;
    this.hint = hint;
  }
}

const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)$/;

/**
 * Parses `NAME=value` lines of the file that the user calls `source`.
 * @throws UserError with the line
 */
export function parseEnvFile(bytes: Uint8Array, source: string): EnvFile {
  try {
    return parseEnvLines(bytes);
  } catch (error) {
    if (!(error instanceof EnvLineError)) throw error;
    const place = error.line === undefined ? source : `${source}:${error.line}`;
    throw new UserError(error.code, `${place} ${error.message}`, error.hint === undefined ? {} : { hint: error.hint });
  }
}

/**
 * `NAME=value` lines. A value is literal: no interpolation, and a `#` inside it stays (the usual parsers take it for a
 * comment, and cut a secret short without a word). One pair of surrounding quotation marks is taken off; comment lines
 * begin with `#`; a carriage return at the end of a line is dropped.
 * @throws EnvLineError for anything else
 */
export function parseEnvLines(bytes: Uint8Array): EnvFile {
  if (bytes.includes(0)) throw new EnvLineError(undefined, "contains a NUL byte; a variable cannot hold one");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new EnvLineError(undefined, "is not UTF-8 text");
  }
  const values = new Map<string, { text: string; line: number }>();
  for (const [i, raw] of text.split("\n").entries()) {
    const at = i + 1;
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const match = LINE.exec(line);
    const [, name, value] = match ?? [];
    if (name === undefined || value === undefined) throw new EnvLineError(at, "is not NAME=value");
    if (isRestOfValue(name, value)) {
      const hint = "put each value on one line; a name is written in capitals";
      throw new EnvLineError(at, "looks like the rest of the value before it", "bad-env-file", hint);
    }
    if (values.has(name)) throw new EnvLineError(at, `sets ${name} a second time`);
    values.set(name, { text: unquote(value, at), line: at });
  }
  if (values.size === 0) throw new EnvLineError(undefined, "holds no NAME=value line", "empty-env-file");
  return values;
}

/** The second half of a base64 value that was broken in two ends in `=` and would be a name without a value. */
function isRestOfValue(name: string, value: string): boolean {
  return /^=*$/.test(value) && name.length > 8 && /[a-z]/.test(name) && /[A-Z0-9]/.test(name);
}

function unquote(value: string, line: number): string {
  const quote = value[0];
  if (quote !== '"' && quote !== "'") return value;
  const closing = value.indexOf(quote, 1);
  if (closing > 0 && !value.endsWith(quote)) {
    const hint = "a comment stands on a line of its own";
    throw new EnvLineError(line, "has something behind the closing quotation mark", "bad-env-file", hint);
  }
  if (closing < 0) throw new EnvLineError(line, "has a quotation mark that is not closed");
  return value.slice(1, -1);
}
