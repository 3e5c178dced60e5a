import type { Code } from "../domain/finding.ts";
import type { Report, Result, Status, Target } from "../domain/report.ts";
import { count } from "../domain/text.ts";
import { markdownText, row, within } from "./markdown-text.ts";
import type { Gap, Problem } from "./problems.ts";
import { blockedText, evidenceLines, namesIn, pageOf, placeOf, reasonLines } from "./words.ts";

/** Characters of a table, so that none drives the others out: GitHub takes 65,536 as a comment. */
const LARGEST = { problems: 24_000, gaps: 10_000, suppressed: 6_000, rest: 8_000 };

export const MARKS: Readonly<Record<Status, string>> = {
  fail: "❌",
  warn: "⚠️",
  info: "ℹ️",
  unknown: "❓",
  blocked: "➖",
  skip: "➖",
  pass: "✅",
};

export function problemTable(problems: readonly Problem[], report: Report): string[] {
  const of = columnOf(report);
  const rows = problems.map(({ target, result, found }) => {
    const root = result.rootCause && found.status === "fail" ? "<br>root cause" : "";
    const what = [found.message, ...evidenceLines(found)].map(markdownText);
    if (result.explains.length > 0) what.push(`explains ${result.explains.join(", ")}`);
    return [
      MARKS[found.status],
      `${linked(result.code)}${root}`,
      ...of.cell(target.target),
      markdownText(placeOf(found)),
      what.join("<br>"),
    ];
  });
  return limited(["", "check", ...of.head, "where", "what"], rows, LARGEST.problems);
}

export function gapTable(gaps: readonly Gap[], report: Report): string[] {
  const of = columnOf(report);
  const rows = gaps.map(({ target, result, unknown, serious }) => [
    MARKS.unknown,
    `${linked(result.code)}${serious ? "<br>required" : ""}`,
    ...of.cell(target.target),
    markdownText(result.title),
    reasonLines(unknown).map(markdownText).join("<br>"),
  ]);
  return titled("Could not be told", limited(["", "check", ...of.head, "what", "why"], rows, LARGEST.gaps));
}

export function suppressedTable(report: Report): string[] {
  const of = columnOf(report);
  const rows = report.targets.flatMap(({ target, results }) =>
    results.flatMap(({ code, suppressed }) =>
      suppressed.map(({ finding, by }) => [
        linked(code),
        ...of.cell(target),
        markdownText(placeOf(finding)),
        markdownText(finding.message),
        markdownText(`${by.reason} (${by.from}${by.expires === undefined ? "" : `, until ${by.expires}`})`),
      ]),
    ),
  );
  const head = ["check", ...of.head, "where", "what", "why it does not count"];
  return titled("Suppressed", limited(head, rows, LARGEST.suppressed));
}

/** What asks nothing of anybody, folded away. */
export function restTable(report: Report): string[] {
  const of = columnOf(report);
  const rows = report.targets.flatMap(({ target, results }) =>
    results.flatMap((result) => {
      const outcome = outcomeOf(result);
      if (outcome === undefined) return [];
      const { code, status, title } = result;
      return [[MARKS[status], linked(code), ...of.cell(target), markdownText(title), markdownText(outcome)]];
    }),
  );
  if (rows.length === 0) return [];
  const head = ["", "check", ...of.head, "what", "outcome"];
  const summary = `<details><summary>${count(rows.length, "other check")}</summary>`;
  return [summary, ...limited(head, rows, LARGEST.rest), "</details>"];
}

function outcomeOf(result: Result): string | undefined {
  switch (result.status) {
    case "pass":
      return "passed";
    case "info":
      return result.findings.map((found) => found.message).join("; ");
    case "skip":
      return `skipped: ${result.skipReason ?? ""}`;
    case "blocked":
      return blockedText(result);
    default:
      return undefined;
  }
}

function titled(title: string, parts: readonly string[]): string[] {
  return parts.length === 0 ? [] : [`#### ${title}`, ...parts];
}

/** As many rows as there is room for; nothing without rows. */
function limited(head: readonly string[], rows: readonly (readonly string[])[], largest: number): string[] {
  if (rows.length === 0) return [];
  const { kept, more } = within(rows.map(row), largest);
  return [[row(head), row(head.map(() => "---")), ...kept].join("\n"), ...more];
}

/** A cell that says of which target a row is, where there are several. */
function columnOf(report: Report): { head: string[]; cell: (target: Target) => string[] } {
  const nameOf = namesIn(report);
  if (report.targets.length === 1) return { head: [], cell: () => [] };
  return { head: ["of"], cell: (target) => [markdownText(nameOf(target))] };
}

function linked(code: Code): string {
  return `[${code}](${pageOf(code)})`;
}
