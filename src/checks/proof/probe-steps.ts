import type { CallOutcome, ProbeFacts } from "../../domain/aws-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Code, type Finding, type Severity } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import { withoutRole } from "../../domain/identity-use.ts";
import type { Verdict } from "../define.ts";
import { denialOf, type Denial, type Refusal } from "./denial.ts";
import { notProved, subjectOf, type ProofFacts } from "./expected-probes.ts";
import { googleDenial, type GooglePermission } from "./google-denial.ts";

export const PROOF_NEEDS = ["cluster", "aims", "staticKeys", "probes"] as const;
export const PROOF_WANTS = [
  "webIdentity",
  "googleAims",
  "googleIdentity",
  "environments",
  "references",
  "backups",
  "pods",
] as const;
export const PROOF_GRANTS = [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES];
export const NOT_LIVE = "nothing is written for files, which may be those of another day";

/** One step of the probe, and how a refusal of it is told. */
export interface ProbeStep {
  readonly outcomeOf: (probe: ProbeFacts) => CallOutcome;
  /** `s3:PutObject`. */
  readonly action: string;
  /** What Google calls that: `storage.objects.create`. */
  readonly permission: GooglePermission;
  /** Goes on after `ServiceAccount antfly`: `cannot write to`. */
  readonly cannot: string;
  readonly lacking: { readonly role: string; readonly key: string };
  /** A refusal that is no denial. */
  readonly told?: (refusal: Refusal) => Denial | undefined;
  readonly explainedBy: readonly Code[];
  /** A backup succeeds without it. */
  readonly severity?: Severity;
}

/** What the probes came to in this step. */
export function judgeStep(step: ProbeStep, facts: ProofFacts): Verdict {
  const { cluster, probes = [] } = facts;
  if (cluster === undefined) return [];
  const told = probes.map((probe) => refused(step, probe, facts, cluster));
  const findings = told.flat();
  const undecided = probes.flatMap((probe, i) =>
    told[i]?.length === 0 ? undecidedIn(probe, step.outcomeOf(probe)) : [],
  );
  if (findings.length > 0 || undecided.length > 0) return { findings, undecided };
  return notProved(facts) ?? skipped(probes) ?? { holds: true };
}

function refused(step: ProbeStep, probe: ProbeFacts, facts: ProofFacts, cluster: ClusterFacts): Finding[] {
  const said = step.outcomeOf(probe);
  if (said.state !== "refused") return [];
  const { holder, arn, aim, identity } = probe;
  const google = identity === "google";
  const refusal = { said, action: google ? step.permission : step.action, aim, holder, arn };
  const denial =
    step.told?.(refusal) ??
    (google ? googleDenial(refusal) : denialOf(refusal, step.lacking[identity === "key" ? "key" : "role"]));
  if (denial === undefined) return [];
  const { cause, because, fixes } = denial;
  const message = `${holder} ${step.cannot} ${placeOf(aim)}: ${because}`;
  return [
    finding(cause, severityOf(step, probe, facts), subjectOf(probe, cluster), message, {
      evidence: [
        ...(arn === undefined ? [] : [{ label: "identity", has: arn }]),
        { label: "object", has: placeOf({ ...aim, prefix: probe.key }) },
        { label: "from", has: aim.from },
        { label: "store said", has: `${said.code}: ${said.message}` },
      ],
      fixes,
      explainedBy: step.explainedBy,
    }),
  ];
}

/** A role that static keys take the place of is one for later. */
function severityOf({ severity = "error" }: ProbeStep, { identity }: ProbeFacts, facts: ProofFacts): Severity {
  return identity === "role" && withoutRole(facts) === "warning" ? "warning" : severity;
}

function undecidedIn(probe: ProbeFacts, outcome: CallOutcome): string[] {
  const where = `${probe.holder} in ${placeOf(probe.aim)}`;
  if (outcome.state === "failed") return [`${where}: ${outcome.why}`];
  return outcome.state === "refused" ? [`${where}: the store answered ${outcome.code}: ${outcome.message}`] : [];
}

/** Without a write there is nothing to be read back, listed or removed; a bucket that keeps what is written gets none. */
function skipped(probes: readonly ProbeFacts[]): Verdict | undefined {
  const unwritten = probes.map(({ write }) => write).find(({ state }) => state !== "ok");
  if (unwritten === undefined) return undefined;
  return unwritten.state === "not-tried" ? { skip: unwritten.why } : { waits: "nothing was written" };
}
