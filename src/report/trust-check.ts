import type { ExitCode } from "../domain/errors.ts";
import type { Evidence, Finding } from "../domain/finding.ts";
import { issuerHost } from "../domain/iam/trust/provider-arn.ts";
import { codeOfTrustCause } from "../domain/iam/trust/trust-causes.ts";
import type { TrustReport, TrustRequest, TrustRow, TrustStatementTable } from "../domain/iam/trust/trust-types.ts";
import { lineDiff } from "../domain/line-diff.ts";
import type { Style } from "../domain/style.ts";
import { count, printable } from "../domain/text.ts";

export const TRUST_SCHEMA = "antfly-creds.trust/v1";

/** What `trust-policy --check` came to. */
export interface TrustCheck {
  /** The file as it was named, or `role NAME`. */
  readonly policy: string;
  readonly size: number;
  /** The policy as it was read. */
  readonly before: unknown;
  readonly request: TrustRequest;
  readonly report: TrustReport;
  /** The report's findings, in the shape that findings have everywhere. */
  readonly findings: readonly Finding[];
  readonly exitCode: ExitCode;
}

/** The document that scripts rely on (`schemas/trust.v1.json`). */
export function trustCheckDocument({ policy, size, request, report, findings, exitCode }: TrustCheck): object {
  const { mechanism, issuer, subject, claims, withoutClaims, account, partition } = request;
  return {
    schema: TRUST_SCHEMA,
    policy,
    size,
    request: {
      mechanism,
      issuer: issuer ?? null,
      subject: subject === undefined ? null : `${subject.namespace}/${subject.serviceAccount}`,
      claims,
      withoutClaims,
      account: account ?? null,
      partition: partition ?? null,
    },
    decision: report.decision,
    undecided: report.undecided,
    assumed: report.assumed,
    statements: report.statements.map(({ sid, rows, ...table }) => ({
      ...table,
      sid: sid ?? null,
      rows: rows.map((row) => ({ ...row, has: row.has ?? null, because: row.because ?? null })),
    })),
    findings: findings.map(findingDocument),
    patch: report.patch ?? null,
    exitCode,
  };
}

function findingDocument({ cause, status, severity, subject, message, evidence, location, fixes }: Finding): object {
  return {
    code: codeOfTrustCause(cause),
    cause,
    status,
    severity,
    subject,
    message,
    evidence: evidence.map(({ label, want, has, path }) => ({
      label,
      want: want ?? null,
      has: has ?? null,
      path: path ?? null,
    })),
    location: location ?? null,
    fixes,
  };
}

const MARKS = {
  true: { unicode: "✓", ascii: "+", colour: "green" },
  false: { unicode: "✗", ascii: "x", colour: "red" },
  unknown: { unicode: "?", ascii: "?", colour: "yellow" },
} as const;

const LABEL_WIDTH = 10;

