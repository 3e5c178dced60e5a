import type { Refused } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { projectOfAccount } from "../../domain/gcp/account-form.ts";
import { memberOf } from "../../domain/gcp/member.ts";
import {
  edit,
  finding,
  gcloudCommand,
  safeCommand,
  type Finding,
  type Fix,
  type Severity,
} from "../../domain/finding.ts";
import type { GkeClusterFacts, GoogleIdentityFacts } from "../../domain/google-facts.ts";
import type { Verdict } from "../define.ts";
import { bind, MINUTES, workloadPool } from "../gcp/google-fixes.ts";
import { firstCandidate } from "./candidate.ts";
import { LATER } from "./google-denial.ts";

/** Causes whose words have one meaning; a denial of `getAccessToken` has several (failure catalogue, section 5.2). */
const BY_WORDS = ["gke.vpc-sc", "gke.gsa-disabled", "gke.iamcredentials-api-off"] as const;

export const CAUSES_OF_GOOGLE = [
  ...BY_WORDS,
  "gke.binding-missing",
  "gke.binding-propagation",
  "gke.gsa-missing",
  "gke.identity-pool-missing",
] as const;

/** What the policies say; undefined where they were not read. */
export type PolicyVerdict = "yes" | "no" | "maybe" | undefined;

export interface GoogleProof {
  readonly cluster: ClusterFacts;
  readonly facts: GoogleIdentityFacts;
  readonly gkeCluster: GkeClusterFacts | undefined;
  readonly severity: Severity;
  readonly verdict: PolicyVerdict;
}

interface Reason {
  readonly cause: (typeof CAUSES_OF_GOOGLE)[number];
  /** Goes on after a colon. */
  readonly because: string;
  readonly fixes: readonly Fix[];
}

/** Google's STS does not take the ServiceAccount's token for one of the workload pool. */
export function refusalBySts(proof: GoogleProof, said: Refused): Verdict {
  const { gkeCluster } = proof;
  if (gkeCluster !== undefined && gkeCluster.workloadPool === undefined)
    return { waits: `Workload Identity is off in GKE cluster ${gkeCluster.name}` };
  const reason = poolReason(proof, said);
  if (reason === undefined) return { findings: [], undecided: [`Google's STS answered ${said.code}: ${said.message}`] };
  const { serviceAccount, pool } = proof.facts;
  const what = `Google does not take the token of ServiceAccount ${serviceAccount} for one of pool ${pool}`;
  return toldAs(reason, what, proof, said);
}

function poolReason({ facts, gkeCluster }: GoogleProof, said: Refused): Reason | undefined {
  const text = `${said.code} (sts.googleapis.com): ${said.message}`;
  if (firstCandidate(text, ["gke.vpc-sc"]) !== undefined) return perimeter();
  const enable =
    gkeCluster === undefined
      ? [edit("turn Workload Identity on for the cluster")]
      : [workloadPool(gkeCluster, facts.pool)];
  // What STS says of an audience that it does not know, and IAM of a pool.
  if (
    said.code !== "invalid_target" &&
    !/Identity Pool does not exist|pool or provider is disabled/i.test(said.message)
  )
    return undefined;
  const because = "it knows no such pool, or not this cluster as one of it: project, location or name may be wrong";
  return { cause: "gke.identity-pool-missing", because, fixes: enable };
}

/** The pool's token was given, and the annotated account does not let it act for it. */
export function refusalByGoogle(proof: GoogleProof, account: string, said: Refused): Verdict {
  const reason = accountReason(proof, account, said);
  if (reason === undefined) return { findings: [], undecided: [`Google answered ${said.code}: ${said.message}`] };
  return toldAs(
    reason,
    `Google does not let ServiceAccount ${proof.facts.serviceAccount} act as ${account}`,
    proof,
    said,
  );
}

function accountReason({ cluster, facts, verdict }: GoogleProof, account: string, said: Refused): Reason | undefined {
  const project = projectOfAccount(account);
  const inProject = project === undefined ? [] : ["--project", project];
  switch (firstCandidate(`${said.code}: ${said.message}`, BY_WORDS)?.cause) {
    case "gke.vpc-sc":
      return perimeter();
    case "gke.gsa-disabled":
      return {
        cause: "gke.gsa-disabled",
        because: "the account is disabled",
        fixes: [gcloudCommand`gcloud iam service-accounts enable ${account} ${inProject}`],
      };
    case "gke.iamcredentials-api-off":
      return {
        cause: "gke.iamcredentials-api-off",
        because: "the IAM Service Account Credentials API is off in its project",
        fixes: [gcloudCommand`gcloud services enable iamcredentials.googleapis.com ${inProject}`],
      };
    default:
  }
  if (said.status === 404)
    return {
      cause: "gke.gsa-missing",
      because: "there is no such account",
      fixes: [
        edit(`correct the annotation of ServiceAccount ${facts.serviceAccount}, or make the account:`),
        safeCommand`antfly-creds init workload-identity ${cluster.name} -n ${cluster.namespace} --dry-run`,
      ],
    };
  if (said.status !== 403) return undefined;
  if (verdict === "yes") {
    const because =
      "its policy, as IAM has it, lets the ServiceAccount in; a change of the last minutes has not arrived yet, or a deny policy forbids it";
    return {
      cause: "gke.binding-propagation",
      because,
      fixes: LATER,
    };
  }
  const { pool, serviceAccount: name } = facts;
  const member = memberOf({ pool, projectNumber: undefined, namespace: cluster.namespace, name });
  return {
    cause: "gke.binding-missing",
    because: "the account is not there, or no binding of it lets the ServiceAccount in",
    fixes: [bind({ email: account, project: project ?? "PROJECT", policy: undefined }, member), MINUTES],
  };
}

function perimeter(): Reason {
  return {
    cause: "gke.vpc-sc",
    because: "a perimeter of VPC Service Controls keeps requests from here out; one from a pod may be inside it",
    fixes: [edit("ask who looks after the perimeter, with the identifier that Google said")],
  };
}

function toldAs(
  { cause, because, fixes }: Reason,
  what: string,
  { cluster, facts, severity }: GoogleProof,
  said: Refused,
): Verdict {
  const subject = { kind: "ServiceAccount", namespace: cluster.namespace, name: facts.serviceAccount };
  const { account, token, audience } = facts;
  return [
    finding(cause, severity, subject, `${what}: ${because}`, {
      evidence: [
        ...(account === undefined
          ? []
          : [{ label: "account", has: account, path: "/metadata/annotations/iam.gke.io~1gcp-service-account" }]),
        { label: "subject", has: token.subject },
        { label: "issuer", has: token.issuer },
        { label: "audience", has: audience },
        { label: "Google said", has: `${said.code}: ${said.message}` },
      ],
      fixes,
      explainedBy: ["ANT0401", "ANT0402", "ANT0403", "ANT0404"],
    }),
  ];
}

/** Policies of folders and of the organisation are not among those that were read. */
export function disagreement({ cluster, facts }: GoogleProof, account: string): Finding {
  const subject = { kind: "ServiceAccount", namespace: cluster.namespace, name: facts.serviceAccount };
  const message = `Google lets ServiceAccount ${facts.serviceAccount} act as ${account}, and by the policies of the account and its project, as IAM has them, it should not: a folder or the organisation lets it in, or one of the two is not up to date, or they are read wrongly here`;
  return finding("proof.disagreement", "warning", subject, message, {
    evidence: [
      { label: "policies", has: "do not let it in" },
      { label: "Google said", has: `${account} may be acted as` },
    ],
  });
}
