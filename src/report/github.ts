import { describeRef, type Finding } from "../domain/finding.ts";
import type { Report } from "../domain/report.ts";
import { printable } from "../domain/text.ts";
import { slashed } from "./paths.ts";
import { gapsOf, problemsOf, type Gap, type Problem } from "./problems.ts";
import { countWords, gapLines, namesIn, problemLines } from "./words.ts";

const COMMANDS: Readonly<Record<Finding["status"], "error" | "warning" | "notice">> = {
  fail: "error",
  warn: "warning",
  info: "notice",
};

/**
 * A report as annotations of a GitHub workflow, worst first: GitHub shows ten errors and ten warnings of a step
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
 */
export function renderGithub(report: Report): string {
  const nameOf = namesIn(report);
  const titleOf = ({ target, result: { code, title } }: Problem | Gap): string =>
    report.targets.length === 1 ? `${code} ${title}` : `${code} ${title} (${nameOf(target.target)})`;
  const problems = problemsOf(report).map((problem) => annotateProblem(problem, titleOf(problem)));
  const gaps = gapsOf(report).map((gap) => annotateGap(gap, titleOf(gap)));
  // The runner obeys `##[…]` anywhere in a line that is no command, so nothing but our own words may stand here.
  const summary = `antfly-creds: ${[...countWords(report), `exit ${report.exitCode}`].join(", ")}`;
  return [...problems, ...gaps, summary].map((line) => `${line}\n`).join("");
}

function annotateProblem({ result, found }: Problem, title: string): string {
  const { location } = found;
  const [message = "", ...rest] = problemLines(result, found);
  // A location says where; without one the object must.
  const lines =
    location === undefined ? [message, `At ${printable(describeRef(found.subject))}`, ...rest] : [message, ...rest];
  return workflowCommand(
    COMMANDS[found.status],
    {
      ...(location === undefined
        ? {}
        : { file: printable(slashed(location.file)), line: String(location.line), col: String(location.column) }),
      title,
    },
    lines.join("\n"),
  );
}

function annotateGap({ unknown, serious }: Gap, title: string): string {
  return workflowCommand(serious ? "error" : "warning", { title }, gapLines(unknown).join("\n"));
}

/** One line that the runner obeys, escaped as `@actions/core` does (packages/core/src/command.ts of actions/toolkit). */
function workflowCommand(
  command: "error" | "warning" | "notice",
  properties: Readonly<Record<string, string>>,
  message: string,
): string {
  const words = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(value)}`);
  return `::${command} ${words.join(",")}::${escapedData(message)}`;
}

function escapedData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
