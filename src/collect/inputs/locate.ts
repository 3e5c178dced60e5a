import { LineCounter, parseDocument, Scalar, type Document } from "yaml";

import type { FileSpan } from "../../domain/finding.ts";
import { isMap, isScalar, isSeq, resolved, type ManifestDocument } from "./documents.ts";

/**
 * Where the element at a JSON pointer stands in its file; of one that is not there, the nearest one that holds it. A
 * pointer into JSON that is itself a string goes on after a `#`: `/spec/config#/storage/s3/endpoint`.
 */
export function locate(manifest: ManifestDocument, pointer: string): FileSpan {
  const { text, start, end, file, root } = manifest;
  const part = text.slice(start, end);
  const [outer = "", inner] = pointer.split("#");
  const offset = start + offsetOf(part, root + outer, inner);
  const { line, col } = linesOf(text).linePos(offset);
  return { file, line, column: col };
}

/** Of the file that was asked for last: of one with thousands of documents each is asked for. */
let counted: { readonly text: string; readonly lines: LineCounter } | undefined;

function linesOf(text: string): LineCounter {
  if (counted?.text === text) return counted.lines;
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) lines.addNewLine(i + 1);
  counted = { text, lines };
  return lines;
}

function offsetOf(text: string, pointer: string, inner: string | undefined): number {
  const document = parseDocument(text, { logLevel: "silent", prettyErrors: false, merge: true });
  const { node, offset } = follow(document, pointer);
  if (inner === undefined || !isScalar(node) || typeof node.value !== "string" || node.range === undefined)
    return offset;
  const nested = parseDocument(node.value, { logLevel: "silent", prettyErrors: false });
  return sourceOffset(text, node, follow(nested, inner).offset);
}

/** The deepest node of the path that is there. A key's place is that of the key where its value is a mapping or a list. */
function follow(document: Document, pointer: string): { node: unknown; offset: number } {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const token of pointer.split("/").slice(1).map(unescape)) {
    const current = resolved(node, document);
    if (isMap(current)) {
      const pair = current.items.find((item) => isScalar(item.key) && String(item.key.value) === token);
      if (pair === undefined) break;
      node = pair.value;
      const value = resolved(node, document);
      offset = (isMap(value) || isSeq(value) || value === null ? startOf(pair.key) : startOf(node)) ?? offset;
    } else if (isSeq(current)) {
      const item: unknown = current.items[Number(token)];
      if (item === undefined) break;
      node = item;
      offset = startOf(node) ?? offset;
    } else break;
  }
  return { node: resolved(node, document), offset };
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: readonly [number, number, number] | null } | null | undefined)?.range?.[0];
}

function unescape(token: string): string {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Where the character at `index` of a scalar's value stands in the source. */
function sourceOffset(text: string, scalar: Scalar, index: number): number {
  const [start = 0, end = text.length] = scalar.range ?? [];
  if (scalar.type === Scalar.BLOCK_LITERAL || scalar.type === Scalar.BLOCK_FOLDED) {
    return inBlock(text, start, String(scalar.value), index);
  }
  if (scalar.type === Scalar.QUOTE_DOUBLE) return inDoubleQuotes(text, start + 1, end, index);
  if (scalar.type === Scalar.QUOTE_SINGLE)
    return inLines(text, start + 1, { end, index }, (at) => (text.startsWith("''", at) ? 2 : 1));
  return inLines(text, start, { end, index }, () => 1);
}

function inBlock(text: string, start: number, value: string, index: number): number {
  const before = value.slice(0, index);
  const lineOfValue = before.split("\n").length - 1;
  let at = text.indexOf("\n", start) + 1;
  // Blanks that `|2` leaves in the value are none of the indentation.
  const indent = blanksBefore(text.slice(at)) - blanksBefore(value);
  for (let line = 0; line < lineOfValue; line++) at = text.indexOf("\n", at) + 1;
  return at + indent + (index - (before.lastIndexOf("\n") + 1));
}

/** The first line that holds something is indented by so many. */
function blanksBefore(text: string): number {
  return /^ */.exec(text.replace(/^\s*\n/, ""))?.[0].length ?? 0;
}

const ESCAPES: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

function inDoubleQuotes(text: string, start: number, end: number, index: number): number {
  return inLines(text, start, { end, index }, (at) => (text[at] === "\\" ? (ESCAPES[text[at + 1] ?? ""] ?? 2) : 1));
}

/** A line break with the white space around it, which becomes a blank; with empty lines after it, these. */
const FOLD = /[ \t]*\n(?:[ \t\r]*\n)*[ \t]*/y;
/** One that is escaped, and becomes nothing. */
const JOIN = /\\\r?\n[ \t]*/y;

/** Goes on in text that may be broken into lines. `sizeAt` says how long the source of one character is. */
function inLines(
  text: string,
  start: number,
  { end, index }: { readonly end: number; readonly index: number },
  sizeAt: (at: number) => number,
): number {
  const matchAt = (pattern: RegExp, at: number): string => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? "";
  };
  let at = start;
  let i = 0;
  for (;;) {
    at += matchAt(JOIN, at).length;
    if (i >= index || at >= end) return at;
    const fold = matchAt(FOLD, at);
    i += fold === "" ? 1 : Math.max(1, fold.split("\n").length - 2);
    at += fold === "" ? sizeAt(at) : fold.length;
  }
}
