import { isRecord } from "./iam/policy-reader.ts";
import { sameJson } from "./json.ts";

/**
 * Adds members to the object under `key` of a JSON object, or the object with them where it has none. Everything else
 * stays as it is, byte for byte; what is new follows the text's own indentation.
 * @throws SyntaxError for a text that is no JSON, and where something else stands under `key`
 */
export function insertMembers(text: string, key: string, members: Readonly<Record<string, unknown>>): string {
  const before = JSON.parse(text) as Record<string, unknown>;
  if (Object.keys(members).length === 0) return text;
  if (before[key] !== undefined && !isRecord(before[key])) throw new SyntaxError(`${key} is no object`);
  const { root, member } = scan(text, key);
  const unit = /^\s*\{[^\S\n]*\n([^\S\n]+)"/.exec(text)?.[1];
  const inserted =
    member === undefined
      ? into(text, root, { [key]: members }, { unit, depth: 1 })
      : into(text, member, members, { unit, depth: 2 });
  const wanted = { ...before, [key]: { ...(before[key] as object | undefined), ...members } };
  if (!sameJson(JSON.parse(inserted), wanted)) throw new Error("a JSON text was not changed as it should be");
  return inserted;
}

/** Offsets of an object's brackets. */
interface Span {
  readonly open: number;
  readonly close: number;
}

function into(
  text: string,
  { open, close }: Span,
  members: Readonly<Record<string, unknown>>,
  { unit, depth }: { readonly unit: string | undefined; readonly depth: number },
): string {
  const last = text.slice(0, close).trimEnd().length;
  const empty = last === open + 1;
  const line = unit === undefined ? "" : `\n${unit.repeat(depth)}`;
  const added = Object.entries(members).map(([name, value]) => {
    const shown = JSON.stringify(value, null, unit ?? "").replaceAll("\n", line);
    return `${line}${JSON.stringify(name)}:${unit === undefined ? "" : " "}${shown}`;
  });
  const end = empty && unit !== undefined ? `\n${unit.repeat(depth - 1)}` : text.slice(last, close);
  return (
    text.slice(0, last) +
    (empty ? "" : ",") +
    added.join(",") +
    (empty && unit === undefined ? "" : end) +
    text.slice(close)
  );
}

/** The outermost object, and the one that its member `key` is; the text is known to be JSON. */
function scan(text: string, key: string): { readonly root: Span; readonly member: Span | undefined } {
  const opened: number[] = [];
  let name = "";
  let open: number | undefined;
  let member: Span | undefined;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') {
      const end = endOfString(text, at);
      if (opened.length === 1) name = JSON.parse(text.slice(at, end + 1)) as string;
      at = end;
    } else if (sign === "{" || sign === "[") {
      if (opened.length === 1 && name === key && sign === "{") open = at;
      opened.push(at);
    } else if (sign === "}" || sign === "]") {
      const from = opened.pop() ?? 0;
      // Of a key that stands twice the last one counts, as for every JSON parser.
      if (from === open) member = { open: from, close: at };
      if (opened.length === 0) return { root: { open: from, close: at }, member };
    }
  }
  throw new SyntaxError("a JSON object is wanted");
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
