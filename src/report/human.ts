import { describeRef, type Finding, type Ignorance } from "../domain/finding.ts";
import { describeGrant } from "../domain/grant.ts";
import { countByStatus, type Report, type Result, type Status } from "../domain/report.ts";
import { printable, sentenceList } from "../domain/text.ts";
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

const AREAS: Readonly<Record<string, string>> = {
  access: "Access",
  references: "References",
  values: "Values",
  rollout: "Roll-out",
};

const LABEL_WIDTH = 10;
/** A thousand waiting pods are one problem. */
const MOST_EVIDENCE = 12;

/** A report for people: root causes first, quiet where all is well. `quiet` leaves out what passed. */
export function renderHuman(report: Report, style: Style, options: { quiet: boolean; verbose: boolean }): string {
  if (nothingJudged(report)) return `${[unreachable(report, style), summary(report, style)].join("\n")}\n`;
  const problems = report.results.filter((result) => ["fail", "warn", "unknown", "info"].includes(result.status));
  problems.sort((a, b) => rank(a) - rank(b));
  const blocks = problems.map((result) => problemBlock(result, report, style));
  const quietLines = options.quiet ? [] : restLines(report, style, options.verbose);
  const sections = [
    header(report, style),
    ...blocks,
    ...(quietLines.length > 0 ? [quietLines.join("\n")] : []),
    summary(report, style),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** The cluster could not even be looked at; then there is one thing to say. */
function nothingJudged(report: Report): boolean {
  return (
    report.target.cluster === undefined &&
    report.results.every((result) => result.status === "unknown" || result.status === "blocked")
  );
}

function unreachable(report: Report, style: Style): string {
  const first = report.results.find((result) => result.unknown.length > 0);
  const unknown = first?.unknown[0] ?? { what: "", why: "nothing could be read" };
  return first === undefined ? unknown.why : unknownLines(first, unknown, style).join("\n");
}

/** Root causes, other failures, what could not be told of a required check, warnings, the rest. */
function rank(result: Result): number {
  if (result.status === "fail") return result.rootCause ? 0 : 1;
  if (result.status === "unknown") return result.required ? 2 : 4;
  return result.status === "warn" ? 3 : 5;
}

function header({ target, overview }: Report, { paint, unicode }: Style): string {
  const dot = unicode ? " · " : " | ";
  const parts = [`context ${target.context}`];
  parts.push(
    target.cluster === undefined
      ? `namespace ${target.namespace}`
      : `AntflyCluster ${target.namespace}/${target.cluster}`,
  );
  const groups = Object.entries(overview.pods);
  if (groups.length > 0) parts.push(`${groups.map(([group, n]) => `${n} ${group}`).join(" + ")} pods`);
  if (target.cluster !== undefined) parts.push(`operator generation ${overview.generation ?? "unknown"}`);
  return paint.dim(printable(parts.join(dot)));
}

function problemBlock(result: Result, report: Report, style: Style): string {
  const lines: string[] = [];
  for (const found of result.findings) lines.push(...findingLines(result, found, style));
  for (const unknown of result.unknown) lines.push(...unknownLines(result, unknown, style));
  if (result.explains.length > 0) {
    const names = result.explains.map(
      (code) => `${code} ${report.results.find((other) => other.code === code)?.status ?? ""}`,
    );
    lines.push(detail("explains", names.join(style.unicode ? " · " : ", "), style));
  }
  return lines.join("\n");
}

function findingLines(result: Result, found: Finding, style: Style): string[] {
  const root = result.rootCause && found.status === "fail" ? `  ${style.paint.dim("root cause")}` : "";
  const lines = [`${mark(found.status, style)} ${style.paint.bold(result.code)}  ${printable(found.message)}${root}`];
  lines.push(detail("at", describeRef(found.subject), style));
  for (const { label, want, has } of found.evidence.slice(0, MOST_EVIDENCE)) {
    if (want !== undefined && has !== undefined) lines.push(detail(label, `want ${want}, has ${has}`, style));
    else lines.push(detail(label, want === undefined ? (has ?? "") : `want ${want}`, style));
  }
  const more = found.evidence.length - MOST_EVIDENCE;
  if (more > 0) lines.push(detail("", `and ${more} more; -o json has them all`, style));
  found.fixes.slice(0, MOST_EVIDENCE).forEach((fix, i) => {
    lines.push(detail(i === 0 ? "fix" : "", fix.text, style, fix.kind === "command" ? style.paint.cyan : undefined));
  });
  lines.push(detail("more", `antfly-creds explain ${result.code}`, style));
  return lines;
}

function unknownLines(result: Result, { why, grant, fix }: Ignorance, style: Style): string[] {
  const lines = [
    `${mark("unknown", style)} ${style.paint.bold(result.code)}  ${result.title}: could not tell: ${printable(why)}`,
  ];
  if (grant !== undefined) lines.push(detail("grant", describeGrant(grant), style));
  if (fix !== undefined) lines.push(detail("fix", fix.text, style, style.paint.cyan));
  return lines;
}

/** Text from the cluster is cleaned before it is painted: no escape sequence of its own gets through. */
function detail(
  label: string,
  text: string,
  { paint }: Style,
  painted: (clean: string) => string = (clean) => clean,
): string {
  return `    ${paint.dim(printable(label).padEnd(LABEL_WIDTH))} ${painted(printable(text))}`;
}

/** One line an area with what passed, then what was skipped and why. */
function restLines(report: Report, style: Style, verbose: boolean): string[] {
  const lines: string[] = [];
  for (const [area, name] of Object.entries(AREAS)) {
    const passed = report.results.filter((result) => result.area === area && result.status === "pass");
    if (passed.length === 0) continue;
    if (verbose) for (const result of passed) lines.push(`  ${mark("pass", style)} ${result.code}  ${result.title}`);
    else lines.push(`  ${mark("pass", style)} ${name.padEnd(11)} ${passed.length} passed`);
  }
  const shown = new Set(report.results.map((result) => result.code));
  for (const result of report.results) {
    if (result.status === "blocked" && !result.blockedBy.some((code) => shown.has(code)))
      lines.push(
        `  ${mark("blocked", style)} ${result.code} blocked by ${sentenceList(result.blockedBy)}, which was left out`,
      );
    if (result.status === "skip")
      lines.push(
        style.paint.dim(`  ${mark("skip", style)} ${result.code} skipped: ${printable(result.skipReason ?? "")}`),
      );
  }
  return lines;
}

function summary(report: Report, style: Style): string {
  const counts = countByStatus(report.results);
  const words: readonly [Status, string][] = [
    ["pass", "passed"],
    ["fail", "failed"],
    ["warn", "warned"],
    ["unknown", "unknown"],
    ["blocked", "blocked"],
    ["skip", "skipped"],
  ];
  const shown = words.filter(([status]) => counts[status] > 0 || status === "pass" || status === "fail");
  const dot = style.unicode ? " · " : ", ";
  const left = shown.map(([status, word]) => `${counts[status]} ${word}`).join(dot);
  return `${left}     ${style.paint.dim(`${report.calls.kubernetes} Kubernetes calls${dot}exit ${report.exitCode}`)}`;
}

function mark(status: Status, { paint, unicode }: Style): string {
  const { colour, ascii, unicode: sign } = MARKS[status];
  return paint[colour](unicode ? sign : ascii);
}
