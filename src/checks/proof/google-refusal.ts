import type { Refused } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { projectOfAccount } from "../../domain/gcp/account-form.ts";
import { memberOf } from "../../domain/gcp/member.ts";
import { WORKLOAD_USER } from "../../domain/gcp/roles.ts";
import { edit, finding, gcloudCommand, safeCommand, type Fix, type Severity } from "../../domain/finding.ts";
import type { GkeClusterFacts, GoogleIdentityFacts } from "../../domain/google-facts.ts";
import type { Verdict } from "../define.ts";
import { firstCandidate } from "./candidate.ts";

/** Causes whose words have one meaning; a denial of `getAccessToken` has several (failure catalogue, section 5.2). */
const BY_WORDS = ["gke.vpc-sc", "gke.gsa-disabled", "gke.iamcredentials-api-off"] as const;

export const CAUSES_OF_GOOGLE = [
  ...BY_WORDS,
  "gke.binding-missing",
  "gke.gsa-missing",
  "gke.identity-pool-missing",
  "gke.pool-disabled",
] as const;

export interface GoogleProof {
  readonly cluster: ClusterFacts;
  readonly facts: GoogleIdentityFacts;
  readonly gkeCluster: GkeClusterFacts | undefined;
  readonly severity: Severity;
}

interface Reason {
  readonly cause: (typeof CAUSES_OF_GOOGLE)[number];
  /** Goes on after a colon. */
  readonly because: string;
  readonly fixes: readonly Fix[];
}

/** Google's STS does not take the ServiceAccount's token for one of the workload pool. */
export function refusalBySts(proof: GoogleProof, said: Refused): Verdict {
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
      : [
          gcloudCommand`gcloud container clusters update ${gkeCluster.name} --location ${gkeCluster.location} --project ${gkeCluster.project} --workload-pool ${facts.pool}`,
        ];
  if (gkeCluster !== undefined && gkeCluster.workloadPool === undefined) {
    const because = `Workload Identity is off in GKE cluster ${gkeCluster.name}`;
    return { cause: "gke.pool-disabled", because, fixes: enable };
  }
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

function accountReason({ cluster, facts }: GoogleProof, account: string, said: Refused): Reason | undefined {
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
  const { pool, serviceAccount: name } = facts;
  const member = memberOf({ pool, projectNumber: undefined, namespace: cluster.namespace, name });
  return {
    cause: "gke.binding-missing",
    because:
      "the account is not there, or no binding of it lets the ServiceAccount in; one that was just made takes some minutes",
    fixes: [
      gcloudCommand`gcloud iam service-accounts add-iam-policy-binding ${account} --role ${WORKLOAD_USER} --member ${member} ${inProject}`,
    ],
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
