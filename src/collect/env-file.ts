import { UserError } from "../domain/errors.ts";

/** Name → value, as the file says. */
export type EnvFile = ReadonlyMap<string, string>;

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
  const values = new Map<string, string>();
  for (const [i, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const match = LINE.exec(line);
    const [, name, value] = match ?? [];
    if (name === undefined || value === undefined) {
      throw new UserError("bad-env-file", `${source}:${i + 1} is not NAME=value`);
    }
    if (values.has(name)) throw new UserError("bad-env-file", `${source}:${i + 1} sets ${name} a second time`);
    values.set(name, unquote(value, `${source}:${i + 1}`));
  }
  if (values.size === 0) throw new UserError("empty-env-file", `${source} holds no NAME=value line`);
  return values;
}

function unquote(value: string, place: string): string {
  const quote = value[0];
  if (quote !== '"' && quote !== "'") return value;
  if (value.length < 2 || !value.endsWith(quote))
    throw new UserError("bad-env-file", `${place}: the quotation mark is not closed`);
  return value.slice(1, -1);
}
