import { describeRef, type Finding, type Ignorance } from "../domain/finding.ts";
import { describeGrant } from "../domain/grant.ts";
import {
  isUndecided,
  type Report,
  type Result,
  type Source,
  type Status,
  type Target,
  type TargetReport,
} from "../domain/report.ts";
import { printable } from "../domain/text.ts";
import type { Style } from "../domain/style.ts";
import { mark } from "./human-mark.ts";
import { restLines } from "./human-rest.ts";
import { countWords, MOST_EVIDENCE, placeOf, sourceText } from "./words.ts";

const LABEL_WIDTH = 10;

export interface HumanOptions {
  /** Leave out what passed. */
  readonly quiet: boolean;
  /** Each check by itself, with what is merely worth knowing. */
  readonly verbose: boolean;
}

/** A report for people: root causes first, quiet where all is well. */
export function renderHuman(report: Report, style: Style, options: HumanOptions): string {
  const sections = report.targets.flatMap((target) =>
    nothingJudged(target) ? [unreachable(target, style)] : sectionsOf(target, report.source, style, options),
  );
  const gap = report.targets.every(nothingJudged) ? "\n" : "\n\n";
  return `${[...sections, summary(report, style)].join(gap)}\n`;
}

function sectionsOf(target: TargetReport, source: Source, style: Style, options: HumanOptions): string[] {
  const shown = new Set<Status>(["fail", "warn", "unknown", ...(options.verbose ? (["info"] as const) : [])]);
  // Something worth knowing was found, and not all could be told: that is no pass.
  const problems = target.results.filter((result) => shown.has(result.status) || result.unknown.length > 0);
  problems.sort((a, b) => rank(a) - rank(b));
  const blocks = problems.map((result) => problemBlock(result, target, style, options.verbose));
  const rest = options.quiet ? [] : restLines(target, style, options.verbose);
  const left = residueLines(target, style);
  return [
    header(target, source, style),
    ...blocks,
    ...[left, rest].filter(({ length }) => length > 0).map((lines) => lines.join("\n")),
  ];
}

/** The cluster could not even be looked at; then there is one thing to say. */
function nothingJudged({ target, results }: TargetReport): boolean {
  return (
    target.scope === "cluster" &&
    target.cluster === undefined &&
    results.some((result) => result.status === "unknown") &&
    results.every((result) => ["unknown", "blocked", "skip"].includes(result.status))
  );
}

function unreachable({ results }: TargetReport, style: Style): string {
  const first = results.find((result) => result.unknown.length > 0);
  const unknown = first?.unknown[0] ?? { what: "", why: "nothing could be read" };
  return first === undefined ? unknown.why : unknownLines(first, unknown, style).join("\n");
}

/** Root causes, other failures, what could not be told of a required check, warnings, the rest. */
function rank(result: Result): number {
  if (result.status === "fail") return result.rootCause ? 0 : 1;
  if (result.status === "warn") return 3;
  if (isUndecided(result)) return result.required ? 2 : 4;
  return 5;
}

function header({ target, overview }: TargetReport, source: Source, { paint, unicode }: Style): string {
  const parts = [sourceText(source)];
  parts.push(subjectText(target));
  const groups = Object.entries(overview.pods);
  const pods = groups.length === 1 && groups[0]?.[1] === 1 ? "pod" : "pods";
  if (groups.length > 0) parts.push(`${groups.map(([group, n]) => `${n} ${group}`).join(" + ")} ${pods}`);
  if (target.cluster !== undefined && source.mode !== "files")
    parts.push(`operator generation ${overview.generation ?? "unknown"}`);
  return paint.dim(printable(parts.join(unicode ? " · " : " | ")));
}

function subjectText({ scope, cluster, namespace, holder }: Target): string {
  if (holder !== undefined) return holder.kind === "File" ? holder.name : describeRef(holder);
  if (scope === "inputs") return "the files themselves";
  return cluster === undefined ? `namespace ${namespace}` : `AntflyCluster ${namespace}/${cluster}`;
}

function problemBlock(result: Result, target: TargetReport, style: Style, verbose: boolean): string {
  const lines: string[] = [];
  for (const found of result.findings) {
    if (verbose || found.status !== "info") lines.push(...findingLines(result, found, style));
  }
  for (const unknown of result.unknown) lines.push(...unknownLines(result, unknown, style));
  if (result.explains.length > 0) {
    const names = result.explains.map(
      (code) => `${code} ${target.results.find((other) => other.code === code)?.status ?? ""}`,
    );
    lines.push(detail("explains", names.join(style.unicode ? " · " : ", "), style));
  }
  return lines.join("\n");
}

function findingLines(result: Result, found: Finding, style: Style): string[] {
  const root = result.rootCause && found.status === "fail" ? `  ${style.paint.dim("root cause")}` : "";
  const lines = [`${mark(found.status, style)} ${style.paint.bold(result.code)}  ${printable(found.message)}${root}`];
  lines.push(detail("at", placeOf(found), style));
  for (const { label, want, has } of found.evidence.slice(0, MOST_EVIDENCE)) {
    if (want !== undefined && has !== undefined) lines.push(detail(label, `want ${want}, has ${has}`, style));
    else if (want !== undefined || has !== undefined)
      lines.push(detail(label, want === undefined ? (has ?? "") : `want ${want}`, style));
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

/** What is left behind, and what was removed that an earlier run had left. */
function residueLines({ residue, swept }: TargetReport, style: Style): string[] {
  return [
    ...residue.flatMap(({ what, command }) => [
      `${mark("warn", style)} left behind: ${printable(what)}`,
      detail("fix", command, style, style.paint.cyan),
    ]),
    ...swept.map((what) => `  ${mark("info", style)} removed what an earlier run had left: ${printable(what)}`),
  ];
}

function summary(report: Report, style: Style): string {
  const dot = style.unicode ? " · " : ", ";
  const { kubernetes, aws = 0, google = 0 } = report.calls;
  const asked = { Kubernetes: kubernetes, AWS: aws, Google: google };
  const sent = Object.entries(asked).flatMap(([whom, calls]) => (calls > 0 ? `${calls} ${whom}` : []));
  const calls = sent.length > 0 ? `${sent.join(" + ")} calls${dot}` : "";
  return `${countWords(report).join(dot)}     ${style.paint.dim(`${calls}exit ${report.exitCode}`)}`;
}
