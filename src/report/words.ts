import { describeRef, type Code, type Evidence, type Finding, type Ignorance } from "../domain/finding.ts";
import { describeGrant } from "../domain/grant.ts";
import {
  allResults,
  countByStatus,
  isUndecided,
  type Report,
  type Result,
  type Source,
  type Target,
} from "../domain/report.ts";
import { printable, sentenceList } from "../domain/text.ts";

/** A thousand waiting pods are one problem. */
export const MOST_EVIDENCE = 12;

export const PROJECT = "https://github.com/antflydb/antfly-creds";

/** The page of a check on the web; `antfly-creds explain` prints the same one. */
export function pageOf(code: Code): string {
  return `${PROJECT}/blob/main/docs/checks/${code}.md`;
}

/** What a target is called. */
export type NameOf = (target: Target) => string;

/** `production/search`, with its context where there are several; `Secret production/keys`; `files` for the input as such. */
export function namesIn({ targets }: Pick<Report, "targets">): NameOf {
  const contexts = new Set(targets.flatMap(({ target }) => (target.scope === "cluster" ? [target.context] : [])));
  return ({ scope, context, namespace, cluster, holder }) => {
    if (scope !== "cluster") return holder === undefined ? "files" : printable(describeRef(holder));
    const name = cluster === undefined ? namespace : `${namespace}/${cluster}`;
    return printable(contexts.size > 1 ? `${context}/${name}` : name);
  };
}

export function sourceText({ mode, context, paths, takenAt }: Source): string {
  switch (mode) {
    case "live":
      return `context ${context}`;
    case "overlay":
      return `${paths.join(", ")} over context ${context}`;
    case "snapshot":
      return `context ${context} as saved ${takenAt}`;
    default:
      return `files ${paths.join(", ")}`;
  }
}

/** `deploy.yaml:12:5  Secret production/keys`. */
export function placeOf({ subject, location }: Finding): string {
  const what = describeRef(subject);
  if (location === undefined) return what;
  const place = `${location.file}:${location.line}:${location.column}`;
  return subject.kind === "File" ? place : `${place}  ${what}`;
}

/** `blocked by ANT0101 and ANT0102`. */
export function blockedText({ blockedBy }: Pick<Result, "blockedBy">): string {
  return `blocked by ${sentenceList(blockedBy)}`;
}

/** The message, what was expected and found, and the ways out: one clean line each. */
export function problemLines(result: Result, found: Finding): string[] {
  const lines = [printable(found.message), ...evidenceLines(found)];
  if (result.explains.length > 0 && found.status === "fail") lines.push(`Explains: ${result.explains.join(", ")}`);
  for (const fix of found.fixes.slice(0, MOST_EVIDENCE)) lines.push(`Fix: ${printable(fix.text)}`);
  return [...lines, `More: antfly-creds explain ${result.code}`];
}

/** Why it could not be told, and how to get the permission. */
export function gapLines(unknown: Ignorance): string[] {
  return [...reasonLines(unknown), ...(unknown.fix === undefined ? [] : [`Fix: ${printable(unknown.fix.text)}`])];
}

export function reasonLines({ why, grant }: Ignorance): string[] {
  const permission = grant === undefined ? [] : [`Missing permission: ${describeGrant(grant)}`];
  return [`Could not tell: ${printable(why)}`, ...permission];
}

export function evidenceLines({ evidence }: Finding): string[] {
  const more = evidence.length - MOST_EVIDENCE;
  const lines = evidence.slice(0, MOST_EVIDENCE).flatMap(evidenceLine);
  return more > 0 ? [...lines, `and ${more} more; -o json has them all`] : lines;
}

function evidenceLine({ label, want, has }: Evidence): string[] {
  const parts = [...(want === undefined ? [] : [`expected ${want}`]), ...(has === undefined ? [] : [`found ${has}`])];
  const text = want === undefined ? (has ?? "") : parts.join(", ");
  return parts.length === 0 ? [] : [printable(`${label}: ${text}`)];
}

/** `3 passed, 1 failed, 2 unknown`: what there is none of is left out, but for the first two. */
export function countWords(report: Report): string[] {
  const results = allResults(report);
  const counts = countByStatus(results);
  // What is worth knowing passed, unless something of it could not be told.
  const half = results.filter((result) => result.status === "info" && isUndecided(result)).length;
  const words: readonly [string, number, boolean][] = [
    ["passed", counts.pass + counts.info - half, true],
    ["failed", counts.fail, true],
    ["warned", counts.warn, false],
    ["unknown", counts.unknown + half, false],
    ["blocked", counts.blocked, false],
    ["skipped", counts.skip, false],
    ["suppressed", results.reduce((sum, result) => sum + result.suppressed.length, 0), false],
  ];
  return words.filter(([, n, always]) => always || n > 0).map(([word, n]) => `${n} ${word}`);
}
