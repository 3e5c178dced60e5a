import { printable } from "../domain/text.ts";

/** Longer texts are cut: a cell is for reading, and `-o json` has all of it. */
const LONGEST = 500;

/** Keeps GitHub from making a mention, a reference or a link of what is drawn as text. */
const NOTHING = "&#8203;";

const DRAWN: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "|": "&#124;",
  $: "<span>$</span>",
  "://": `:${NOTHING}//`,
};
const ACTIVE = /[\\`*_~[\]!]|[&<>|$]|:\/\/|@|#(?=\d)|GH-(?=\d)|www(?=\.)/gi;

/**
 * A text that is drawn as it is, inside a line or a cell of a table: no markup, no link, no image, no mention. An escape
 * is not enough for `@`, `#1`, `https://` and `www.`: GitHub looks for these after the Markdown has been read
 * (https://github.com/github/markup/issues/1168). `$` would begin a formula
 * (https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions).
 */
export function markdownText(text: string): string {
  const clean = printable(text);
  const short = clean.length > LONGEST ? `${clean.slice(0, LONGEST).toWellFormed()}…` : clean;
  return short.replaceAll(ACTIVE, (found) => {
    const broken = found.length > 1 || found === "@" || found === "#";
    return DRAWN[found] ?? (broken ? found + NOTHING : `\\${found}`);
  });
}

/** Lines that are shown as they are, with a button that copies them; no line can end the block. */
export function codeBlock(lines: readonly string[]): string {
  const clean = lines.map(printable);
  const longest = Math.max(2, ...clean.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}sh`, ...clean, fence].join("\n");
}

/** A row of a table; the cells are Markdown already, without a line break. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** The texts there is room for in so many characters, and a line that says how many are left out. */
export function within(texts: readonly string[], largest: number): { kept: string[]; more: string[] } {
  const kept: string[] = [];
  let left = largest;
  for (const text of texts) {
    if (text.length > left) continue;
    kept.push(text);
    left -= text.length;
  }
  const out = texts.length - kept.length;
  return { kept, more: out === 0 ? [] : [`${out} more; -o json has them all.`] };
}
