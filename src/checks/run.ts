import { distinctBy } from "../domain/distinct.ts";
import type { Facts, FactKey } from "../domain/facts.ts";
import type { Code, Finding, Ignorance } from "../domain/finding.ts";
import { valueOf, type Known, type Unknown } from "../domain/known.ts";
import type { Result, Status, SuppressedFinding } from "../domain/report.ts";
import type { Suppress } from "../domain/suppression.ts";
import type { Check, CheckContext, NeededFacts, Verdict } from "./define.ts";
import { mendedUpstream } from "./upstream-fixes.ts";

export interface RunOptions {
  readonly suppress?: Suppress | undefined;
  /** Checks that are named and not run. */
  readonly deferred?: readonly Check[];
}

function deferral({ effect }: Check): string {
  if (effect === "mint-token") return "it takes a token of the ServiceAccount to the cloud; --prove asks for it";
  if (effect === "write-probe") return "it writes and removes a small object; --prove asks for it";
  return "it reads more than the cluster's namespace; --thorough asks for it";
}

/**
 * Judges the facts with every check, in the order of their codes, each after those it comes after. A check with an unknown
 * need is never run; a check that throws is `unknown` and the others go on. What `suppress` names does not count.
 */
export function runChecks(
  checks: readonly Check[],
  facts: Facts,
  context: CheckContext,
  { suppress = () => undefined, deferred = [] }: RunOptions = {},
): Result[] {
  const results = new Map<Code, Result>();
  for (const check of causesFirst(checks)) {
    const result = deferred.includes(check)
      ? { ...resultOf(check), status: "skip" as const, skipReason: deferral(check) }
      : judge(check, facts, context, results, suppress);
    results.set(check.code, result);
  }
  const sorted = [...results.values()].sort((a, b) => a.code.localeCompare(b.code));
  const blocked = sorted.filter(({ blockedBy }) => blockedBy.length > 0);
  return sorted.map((result) => {
    const explains = blocked.filter(({ blockedBy }) => blockedBy.includes(result.code)).map(({ code }) => code);
    return explains.length === 0 ? result : { ...result, explains };
  });
}

/** By code, but what explains another one before it: a probe is told by what was found out without one. */
function causesFirst(checks: readonly Check[]): Check[] {
  const ordered = new Set<Check>();
  const waiting = new Set<Check>();
  const add = (check: Check): void => {
    if (ordered.has(check) || waiting.has(check)) return;
    waiting.add(check);
    for (const code of [...(check.after ?? []), ...(check.explainedBy ?? [])])
      checks.filter((other) => other.code === code).forEach(add);
    ordered.add(check);
  };
  [...checks].sort((a, b) => a.code.localeCompare(b.code)).forEach(add);
  return [...ordered];
}