/** The verdict for people: the statement that came closest part by part, then the cause and the change that mends it. */
export function renderTrustCheck(check: TrustCheck, style: Style): string {
  const { report, findings } = check;
  const blocks = [
    [verdictLine(check, style), ...report.assumed.map((line) => `  ${style.paint.dim(printable(line))}`)].join("\n"),
    ...tables(check, style),
    ...findings.map((found, i) => findingBlock(found, check, i === 0 ? diffOf(check, style) : [], style)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function verdictLine({ policy, request, report }: TrustCheck, style: Style): string {
  const { paint } = style;
  const who = paint.bold(printable(whoAsks(request)));
  const what = paint.bold(printable(policy));
  const mark = markOf(report.decision === "allow" ? "true" : report.decision === "deny" ? "false" : "unknown", style);
  if (report.decision === "allow") return `${mark} ${what} trusts ${who}`;
  if (report.decision === "deny") return `${mark} ${what} does not trust ${who}`;
  return `${mark} whether ${what} trusts ${who} cannot be told`;
}

function whoAsks({ subject, claims }: TrustRequest): string {
  const { sub } = claims;
  if (sub !== undefined) return `subject ${typeof sub === "string" ? sub : sub.join(", ")}`;
  return subject === undefined ? "the request" : `ServiceAccount ${subject.namespace}/${subject.serviceAccount}`;
}

function markOf(truth: TrustRow["truth"], { paint, unicode }: Style): string {
  const mark = MARKS[truth];
  return paint[mark.colour](unicode ? mark.unicode : mark.ascii);
}

/** The statement that came closest, and each Deny that applies or may. */
function shownStatements({ statements }: TrustReport): TrustStatementTable[] {
  return statements.filter(({ closest, effect, matches }) => closest || (effect === "Deny" && matches !== "false"));
}

function tables({ report, request }: TrustCheck, style: Style): string[] {
  const shown = shownStatements(report);
  const others = report.statements.length - shown.length;
  const rest = `  ${count(others, "other statement")} ${others === 1 ? "does" : "do"} not matter`;
  return [
    ...shown.map((table) => tableBlock(table, report, request, style)),
    ...(others === 0 ? [] : [style.paint.dim(rest)]),
  ];
}

function tableBlock(
  table: TrustStatementTable,
  { decision, statements }: TrustReport,
  request: TrustRequest,
  style: Style,
): string {
  const { index, sid, effect, closest, matches, rows } = table;
  const named = sid === undefined || sid === "" ? "" : ` "${printable(sid)}"`;
  const why =
    effect === "Deny"
      ? "Deny"
      : decision === "allow" && matches === "true"
        ? "Allow, which matches"
        : closest
          ? "Allow, which comes closest"
          : "Allow";
  const shown = rows.filter(({ part, truth }) => part !== "effect" || truth !== "true");
  const labels = shown.map(({ label }) => shortLabel(label, request));
  const width = Math.max(...labels.map((label) => label.length));
  return [
    `  statement ${index + 1} of ${statements.length}${named}: ${why}`,
    ...shown.flatMap((row, i) => rowLines(row, (labels[i] ?? "").padEnd(width), style)),
  ].join("\n");
}

/** Claims of the request's own issuer without the issuer. */
function shortLabel(label: string, { issuer }: TrustRequest): string {
  const text = printable(label);
  return issuer === undefined ? text : text.replace(`${issuerHost(issuer)}:`, ":");
}

function rowLines({ want, has, truth, because }: TrustRow, label: string, style: Style): string[] {
  const head = `    ${markOf(truth, style)} ${label}`;
  const indent = " ".repeat(label.length + 6);
  const wanted = printable(want.join(" or "));
  const given = has === undefined ? undefined : printable(has.join(", "));
  const reason = because === undefined ? [] : [`${indent}  ${style.paint.dim(printable(because))}`];
  if (truth === "true") return [`${head}  ${wanted}`, ...reason];
  const had = given === undefined ? [] : [`${indent}  has   ${given}`];
  return [`${head}  wants ${wanted}`, ...had, ...reason];
}

function findingBlock(found: Finding, check: TrustCheck, diff: readonly string[], { paint, unicode }: Style): string {
  const { cause, status, message, evidence, location, fixes } = found;
  const mark = status === "fail" ? MARKS.false : { unicode: "!", ascii: "!", colour: "yellow" as const };
  const lines = [
    `${paint[mark.colour](unicode ? mark.unicode : mark.ascii)} ${paint.bold(cause)}  ${printable(message)}`,
  ];
  const detail = (label: string, text: string): void => {
    lines.push(`    ${paint.dim(label.padEnd(LABEL_WIDTH))}${printable(text)}`);
  };
  const [first, difference] = evidence;
  const place = location === undefined ? [] : [`${location.file}:${location.line}:${location.column}`];
  detail("at", [...place, first?.path || "the whole policy"].join("  "));
  if (!isShown(first, check)) for (const [label, text] of comparison(first)) detail(label, text);
  if (difference?.has !== undefined) detail("differs", difference.has);
  if (diff.length > 0) lines.push(`    ${paint.dim("fix")}`, ...diff.map((line) => `      ${line}`));
  const [update] = fixes;
  // The diff says what the words would, and the command comes first.
  if (diff.length > 0 && update !== undefined) detail("run", update.text);
  else for (const fix of fixes) detail("fix", fix.text);
  detail("more", `antfly-creds explain ${cause}`);
  return lines.join("\n");
}

/** The table has a line for it, where both sides stand. */
function isShown(evidence: Evidence | undefined, { report }: TrustCheck): boolean {
  const lines = shownStatements(report).flatMap(({ rows }) => rows.filter(({ truth }) => truth !== "true"));
  return lines.some(({ path }) => evidence?.path === path || evidence?.path?.startsWith(`${path}/`) === true);
}

function comparison(evidence: Evidence | undefined): (readonly [string, string])[] {
  const { want, has } = evidence ?? {};
  return [
    ...(want === undefined ? [] : [["expected", want] as const]),
    ...(has === undefined ? [] : [["found", has] as const]),
  ];
}

function diffOf({ before, report: { patch } }: TrustCheck, { paint }: Style): string[] {
  if (patch === undefined) return [];
  const lines = lineDiff(JSON.stringify(before, undefined, 2), JSON.stringify(patch.document, undefined, 2), 1);
  return lines.map((line) => {
    const text = printable(line);
    return line.startsWith("+") ? paint.green(text) : line.startsWith("-") ? paint.red(text) : text;
  });
}
