import { describeRef, type Finding, type Ref, type Severity } from "../domain/finding.ts";
import { identityOf } from "../domain/identity.ts";
import type { Report, Result, Source, TargetReport } from "../domain/report.ts";
import type { Suppression } from "../domain/suppression.ts";
import { printable } from "../domain/text.ts";
import { artifactLocation } from "./paths.ts";
import { namesIn, problemLines, type NameOf } from "./words.ts";

/** Only of the kind `fail`, which each finding is, whatever its weight, may the level be other than `none` (§3.27.10). */
export const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  error: "error",
  warning: "warning",
  info: "note",
};

interface Place {
  readonly target: TargetReport;
  readonly result: Result;
  readonly source: Source;
  readonly nameOf: NameOf;
  readonly ruleIndex: number;
}

/** Every finding of every target, those that do not count marked as suppressed; none twice. */
export function resultsOf(report: Report, indexOf: ReadonlyMap<string, number>): object[] {
  const results = new Map<string, object>();
  const { source } = report;
  const nameOf = namesIn(report);
  for (const target of report.targets) {
    for (const result of target.results) {
      const place: Place = { target, result, source, nameOf, ruleIndex: indexOf.get(result.code) ?? -1 };
      const all = [
        ...result.findings.map((found) => resultObject(place, found, undefined)),
        ...result.suppressed.map(({ finding, by }) => resultObject(place, finding, by)),
      ];
      for (const object of all) results.set(JSON.stringify(object), object);
    }
  }
  return [...results.values()];
}

function resultObject(place: Place, found: Finding, by: Suppression | undefined): object {
  const { target, result, source, nameOf, ruleIndex } = place;
  return {
    ruleId: result.code,
    ruleIndex,
    kind: "fail",
    level: LEVELS[found.severity],
    message: { text: sarifText(problemLines(result, found)) },
    locations: [{ ...physicalLocation(found, source), logicalLocations: [logicalLocation(found)] }],
    partialFingerprints: { "antflyCreds/v1": fingerprintOf(target, result, found) },
    // Either no result of a run has this, or each (§3.27.23).
    suppressions: by === undefined ? [] : [suppression(by)],
    properties: { cause: found.cause, severity: found.severity, target: nameOf(target.target) },
  };
}

/**
 * What makes it the same finding in the next run: neither a line nor a word of the message. Not under the name
 * `primaryLocationLineHash`, for which GitHub's upload action computes a value of its own and warns of others
 * (https://github.com/github/codeql-action, fingerprints.ts).
 */
function fingerprintOf({ target }: TargetReport, { code }: Result, { cause, subject, evidence }: Finding): string {
  return identityOf([
    code,
    cause,
    target.context ?? "",
    target.namespace,
    target.cluster ?? "",
    ...partsOf(target.holder),
    ...partsOf(subject),
    ...evidence.flatMap(({ path, of }) => (path === undefined ? [] : [...partsOf(of), path])),
  ]);
}

function partsOf(ref: Ref | undefined): string[] {
  return ref === undefined ? [] : [ref.kind, ref.namespace ?? "", ref.name];
}

/**
 * GitHub refuses a whole file for one result without a physical location (rule GH1001 of the SARIF validator). What was
 * read of files and stands at no line of them is put at the first line of what the user named.
 */
function physicalLocation({ location }: Finding, { mode, paths }: Source): object {
  const path = paths.find((one) => one !== "-");
  if (location !== undefined)
    return physical(location.file, { startLine: location.line, startColumn: location.column });
  const ofFiles = mode === "files" || mode === "overlay";
  return ofFiles && path !== undefined ? physical(path, { startLine: 1 }) : {};
}

function physical(file: string, region: object): object {
  return { physicalLocation: { artifactLocation: artifactLocation(file), region } };
}

function logicalLocation({ subject }: Finding): object {
  const path = [subject.kind, ...(subject.namespace === undefined ? [] : [subject.namespace]), subject.name].join("/");
  return { name: printable(describeRef(subject)), fullyQualifiedName: printable(path), kind: "resource" };
}

function suppression({ reason, expires, from }: Suppression): object {
  const until = expires === undefined ? "" : ` until ${expires}`;
  return { kind: "external", status: "accepted", justification: printable(`${reason} (${from}${until})`) };
}

/**
 * Lines as the text of a message. `[…](…)` would be a link and `{0}` a hole to be filled (§3.11.5, §3.11.6); a blank
 * undoes both, also for readers that know no escapes. Other braces stay single: GitHub shows the text as it is.
 */
export function sarifText([first = "", ...rest]: readonly string[]): string {
  const sentence = /[.!?]$/.test(first) ? first : `${first}.`;
  return [sentence, ...rest]
    .join("\n")
    .replaceAll("](", "] (")
    .replaceAll(/\{(?=\d+\})/g, "{ ");
}
