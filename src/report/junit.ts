import { exitCodeOf, isUndecided, type Report, type Result, type TargetReport } from "../domain/report.ts";
import { printable } from "../domain/text.ts";
import type { Tool } from "./json.ts";
import { blockedText, gapLines, namesIn, placeOf, problemLines } from "./words.ts";
import { element, XML_DECLARATION, xmlText } from "./xml.ts";

type Outcome = "failure" | "error" | "skipped" | "passed";

interface Case {
  readonly outcome: Outcome;
  readonly xml: string;
}

/**
 * A report as JUnit XML, in the elements that its readers agree on (https://github.com/testmoapp/junitxml): an area of a
 * target is a suite, a check a test. Red is what the exit code calls so; what could not be told is an error.
 */
export function renderJunit(report: Report, tool: Tool): string {
  const nameOf = namesIn(report);
  const suites = report.targets.flatMap((target) =>
    [...new Set(target.results.map((result) => result.area))].map((area) =>
      suite(area, target, { report, tool, name: nameOf(target.target) }),
    ),
  );
  const cases = suites.flatMap((one) => one.cases);
  const body = suites.map((one) => one.xml).join("");
  return `${XML_DECLARATION}${element("testsuites", { name: "antfly-creds", ...counts(cases) }, `\n${body}`)}\n`;
}

function suite(
  area: string,
  target: TargetReport,
  { report, tool, name }: { readonly report: Report; readonly tool: Tool; readonly name: string },
): { xml: string; cases: Case[] } {
  // GitLab takes two tests for one when class and name are the same, and drops the second
  // (https://docs.gitlab.com/ci/testing/unit_test_reports).
  const className = report.targets.length === 1 ? area : `${name}.${area}`;
  const cases = target.results
    .filter((result) => result.area === area)
    .map((result) => testCase(result, className, report));
  const properties = { tool: "antfly-creds", version: tool.version, target: name, exitCode: String(report.exitCode) };
  const body = [
    element(
      "properties",
      {},
      Object.entries(properties)
        .map(([key, value]) => property(key, value))
        .join(""),
    ),
    ...cases.map((one) => one.xml),
  ];
  const attributes = { name: `${area} ${name}`, ...counts(cases), timestamp: tool.startedAt };
  return { xml: `${element("testsuite", attributes, `\n${body.join("\n")}\n`)}\n`, cases };
}

function property(name: string, value: string): string {
  return element("property", { name, value });
}

function counts(cases: readonly Case[]): Record<string, string> {
  const number = (outcome: Outcome): string => String(cases.filter((one) => one.outcome === outcome).length);
  return {
    tests: String(cases.length),
    failures: number("failure"),
    errors: number("error"),
    skipped: number("skipped"),
  };
}

function testCase(result: Result, className: string, report: Report): Case {
  const { outcome, body } = judged(result, report);
  const attributes = { classname: className, name: `${result.code} ${result.title}` };
  return { outcome, xml: element("testcase", attributes, body) };
}

/** What the exit code calls a failure, what could not be told, what was skipped; the rest passed. */
function judged(result: Result, { policy }: Report): { outcome: Outcome; body: string } {
  const text = xmlText(linesOf(result).join("\n"));
  const exit = exitCodeOf([result], policy);
  if (exit === 3 || exit === 4) {
    const worst = result.findings.find((found) => found.status === result.status);
    const attributes = { type: worst?.cause ?? result.slug, message: printable(worst?.message ?? result.title) };
    return { outcome: "failure", body: element("failure", attributes, text) };
  }
  if (isUndecided(result)) {
    const why = printable(result.unknown[0]?.why ?? blockedText(result));
    return policy.allowUnknown.includes(result.code)
      ? { outcome: "skipped", body: element("skipped", { message: `could not tell, which was accepted: ${why}` }) }
      : {
          outcome: "error",
          body: element("error", { type: result.status === "blocked" ? "blocked" : "unknown", message: why }, text),
        };
  }
  if (result.status === "skip")
    return { outcome: "skipped", body: element("skipped", { message: printable(result.skipReason ?? "") }) };
  return { outcome: "passed", body: text === "" ? "" : element("system-out", {}, text) };
}

function linesOf(result: Result): string[] {
  const found = result.findings.flatMap((one) => [printable(placeOf(one)), ...problemLines(result, one)]);
  const suppressed = result.suppressed.map(({ finding, by }) =>
    printable(`Suppressed: ${finding.message} (${by.reason}; ${by.from})`),
  );
  const blocked = result.blockedBy.length > 0 ? [blockedText(result)] : [];
  return [...found, ...suppressed, ...result.unknown.flatMap(gapLines), ...blocked];
}