function judge(
  check: Check,
  facts: Facts,
  context: CheckContext,
  earlier: ReadonlyMap<Code, Result>,
  suppress: Suppress,
): Result {
  const notPassed = (check.after ?? []).filter((code) => {
    const status = earlier.get(code)?.status;
    return status === "fail" || status === "unknown" || status === "blocked";
  });
  const values = valuesOf([...check.needs, ...(check.wants ?? [])], facts);
  const base = { ...resultOf(check), required: check.required && (check.requiredIf?.(values, context) ?? true) };
  const blocked: Result = { ...base, status: "blocked", blockedBy: notPassed };

  const impossible = check.notIn?.[context.mode];
  if (impossible !== undefined) return { ...base, status: "skip", skipReason: impossible };
  const unreadable = check.needs.flatMap((key) => unknownsOf(key, facts[key]));
  if (unreadable.length > 0) return notPassed.length > 0 ? blocked : untold(base, unreadable);

  let verdict: Verdict;
  try {
    verdict = check.run(values, context);
  } catch (error) {
    // The message may quote an API object, so only the kind of error is shown.
    const why = `the check crashed (${error instanceof Error ? error.name : typeof error}); this is a bug`;
    return { ...base, status: "unknown", unknown: [{ what: check.code, why }] };
  }

  if ("skip" in verdict) {
    const unread = verdict.unless === undefined ? [] : gapsOf(facts[verdict.unless]).filter(couldBeHad);
    return unread.length > 0
      ? { ...base, status: "unknown", unknown: unread.map(asIgnorance) }
      : { ...base, status: "skip", skipReason: verdict.skip };
  }
  const gaps = check.needs.flatMap((key) => gapsOf(facts[key]));
  const missed = gaps.filter(couldBeHad).map(asIgnorance);
  if ("holds" in verdict) return missed.length > 0 ? { ...base, status: "unknown", unknown: missed } : base;
  if ("waits" in verdict)
    return notPassed.length > 0
      ? blocked
      : { ...base, status: "unknown", unknown: [{ what: check.slug, why: verdict.waits }] };
  const makers = (facts.externalSecrets && valueOf(facts.externalSecrets)) ?? [];
  const references = facts.references && valueOf(facts.references);
  const found = worstFirst("findings" in verdict ? verdict.findings : verdict).map((one) =>
    mendedUpstream(one, makers, references),
  );
  const explaining = ({ explainedBy = [] }: Finding): Code[] =>
    explainedBy.filter((code) => earlier.get(code)?.status === "fail");
  const telling = ({ toldBy = [], status }: Finding): Code[] =>
    status === "fail" ? [] : toldBy.filter((code) => earlier.get(code)?.status === "warn");
  const all = found.filter((finding) => explaining(finding).length === 0 && telling(finding).length === 0);
  const before = [...new Set([...notPassed, ...found.flatMap(explaining)])];
  const suppressed = all.flatMap((finding): SuppressedFinding[] => {
    const by = suppress(check.code, finding);
    return by === undefined ? [] : [{ finding, by }];
  });
  const findings = all.filter((finding) => !suppressed.some((one) => one.finding === finding));
  const undecided: Ignorance[] =
    "findings" in verdict
      ? verdict.undecided.map((one) => (typeof one === "string" ? { what: check.slug, why: one } : asIgnorance(one)))
      : [];
  const told = { ...base, suppressed, unknown: [...undecided, ...missed] };
  if (findings.length > 0) {
    const status = worstStatus(findings);
    return {
      ...told,
      status,
      findings,
      rootCause: status === "fail" && !notPassed.some((code) => isBroken(code, earlier)),
    };
  }
  if (before.length > 0 && undecided.length === 0) return { ...blocked, blockedBy: before, suppressed };
  if (told.unknown.length > 0) return { ...told, status: "unknown" };
  const [other] = found.flatMap(telling);
  if (other !== undefined) return { ...told, status: "skip", skipReason: `${other} tells what it found` };
  const never = gaps.find((gap) => !couldBeHad(gap));
  return never === undefined ? told : { ...told, status: "skip", skipReason: never.detail };
}

/** It failed, or cannot be told because of one that failed; what is merely unknown explains no failure. */
function isBroken(code: Code, earlier: ReadonlyMap<Code, Result>): boolean {
  const { status, blockedBy = [] } = earlier.get(code) ?? {};
  return status === "fail" || (status === "blocked" && blockedBy.some((other) => isBroken(other, earlier)));
}

function resultOf(check: Check): Result {
  return {
    code: check.code,
    slug: check.slug,
    title: check.title,
    area: check.area,
    required: check.required,
    severity: check.severity,
    status: "pass",
    findings: [],
    suppressed: [],
    rootCause: false,
    explains: [],
    blockedBy: [],
    unknown: [],
    skipReason: undefined,
  };
}

/** What the source can never give is a skip with its reason; what it could have given is unknown. */
function untold(base: Result, unreadable: readonly Unknown[]): Result {
  const missed = unreadable.filter(couldBeHad);
  // Several facts may be unknown for one reason.
  if (missed.length > 0)
    return { ...base, status: "unknown", unknown: distinctBy(missed.map(asIgnorance), ({ why }) => why) };
  return { ...base, status: "skip", skipReason: unreadable[0]?.detail };
}

function couldBeHad(unknown: Unknown): boolean {
  return unknown.why !== "not-given";
}

function valuesOf(keys: readonly FactKey[], facts: Facts): NeededFacts<FactKey> {
  const values: Partial<Record<FactKey, unknown>> = {};
  for (const key of keys) {
    const fact = facts[key];
    values[key] = fact?.state === "known" ? fact.value : undefined;
  }
  return values as NeededFacts<FactKey>;
}

function unknownsOf(key: FactKey, fact: Known<unknown> | undefined): Unknown[] {
  if (fact === undefined) {
    const origin = { via: "kube", ref: key } as const;
    return [{ state: "unknown", why: "not-collected", detail: "it was not collected", origin }];
  }
  return fact.state === "unknown" ? [fact] : [];
}

function gapsOf(fact: Known<unknown> | undefined): readonly Unknown[] {
  return fact?.state === "known" ? (fact.gaps ?? []) : [];
}

function asIgnorance(fact: Unknown): Ignorance {
  return { what: fact.origin.ref, why: fact.detail, ...(fact.grant === undefined ? {} : { grant: fact.grant }) };
}

const ORDER = ["fail", "warn", "info"];

function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}

function worstStatus(findings: readonly Finding[]): Status {
  for (const status of ["fail", "warn"] as const) if (findings.some((item) => item.status === status)) return status;
  return "info";
}
