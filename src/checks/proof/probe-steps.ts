import type { CallOutcome, ProbeFacts } from "../../domain/aws-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Code, type Finding, type Severity } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import type { Verdict } from "../define.ts";
import { denialOf, type Denial, type Refusal } from "./denial.ts";
import { notProved, subjectOf, type ProofFacts } from "./expected-probes.ts";

export const PROOF_NEEDS = ["cluster", "aims", "staticKeys", "probes"] as const;
export const PROOF_WANTS = ["webIdentity"] as const;
export const PROOF_GRANTS = [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES];
export const NOT_LIVE = "nothing is written for files, which may be those of another day";

/** One step of the probe, and how a refusal of it is told. */
export interface ProbeStep {
  readonly outcomeOf: (probe: ProbeFacts) => CallOutcome;
  /** `s3:PutObject`. */
  readonly action: string;
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
  const findings = probes.flatMap((probe) => refused(step, probe, cluster));
  const undecided = probes.flatMap((probe) => undecidedIn(step, probe));
  if (findings.length > 0 || undecided.length > 0) return { findings, undecided };
  return notProved(facts) ?? skipped(step, probes) ?? [];
}

function refused(step: ProbeStep, probe: ProbeFacts, cluster: ClusterFacts): Finding[] {
  const said = step.outcomeOf(probe);
  if (said.state !== "refused") return [];
  const { holder, arn, aim, identity } = probe;
  const refusal = { said, action: step.action, aim, holder, arn };
  const { cause, because, fixes } = step.told?.(refusal) ?? denialOf(refusal, step.lacking[identity]);
  const message = `${holder} ${step.cannot} ${placeOf(aim)}: ${because}`;
  return [
    finding(cause, step.severity ?? "error", subjectOf(probe, cluster), message, {
      evidence: [
        ...(arn === undefined ? [] : [{ label: "identity", has: arn }]),
        { label: "object", has: `s3://${aim.bucket}/${probe.key}` },
        { label: "from", has: aim.from },
        { label: "store said", has: `${said.code}: ${said.message}` },
      ],
      fixes,
      explainedBy: step.explainedBy,
    }),
  ];
}

function undecidedIn(step: ProbeStep, probe: ProbeFacts): string[] {
  const outcome = step.outcomeOf(probe);
  return outcome.state === "failed" ? [`${probe.holder} in ${placeOf(probe.aim)}: ${outcome.why}`] : [];
}

/** A step that was rightly left out: the bucket keeps what is written, or there was nothing to read. */
function skipped(step: ProbeStep, probes: readonly ProbeFacts[]): Verdict | undefined {
  const left = probes.map((probe) => step.outcomeOf(probe)).find(({ state }) => state === "not-tried");
  if (left?.state !== "not-tried") return undefined;
  return probes.some(({ write }) => write.state === "not-tried") ? { skip: left.why } : { waits: left.why };
}
