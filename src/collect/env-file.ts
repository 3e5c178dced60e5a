import { UserError } from "../domain/errors.ts";

/** Name → value as the file says, and the line it stands on (from 1). */
export type EnvFile = ReadonlyMap<string, { readonly text: string; readonly line: number }>;

const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)$/;

/**
 * Parses `NAME=value` lines. A value is literal: no interpolation, and a `#` inside it stays (the usual parsers take it
 * for a comment, and cut a secret short without a word). One pair of surrounding quotation marks is taken off; comment
 * lines begin with `#`; a carriage return at the end of a line is dropped.
 * @throws UserError with the line for anything else; the line itself is never quoted
 */
export function parseEnvFile(bytes: Uint8Array, source: string): EnvFile {
  if (bytes.includes(0))
    throw new UserError("bad-env-file", `${source} contains a NUL byte; a variable cannot hold one`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UserError("bad-env-file", `${source} is not UTF-8 text`);
  }
  const values = new Map<string, { text: string; line: number }>();
  for (const [i, raw] of text.split("\n").entries()) {
    const place = `${source}:${i + 1}`;
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const match = LINE.exec(line);
    const [, name, value] = match ?? [];
    if (name === undefined || value === undefined) throw new UserError("bad-env-file", `${place} is not NAME=value`);
    if (isRestOfValue(name, value)) {
      throw new UserError("bad-env-file", `${place} looks like the rest of the value before it`, {
        hint: "put each value on one line; a name is written in capitals",
      });
    }
    if (values.has(name)) throw new UserError("bad-env-file", `${place} sets ${name} a second time`);
    values.set(name, { text: unquote(value, place), line: i + 1 });
  }
  if (values.size === 0) throw new UserError("empty-env-file", `${source} holds no NAME=value line`);
  return values;
}

/** The second half of a base64 value that was broken in two ends in `=` and would be a name without a value. */
function isRestOfValue(name: string, value: string): boolean {
  return /^=*$/.test(value) && name.length > 8 && /[a-z]/.test(name) && /[A-Z0-9]/.test(name);
}

function unquote(value: string, place: string): string {
  const quote = value[0];
  if (quote !== '"' && quote !== "'") return value;
  if (value.length < 2 || !value.endsWith(quote))
    throw new UserError("bad-env-file", `${place}: the quotation mark is not closed`);
  return value.slice(1, -1);
}
