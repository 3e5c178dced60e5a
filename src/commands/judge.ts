import { runChecks } from "../checks/run.ts";
import { CHECKS } from "../checks/index.ts";
import type { Facts } from "../domain/facts.ts";
import { aimedAt, aimedFix, edit, safeCommand, type AimFlags, type Finding } from "../domain/finding.ts";
import { placeOf } from "../domain/iam/s3-needs.ts";
import { known, valueOf } from "../domain/known.ts";
import {
  exitCodeOf,
  type Calls,
  type ExitPolicy,
  type Overview,
  type Report,
  type Result,
  type Source,
  type Target,
  type TargetReport,
} from "../domain/report.ts";
import { USUAL_POLICY, type Policy } from "../domain/policy.ts";
import { suppressBy, type SuppressionEntry } from "../domain/suppression.ts";
import type { App } from "../ports.ts";
import { matchesCode, withPrerequisites, type ChosenChecks } from "./choose-checks.ts";
import type { Look } from "./look.ts";
import { suppressionsIn } from "./suppressions.ts";

/** What a run is told besides what to look at. */
export interface JudgeOptions {
  readonly chosen: ChosenChecks;
  readonly policy: ExitPolicy;
  readonly source: Source;
  /** Of the configuration; those on objects are found with them. */
  readonly suppressions?: readonly SuppressionEntry[];
  /** What the configuration asks of checks. */
  readonly asks?: Policy;
  /** Calls sent so far; asked at the end. */
  readonly calls: () => Calls;
}

/** Looks that are judged at the same time. */
const AT_ONCE = 16;

/** Collects what the checks need of each look, judges it, and says what it comes to. */
export async function judge(app: App, looks: readonly Look[], options: JudgeOptions): Promise<Report> {
  const targets: TargetReport[] = [];
  const shared = new Map<string, Result>();
  // Side by side, and not all of a thousand at once: each holds its facts until it is judged.
  for (let i = 0; i < looks.length; i += AT_ONCE)
    targets.push(
      ...(await Promise.all(looks.slice(i, i + AT_ONCE).map((look) => judgeOne(app, look, options, shared)))),
    );
  const allowUnknown = CHECKS.map((check) => check.code).filter((code) =>
    options.policy.allowUnknown.some((wanted) => matchesCode(code, wanted)),
  );
  const results = targets.flatMap((target) => target.results);
  const policy = { failOn: options.policy.failOn, allowUnknown };
  return {
    source: options.source,
    targets,
    calls: options.calls(),
    policy,
    exitCode: exitCodeOf(results, policy),
  };
}

async function judgeOne(
  app: App,
  look: Look,
  options: JudgeOptions,
  shared: Map<string, Result>,
): Promise<TargetReport> {
  const { chosen, source } = options;
  const { target } = look;
  const flags = { kube: look.flags, aws: look.awsFlags ?? [] };
  // Files and saved facts hold whatever they hold: there is nothing to be asked for.
  const deferred = source.mode === "live" || source.mode === "overlay" ? chosen.deferred : [];
  const asked = [...chosen.asked, ...(deferred.length === 0 ? chosen.deferred : [])];
  const checks = [...withPrerequisites(asked), ...deferred].filter((check) =>
    (check.scopes ?? ["cluster"]).some((scope) => look.answers.includes(scope)),
  );
  const keys = checks.flatMap((check) => (deferred.includes(check) ? [] : [...check.needs, ...(check.wants ?? [])]));
  const read = await look.facts(target.scope === "cluster" ? [...keys, ...OVERVIEW] : keys);
  const written = suppressionsIn(look, read);
  const own = look.written ?? [];
  const suppressions = [...(options.suppressions ?? []), ...written, ...own];
  // Those of the configuration are judged once a run.
  const configured = look.answers.includes("inputs") ? (options.suppressions ?? []) : [];
  const judged = [...configured, ...written, ...(look.judgesWritten ?? [])];
  const facts: Facts = { ...read, suppressions: known(judged, { via: "kube", ref: "suppressions" }) };
  const context = {
    now: look.now ?? app.now(),
    target,
    mode: source.mode,
    policy: options.asks ?? USUAL_POLICY,
    grants: chosen.asked.flatMap((check) => check.grants.map((grant) => ({ ...grant, required: check.required }))),
  };
  const results = runChecks(checks, facts, context, {
    suppress: suppressBy(suppressions, context.now),
    deferred,
  })
    .filter((result) => isShown(result, chosen))
    .map((result) => withFixes(result, target, flags))
    .map((result) => withPlaces(result, look))
    .map((result) => alike(result, shared));
  const probes = (facts.probes && valueOf(facts.probes)) ?? [];
  return {
    target,
    overview: overviewOf(facts),
    results,
    residue: probes.flatMap(({ residue }) => residue),
    swept: probes.flatMap(({ swept }) => swept),
  };
}

