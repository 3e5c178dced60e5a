import type { ExitCode } from "../domain/errors.ts";
import { describeRef, type Code, type Fix } from "../domain/finding.ts";
import type { Report, Status } from "../domain/report.ts";
import { count } from "../domain/text.ts";
import { gapTable, MARKS, problemTable, restTable, suppressedTable } from "./markdown-tables.ts";
import { codeBlock, markdownText, within } from "./markdown-text.ts";
import { gapsOf, problemsOf, type Gap, type Problem } from "./problems.ts";
import { countWords, namesIn, sourceText } from "./words.ts";

const LARGEST_FIXES = 14_000;
const MOST_NAMES = 10;

/** A report for a comment on a pull request, or the summary of a workflow (GITHUB_STEP_SUMMARY). */
export function renderMarkdown(report: Report): string {
  const problems = problemsOf(report).filter(({ found }) => found.status !== "info");
  const gaps = gapsOf(report);
  const parts = [
    `### ${verdict(report.exitCode, problems, gaps)}`,
    about(report),
    ...problemTable(problems, report),
    ...fixBlocks(problems, gaps),
    ...gapTable(gaps, report),
    ...suppressedTable(report),
    ...restTable(report),
    `${countWords(report).join(" · ")} · exit ${report.exitCode}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function verdict(exitCode: ExitCode, problems: readonly Problem[], gaps: readonly Gap[]): string {
  const number = (status: Status): number => problems.filter(({ found }) => found.status === status).length;
  const words = [
    ...(number("fail") > 0 ? [count(number("fail"), "problem")] : []),
    ...(number("warn") > 0 ? [count(number("warn"), "warning")] : []),
    ...(gaps.length > 0 ? [`${gaps.length} could not be told`] : []),
  ];
  const status: Status = exitCode === 0 ? "pass" : exitCode === 4 ? "warn" : exitCode === 5 ? "unknown" : "fail";
  return `${MARKS[status]} antfly-creds: ${words.length === 0 ? "nothing wrong" : words.join(", ")}`;
}

/** What was looked at. */
function about(report: Report): string {
  const nameOf = namesIn(report);
  const names = report.targets.slice(0, MOST_NAMES).map(({ target }) => nameOf(target));
  const shown = [...names, ...(report.targets.length > MOST_NAMES ? ["…"] : [])].join(", ");
  return markdownText(`Looked at ${sourceText(report.source)}: ${shown}`);
}

/** Commands to be pasted, what is to be done by hand as comments between them; the same way out once. */
function fixBlocks(problems: readonly Problem[], gaps: readonly Gap[]): string[] {
  const blocks = [
    ...problems.map(({ result, found }) => fixBlock(result.code, found.fixes, describeRef(found.subject))),
    ...gaps.map(({ result, unknown }) => fixBlock(result.code, unknown.fix === undefined ? [] : [unknown.fix])),
  ];
  const { kept, more } = within([...new Set(blocks)].filter(Boolean), LARGEST_FIXES);
  return [...kept, ...more];
}

function fixBlock(code: Code, fixes: readonly Fix[], of?: string): string {
  if (fixes.length === 0) return "";
  const lines = fixes.map(({ kind, text }) => (kind === "command" ? text : `# ${text}`));
  return `Fix for ${code}${of === undefined ? "" : `, ${markdownText(of)}`}:\n\n${codeBlock(lines)}`;
}
