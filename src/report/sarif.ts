import { allResults, type Report, type Result } from "../domain/report.ts";
import type { Tool } from "./json.ts";
import { blockedOf, gapsOf } from "./problems.ts";
import { LEVELS, resultsOf, sarifText } from "./sarif-results.ts";
import { blockedText, gapLines, namesIn, pageOf, PROJECT } from "./words.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/**
 * A report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning: what was found is a
 * result, what could not be told a notification of the tool, and what passed is told by having neither.
 */
export function renderSarif(report: Report, tool: Tool): object {
  const rules = rulesOf(report);
  const indexOf = new Map(rules.map(({ code }, i) => [code, i]));
  return {
    version: "2.1.0",
    $schema: SCHEMA,
    runs: [
      {
        tool: {
          driver: {
            name: "antfly-creds",
            version: tool.version,
            semanticVersion: tool.version,
            informationUri: PROJECT,
            rules: rules.map(ruleObject),
          },
        },
        invocations: [invocation(report, tool, indexOf)],
        originalUriBaseIds: { "%SRCROOT%": { description: { text: "The folder that the tool was started in." } } },
        // Lines and columns come from a parser that counts as JavaScript does (§3.14.17).
        columnKind: "utf16CodeUnits",
        // Present also when it is empty: GitHub refuses a run without it.
        results: resultsOf(report, indexOf),
        properties: { mode: report.source.mode, context: report.source.context ?? null },
      },
    ],
  };
}

/** The checks of this run, each once, by code. */
function rulesOf(report: Report): Result[] {
  const rules = new Map(allResults(report).map((result) => [result.code, result]));
  return [...rules.values()].sort((a, b) => a.code.localeCompare(b.code));
}

/**
 * A check. GitHub shows the short description in lists, the full one above an alert, and the help below it, and asks for
 * all three (https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).
 */
function ruleObject({ code, slug, title, area, severity }: Result): object {
  return {
    id: code,
    name: slug
      .split("-")
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(""),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: `${code}: ${title}.` },
    help: { text: `antfly-creds explain ${code} prints symptom, cause and fix; so does ${pageOf(code)}.` },
    helpUri: pageOf(code),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: [area] },
  };
}

/** Findings are no failure of the tool; an answer that is missing makes its results incomplete (§3.20.14, §3.58.6). */
function invocation(report: Report, tool: Tool, indexOf: ReadonlyMap<string, number>): object {
  const gaps = gapsOf(report);
  const nameOf = namesIn(report);
  const notes = [
    ...gaps.map(({ target, result, unknown, serious }) => ({
      target,
      result,
      level: serious ? "error" : "warning",
      lines: gapLines(unknown),
    })),
    ...blockedOf(report).map((one) => ({ ...one, level: "note", lines: [`Not judged: ${blockedText(one.result)}`] })),
  ];
  return {
    executionSuccessful: report.exitCode !== 5 && !gaps.some((gap) => gap.serious),
    exitCode: report.exitCode,
    startTimeUtc: tool.startedAt,
    toolExecutionNotifications: notes.map(({ target, result, level, lines }) => ({
      associatedRule: { id: result.code, index: indexOf.get(result.code) },
      level,
      message: { text: sarifText([`${result.code} ${result.title}`, ...lines]) },
      properties: { target: nameOf(target.target) },
    })),
  };
}
