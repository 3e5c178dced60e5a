import { createHmac } from "node:crypto";

import { CHECKS } from "../checks/index.ts";
import type { Check } from "../checks/define.ts";
import { runChecks } from "../checks/run.ts";
import { Collection } from "../collect/collector.ts";
import { LIVE_COLLECTORS } from "../collect/live.ts";
import { NAMESPACE } from "../domain/resources.ts";
import { UserError } from "../domain/errors.ts";
import type { ClusterFacts, Facts } from "../domain/facts.ts";
import { aimedAt, aimedFix, safeCommand } from "../domain/finding.ts";
import { valueOf } from "../domain/known.ts";
import { exitCodeOf, type ExitPolicy, type Overview, type Report, type Result, type Target } from "../domain/report.ts";
import { nearest, printable } from "../domain/text.ts";
import { KubeError, type App, type Kube } from "../ports.ts";

/** Which checks to run: by code, or by the beginning of one (`ANT02`). */
export interface CheckSelection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** The checks that were asked for. `left out` ones were told to be: they may be run, and are never shown. */
export interface ChosenChecks {
  readonly asked: readonly Check[];
  readonly leftOut: readonly Check[];
}

export const ALL_CHECKS: ChosenChecks = { asked: CHECKS, leftOut: [] };

/** @throws UserError for a code that no check has, and when none is left */
export function selectChecks({ only, skip }: CheckSelection): ChosenChecks {
  assertCodes([...only, ...skip]);
  const leftOut = CHECKS.filter((check) => skip.some((code) => matches(check.code, code)));
  const asked = CHECKS.filter(
    (check) => (only.length === 0 || only.some((code) => matches(check.code, code))) && !leftOut.includes(check),
  );
  if (asked.length === 0) throw new UserError("no-checks", "--only and --skip leave no check to run");
  return { asked, leftOut };
}

/** @throws UserError for a code, or the beginning of one, that no check has */
export function assertCodes(codes: readonly string[]): void {
  for (const code of codes) {
    if (CHECKS.some((check) => matches(check.code, code))) continue;
    const near = nearest(
      code.toUpperCase(),
      CHECKS.map((check) => check.code),
    );
    throw new UserError("unknown-code", `no check has the code "${printable(code)}"`, {
      hint: near === undefined ? "antfly-creds explain lists them" : `did you mean ${near}?`,
    });
  }
}

function matches(code: string, wanted: string): boolean {
  return /^ANT\d+$/i.test(wanted) && code.startsWith(wanted.toUpperCase());
}

/** The checks and all that they come after: a consequence is not judged without its cause. */
function withPrerequisites(checks: readonly Check[]): Check[] {
  const codes = new Set<string>();
  const add = (check: Check): void => {
    if (codes.has(check.code)) return;
    codes.add(check.code);
    for (const code of check.after ?? []) CHECKS.filter((other) => other.code === code).forEach(add);
  };
  checks.forEach(add);
  return CHECKS.filter((check) => codes.has(check.code));
}

/** One look at a cluster: its facts, read once, and who it is. */
export interface Look {
  readonly collection: Collection;
  readonly target: Target;
}

/**
 * Chooses the AntflyCluster: the named one, or the only one of the namespace. When the clusters cannot be listed at all
 * the look has none, and the checks say why.
 * @throws UserError when there is none, several, or none of that name
 */
export async function lookAt(app: App, kube: Kube, name: string | undefined): Promise<Look> {
  const salt = app.random(32);
  let cluster = name;
  const collection = new Collection(LIVE_COLLECTORS, () => ({
    kube,
    namespace: kube.namespace,
    cluster,
    fingerprint: (bytes) => createHmac("sha256", salt).update(bytes).digest("hex").slice(0, 16),
  }));
  const clusters = await collection.get("clusters");
  if (clusters.state === "known") for (const { name: known } of clusters.value) app.redactor.allow(known);
  if (clusters.state === "known") cluster = (await choose(clusters.value, name, kube)).name;
  return {
    collection,
    target: {
      context: kube.context,
      namespace: kube.namespace,
      cluster: clusters.state === "known" ? cluster : undefined,
    },
  };
}

async function choose(clusters: readonly ClusterFacts[], name: string | undefined, kube: Kube): Promise<ClusterFacts> {
  const { namespace } = kube;
  const names = clusters.map((cluster) => printable(cluster.name));
  if (clusters.length === 0) {
    await assertNamespace(kube);
    throw new UserError("no-cluster", `there is no AntflyCluster in namespace ${namespace}`, {
      hint: "choose another namespace with -n; kubectl get antflyclusters -A lists all",
    });
  }
  if (name === undefined) {
    const [only] = clusters;
    if (only !== undefined && clusters.length === 1) return only;
    throw new UserError(
      "several-clusters",
      `namespace ${namespace} has ${clusters.length} AntflyClusters: ${names.join(", ")}`,
      {
        hint: `name one, for example: antfly-creds doctor ${names[0]} -n ${namespace}`,
      },
    );
  }
  const found = clusters.find((cluster) => cluster.name === name);
  if (found !== undefined) return found;
  const near = nearest(name, names);
  throw new UserError("unknown-cluster", `there is no AntflyCluster ${printable(name)} in namespace ${namespace}`, {
    hint: near === undefined ? `there are: ${names.join(", ")}` : `did you mean ${near}?`,
  });
}

/** An empty list is also what a namespace that does not exist gives. */
async function assertNamespace(kube: Kube): Promise<void> {
  try {
    await kube.get(NAMESPACE, undefined, kube.namespace);
  } catch (error) {
    if (error instanceof KubeError && error.failure === "not-found") {
      throw new UserError(
        "unknown-namespace",
        `there is no namespace ${printable(kube.namespace)} (context ${kube.context})`,
        {
          hint: "kubectl get namespaces lists them",
        },
      );
    }
    if (!(error instanceof KubeError)) throw error;
  }
}

/** Collects what the checks need, judges it, and says what it comes to. */
export async function judge(
  app: App,
  kube: Kube,
  look: Look,
  chosen: ChosenChecks,
  policy: ExitPolicy,
): Promise<Report> {
  const checks = withPrerequisites(chosen.asked);
  const keys = checks.flatMap((check) => [...check.needs, ...(check.wants ?? [])]);
  const facts = await look.collection.all([...keys, "cluster", "pods", "operator"]);
  const results = runChecks(checks, facts, {
    now: app.now(),
    target: look.target,
    grants: chosen.asked.flatMap((check) => check.grants.map((grant) => ({ ...grant, required: check.required }))),
  });
  const shown = results
    .filter((result) => isShown(result, chosen))
    .map((result) => withFixes(result, look.target, kube.flags));
  const allowUnknown = CHECKS.map((check) => check.code).filter((code) =>
    policy.allowUnknown.some((wanted) => matches(code, wanted)),
  );
  return {
    target: look.target,
    overview: overviewOf(facts),
    results: shown,
    calls: { kubernetes: kube.calls() },
    exitCode: exitCodeOf(shown, { ...policy, allowUnknown }),
  };
}

/** What was asked for, and what explains it. */
function isShown({ code, status }: Result, { asked, leftOut }: ChosenChecks): boolean {
  if (asked.some((check) => check.code === code)) return true;
  return !leftOut.some((check) => check.code === code) && status !== "pass" && status !== "skip";
}

/** Commands go to the cluster that was looked at; a missing right gets the command that prints it. */
function withFixes(result: Result, { namespace, cluster }: Target, flags: readonly string[]): Result {
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
  return { pods, generation: facts.operator && valueOf(facts.operator)?.generation, image: cluster?.image };
}
