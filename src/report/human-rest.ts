import { isUndecided, type Overview, type Result, type TargetReport } from "../domain/report.ts";
import type { Style } from "../domain/style.ts";
import { printable } from "../domain/text.ts";
import { mark } from "./human-mark.ts";
import { blockedText } from "./words.ts";

const AREAS: Readonly<Record<string, string>> = {
  access: "Access",
  references: "References",
  values: "Values",
  aws: "AWS",
  gcp: "Google",
  "external-secrets": "External Secrets",
  proof: "Proof",
  rollout: "Roll-out",
  hygiene: "Hygiene",
  tool: "Input",
};

const AREA_WIDTH = 11;
/** Codes of skipped checks that one line names. */
const MOST_SKIPPED = 12;
/** Required checks that one reason holds back. */
const GRAVE = 5;

/** What the write probe has shown, in what place, and with whose identity. */
function provedLines({ proved = [] }: Overview, style: Style): string[] {
  return proved.map(({ holder, place, took }) => {
    const what = `64 bytes written, read back, listed and removed in ${place} as ${holder}`;
    return `  ${mark("pass", style)} ${printable(what)}     ${style.paint.dim(`${took} ms`)}`;
  });
}

/** One line an area with what passed, then what was suppressed, left out or skipped, and why. */
export function restLines({ results, overview }: TargetReport, style: Style, verbose: boolean): string[] {
  const lines = provedLines(overview, style);
  const well = results.filter(
    (result) => (result.status === "pass" || result.status === "info") && !isUndecided(result),
  );
  const width = Math.max(AREA_WIDTH, ...well.map(({ area }) => (AREAS[area] ?? area).length + 1));
  for (const [area, name] of Object.entries(AREAS)) {
    const passed = well.filter((result) => result.area === area);
    if (passed.length === 0) continue;
    if (verbose) {
      for (const result of passed) {
        if (result.status === "pass") lines.push(`  ${mark("pass", style)} ${result.code}  ${result.title}`);
      }
    } else lines.push(`  ${mark("pass", style)} ${name.padEnd(width)} ${passed.length} passed`);
  }
  const shown = new Set(results.map((result) => result.code));
  const dash = mark("skip", style);
  for (const { code, status, blockedBy, skipReason, suppressed } of results) {
    for (const { finding, by } of suppressed) {
      const text = `${code} suppressed: ${printable(finding.message)} (${printable(by.reason)}; ${printable(by.from)})`;
      lines.push(style.paint.dim(`  ${dash} ${text}`));
    }
    if (status === "blocked" && !blockedBy.some((other) => shown.has(other)))
      lines.push(`  ${dash} ${code} ${blockedText({ blockedBy })}, which was left out`);
    if (status === "skip" && verbose)
      lines.push(style.paint.dim(`  ${dash} ${code} skipped: ${printable(skipReason ?? "")}`));
  }
  if (!verbose) lines.push(...skippedLines(results).map((text) => style.paint.dim(`  ${dash} ${text}`)));
  return lines;
}

/** One reason that holds back many checks that count is worth a line; of the others the codes, or how many they are. */
function skippedLines(results: readonly Result[]): string[] {
  const byReason = Map.groupBy(
    results.filter(({ status }) => status === "skip"),
    ({ skipReason }) => skipReason ?? "",
  );
  const [grave, rest] = [[...byReason].filter(isGrave), [...byReason].filter((group) => !isGrave(group))];
  const codes = rest.flatMap(([, group]) => group.map(({ code }) => code)).sort();
  const names = codes.length > MOST_SKIPPED ? `${codes.length} checks` : codes.join(", ");
  return [
    ...grave.map(([reason, group]) => `${group.length} checks skipped: ${printable(reason)}`),
    ...(codes.length === 0 ? [] : [`skipped: ${names} (-v says why)`]),
  ];
}

function isGrave([, group]: readonly [string, readonly Result[]]): boolean {
  return group.filter(({ required }) => required).length >= GRAVE;
}