/** Facts for the line that says what was looked at. */
const OVERVIEW = ["cluster", "pods", "operator"] as const;

/** A finding with its place. What is written in a file is changed there: a command would change it on the cluster alone. */
function located(found: Finding, look: Look): Finding {
  const place = look.locate?.(found);
  if (place === undefined) return found;
  const { location, ofSubject } = place;
  // What mends itself needs no change anywhere.
  const mendsItself = found.transient === true && found.fixes.length === 0;
  if (!ofSubject || mendsItself) return { ...found, location };
  const words = found.fixes.filter((fix) => fix.kind === "edit" || fix.safe);
  const here = edit(`change ${location.file}:${location.line}`);
  return { ...found, location, fixes: words.some((fix) => fix.kind === "edit") ? words : [here, ...words] };
}

/** Most results of many clusters hold nothing that has a place: they are not copied. */
function withPlaces(result: Result, look: Look): Result {
  if (result.findings.length + result.suppressed.length === 0) return result;
  return {
    ...result,
    findings: result.findings.map((found) => located(found, look)),
    suppressed: result.suppressed.map((one) => ({ ...one, finding: located(one.finding, look) })),
  };
}

/** Of a thousand clusters most results say the very same: each of these is kept once. */
function alike(result: Result, shared: Map<string, Result>): Result {
  const { code, status, required, skipReason, rootCause, explains, blockedBy } = result;
  if (result.findings.length + result.suppressed.length + result.unknown.length > 0) return result;
  const key = JSON.stringify([code, status, required, skipReason, rootCause, explains, blockedBy]);
  const same = shared.get(key) ?? result;
  shared.set(key, same);
  return same;
}

/** What was asked for, and what explains it. */
function isShown({ code, status }: Result, { asked, deferred, leftOut }: ChosenChecks): boolean {
  if ([...asked, ...deferred].some((check) => check.code === code)) return true;
  return !leftOut.some((check) => check.code === code) && status !== "pass" && status !== "skip";
}

/** Commands go to the cluster that was looked at; a missing right gets the command that prints it. */
function withFixes(result: Result, { namespace, cluster }: Target, flags: AimFlags): Result {
  if (result.findings.length + result.unknown.length === 0) return result;
  const permissions = safeCommand`antfly-creds permissions ${cluster ?? []} -n ${namespace} --for ${result.code}`;
  return {
    ...result,
    findings: result.findings.map((found) => aimedAt(flags, found)),
    unknown: result.unknown.map((unknown) =>
      unknown.grant === undefined ? unknown : { ...unknown, fix: aimedFix(flags, permissions) },
    ),
  };
}

function overviewOf(facts: Facts): Overview {
  const cluster = facts.cluster && valueOf(facts.cluster);
  const pods: Record<string, number> = {};
  for (const group of cluster?.groups ?? []) {
    const mine = (facts.pods && valueOf(facts.pods))?.filter((pod) => pod.group === group.name);
    if (mine !== undefined) pods[group.name] = mine.length;
  }
  const probes = (facts.probes && valueOf(facts.probes)) ?? [];
  const proved = probes.flatMap(({ holder, aim, took, write, read, list, remove }) =>
    [write, read, list, remove].every(({ state }) => state === "ok") ? [{ holder, place: placeOf(aim), took }] : [],
  );
  return {
    pods,
    generation: facts.operator && valueOf(facts.operator)?.generation,
    image: cluster?.image,
    ...(proved.length === 0 ? {} : { proved }),
  };
}
