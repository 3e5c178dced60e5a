import type { Facts, FactKey } from "../domain/facts.ts";
import type { Code, Finding, Ignorance } from "../domain/finding.ts";
import type { Known, Unknown } from "../domain/known.ts";
import type { Result, Status } from "../domain/report.ts";
import type { Check, CheckContext, NeededFacts, Verdict } from "./define.ts";

/**
 * Judges the facts with every check, in the order of their codes, which `after` respects. A check with an unknown need
 * is never run; a check that throws is `unknown` and the others go on.
 */
export function runChecks(checks: readonly Check[], facts: Facts, context: CheckContext): Result[] {
  const results = new Map<Code, Result>();
  for (const check of [...checks].sort((a, b) => a.code.localeCompare(b.code))) {
    results.set(check.code, judge(check, facts, context, results));
  }
  return [...results.values()].map((result) => ({
    ...result,
    explains: [...results.values()].filter((other) => other.blockedBy.includes(result.code)).map((other) => other.code),
  }));
}

function judge(check: Check, facts: Facts, context: CheckContext, earlier: ReadonlyMap<Code, Result>): Result {
  const notPassed = (check.after ?? []).filter((code) => {
    const status = earlier.get(code)?.status;
    return status === "fail" || status === "unknown" || status === "blocked";
  });
  const base: Result = {
    code: check.code,
    slug: check.slug,
    title: check.title,
    area: check.area,
    required: check.required,
    status: "pass",
    findings: [],
    rootCause: false,
    explains: [],
    blockedBy: [],
    unknown: [],
    skipReason: undefined,
  };

  const unreadable = check.needs.flatMap((key) => ignoranceOf(key, facts[key]));
  if (unreadable.length > 0) {
    if (notPassed.length > 0) return { ...base, status: "blocked", blockedBy: notPassed };
    return { ...base, status: "unknown", unknown: unreadable };
  }

  let verdict: Verdict;
  try {
    verdict = check.run(valuesOf([...check.needs, ...(check.wants ?? [])], facts), context);
  } catch (error) {
    // The message may quote an API object, so only the kind of error is shown.
    const why = `the check crashed (${error instanceof Error ? error.name : typeof error}); this is a bug`;
    return { ...base, status: "unknown", unknown: [{ what: check.code, why }] };
  }

  if ("skip" in verdict) return { ...base, status: "skip", skipReason: verdict.skip };
  const findings = "findings" in verdict ? verdict.findings : verdict;
  const undecided: Ignorance[] =
    "findings" in verdict ? verdict.undecided.map((why) => ({ what: check.slug, why })) : [];
  const unknown = [...undecided, ...check.needs.flatMap((key) => gapsOf(facts[key]))];
  if (findings.length > 0) {
    const status = worstStatus(findings);
    return { ...base, status, findings, unknown, rootCause: status === "fail" && notPassed.length === 0 };
  }
  if (unknown.length > 0) {
    return notPassed.length > 0 && undecided.length === 0
      ? { ...base, status: "blocked", blockedBy: notPassed }
      : { ...base, status: "unknown", unknown };
  }
  return notPassed.length > 0 ? { ...base, status: "blocked", blockedBy: notPassed } : base;
}

function valuesOf(keys: readonly FactKey[], facts: Facts): NeededFacts<FactKey> {
  const values: Partial<Record<FactKey, unknown>> = {};
  for (const key of keys) {
    const fact = facts[key];
    values[key] = fact?.state === "known" ? fact.value : undefined;
  }
  return values as NeededFacts<FactKey>;
}

function ignoranceOf(key: FactKey, fact: Known<unknown> | undefined): Ignorance[] {
  if (fact === undefined) return [{ what: key, why: "it was not collected" }];
  return fact.state === "unknown" ? [asIgnorance(fact)] : [];
}

function gapsOf(fact: Known<unknown> | undefined): Ignorance[] {
  return fact?.state === "known" ? (fact.gaps ?? []).map(asIgnorance) : [];
}

function asIgnorance(fact: Unknown): Ignorance {
  return { what: fact.origin.ref, why: fact.detail, ...(fact.grant === undefined ? {} : { grant: fact.grant }) };
}

function worstStatus(findings: readonly Finding[]): Status {
  for (const status of ["fail", "warn"] as const) if (findings.some((item) => item.status === status)) return status;
  return "info";
}
