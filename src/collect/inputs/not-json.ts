import { fileProblem, type InputProblem } from "../../domain/inputs.ts";

/** What is wrong with a policy that YAML takes and JSON does not, with its place. The parser's own words quote the text. */
export function notJson(file: string, text: string): InputProblem[] {
  try {
    JSON.parse(text);
    return [];
  } catch {
    const before = text.slice(0, endOfJson(text)).split("\n");
    const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    const what = "is not valid JSON, and IAM takes nothing else: a comma too many, a comment or a wrong quotation mark";
    return [fileProblem("input.not-yaml", "error", place, what)];
  }
}

const SPACE = /\s*/uy;
/** All but strings: a pattern for those runs out of stack where one is long. A comma before a bracket is none. */
const TOKEN = /-?\d[\d.eE+-]*|true|false|null|,(?!\s*[\]}])|[[\]{}:]/uy;

/** Where the first thing stands that is no part of JSON. */
function endOfJson(text: string): number {
  let at = 0;
  for (;;) {
    at = endOf(SPACE, text, at) ?? at;
    const end = text[at] === '"' ? endOfString(text, at) : endOf(TOKEN, text, at);
    if (end === undefined) return at;
    at = end;
  }
}

function endOf(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** Undefined where it is not closed, or holds what JSON escapes. */
function endOfString(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') return at + 1;
    if (character === "\\") at += 1;
    else if (character < " ") return undefined;
  }
  return undefined;
}
