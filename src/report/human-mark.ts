import type { Status } from "../domain/report.ts";
import type { Paint, Style } from "../domain/style.ts";

const MARKS: Record<Status, { readonly unicode: string; readonly ascii: string; readonly colour: keyof Paint }> = {
  fail: { unicode: "✗", ascii: "x", colour: "red" },
  warn: { unicode: "!", ascii: "!", colour: "yellow" },
  unknown: { unicode: "?", ascii: "?", colour: "yellow" },
  info: { unicode: "i", ascii: "i", colour: "cyan" },
  blocked: { unicode: "–", ascii: "-", colour: "dim" },
  skip: { unicode: "–", ascii: "-", colour: "dim" },
  pass: { unicode: "✓", ascii: "+", colour: "green" },
};

/** The sign that stands before what came to this. */
export function mark(status: Status, { paint, unicode }: Style): string {
  const { colour, ascii, unicode: sign } = MARKS[status];
  return paint[colour](unicode ? sign : ascii);
}
