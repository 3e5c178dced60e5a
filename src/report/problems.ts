import type { Finding, Ignorance } from "../domain/finding.ts";
import { mustTell, type Report, type Result, type TargetReport } from "../domain/report.ts";
import { blockedText } from "./words.ts";

/** A finding of some target. */
export interface Problem {
  readonly target: TargetReport;
  readonly result: Result;
  readonly found: Finding;
}

/** All that was found, root causes first: people stop reading early, and so do the pages that show only the first ten. */
export function problemsOf(report: Report): Problem[] {
  const problems = report.targets.flatMap((target) =>
    target.results.flatMap((result) => result.findings.map((found) => ({ target, result, found }))),
  );
  return problems.sort((a, b) => rank(a) - rank(b));
}

function rank({ result, found }: Problem): number {
  if (found.status === "fail") return result.rootCause ? 0 : 1;
  return found.status === "warn" ? 2 : 3;
}

/** Something that could not be told; `serious` when it makes the run end with 5. */
export interface Gap {
  readonly target: TargetReport;
  readonly result: Result;
  readonly unknown: Ignorance;
  readonly serious: boolean;
}

/** All that could not be told, the serious first. */
export function gapsOf(report: Report): Gap[] {
  const gaps = report.targets.flatMap((target) =>
    target.results.flatMap((result) => {
      const serious = mustTell(result, report.policy);
      return unknownsOf(result, target).map((unknown) => ({ target, result, unknown, serious }));
    }),
  );
  return gaps.sort((a, b) => Number(b.serious) - Number(a.serious));
}

function unknownsOf(result: Result, target: TargetReport): readonly Ignorance[] {
  if (result.status !== "blocked" || isExplained(result, target)) return result.unknown;
  return [{ what: result.slug, why: `${blockedText(result)}, which was left out` }];
}

/** What was not judged because of another result that the report shows. */
export function blockedOf({ targets }: Report): { target: TargetReport; result: Result }[] {
  return targets.flatMap((target) =>
    target.results
      .filter((result) => result.status === "blocked" && isExplained(result, target))
      .map((result) => ({ target, result })),
  );
}

function isExplained({ blockedBy }: Result, { results }: TargetReport): boolean {
  return results.some((other) => blockedBy.includes(other.code));
}
