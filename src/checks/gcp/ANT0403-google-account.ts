import type { ClusterFacts } from "../../domain/facts.ts";
import { command, edit, finding, gcloudCommand, type Finding, type Fix, type Severity } from "../../domain/finding.ts";
import { initWorkloadIdentity } from "../../domain/fixes.ts";
import { projectOfAccount } from "../../domain/gcp/account-form.ts";
import { bucketRights, hasSome } from "../../domain/gcp/bucket-rights.ts";
import { reliesOnGoogle, withoutGoogle } from "../../domain/gcp/google-use.ts";
import { accountsIn } from "../../domain/gcp/known-accounts.ts";
import { isSlip } from "../../domain/gcp/slip.ts";
import { GOOGLE_ANNOTATION, workloadOf } from "../../domain/gcp/workload-identity.ts";
import type { GoogleAccountFacts, GoogleBucketFacts } from "../../domain/google-facts.ts";
import { READ_GOOGLE_ACCOUNT } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";
import { noAccount, notMeant } from "./not-google.ts";

const CREDENTIALS_API = "iamcredentials.googleapis.com";

export default defineCheck({
  code: "ANT0403",
  slug: "google-account",
  title: "The Google service account that the annotation names is there and can be used",
  area: "gcp",
  causes: ["gke.gsa-disabled", "gke.gsa-missing", "gke.iamcredentials-api-off"],
  needs: ["cluster", "serviceAccount", "googleAccount"],
  wants: ["googleAims", "googleBuckets", "googleRoles", "gkeCluster", "operator"],
  after: ["ANT0101", "ANT0402"],
  required: true,
  requiredIf: (facts, { policy }) => facts.serviceAccount?.gcpAccount !== undefined && reliesOnGoogle(facts, policy),
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT],
  googleGrants: READ_GOOGLE_ACCOUNT,
  run: (facts, { policy, now }) => {
    const { cluster, serviceAccount, googleAccount: account, googleBuckets = [], gkeCluster: gke } = facts;
    if (cluster === undefined) return [];
    const not = notMeant(facts) ?? noAccount(serviceAccount);
    if (not !== undefined) return not;
    const severity = withoutGoogle(facts, policy);
    const email = serviceAccount?.gcpAccount ?? "";
    if (account === undefined) {
      const { googleAims = [], googleRoles } = facts;
      const who = gke && serviceAccount && workloadOf(gke, cluster.namespace, serviceAccount);
      const itself = googleAims.some((aim) => {
        const bucket = googleBuckets.find((one) => one.bucket === aim.bucket);
        const rights = who && bucket && bucketRights({ kind: "workload", ...who }, aim, bucket, googleRoles, now);
        return rights !== undefined && hasSome(rights);
      });
      const instead = itself ? "itself" : near(email, googleBuckets);
      return [missing(cluster, serviceAccount?.name ?? "", email, instead, severity)];
    }
    const { credentialsApi } = account;
    return {
      findings: [
        ...(account.disabled ? [disabled(account, severity)] : []),
        ...(credentialsApi.state === "known" && credentialsApi.value === "DISABLED" ? [apiOff(account, severity)] : []),
      ],
      undecided: credentialsApi.state === "unknown" ? [credentialsApi] : [],
    };
  },
});

function refOf(email: string): Finding["subject"] {
  return { kind: "GoogleServiceAccount", name: email };
}

/** One that has a role somewhere and is called nearly so, or is called so in another project. */
function near(email: string, buckets: readonly GoogleBucketFacts[]): string | undefined {
  const [name = "", domain] = email.split("@");
  const others = accountsIn(buckets).map((other) => ({ other, parts: other.split("@") }));
  return (
    others.find(({ parts }) => parts[1] === domain && isSlip(parts[0] ?? "", name)) ??
    others.find(({ parts }) => parts[0] === name)
  )?.other;
}

function missing(
  { namespace, name: cluster }: ClusterFacts,
  serviceAccount: string,
  email: string,
  instead: string | undefined,
  severity: Severity,
): Finding {
  const meant = instead === "itself" ? undefined : instead;
  const project = projectOfAccount(email);
  const message = `Google service account ${email}, which ServiceAccount ${serviceAccount} names, does not exist${meant === undefined ? "" : `; ${meant} does, and has a role on the bucket`}${instead === "itself" ? "; the ServiceAccount has a role on the bucket itself, and needs none" : ""}`;
  const id = email.split("@")[0] ?? "";
  const create: Fix[] =
    project === undefined ? [] : [gcloudCommand`gcloud iam service-accounts create ${id} --project ${project}`];
  return finding("gke.gsa-missing", severity, refOf(email), message, {
    evidence: [
      {
        label: GOOGLE_ANNOTATION,
        want: meant ?? "a Google service account that is there",
        has: email,
        path: `/metadata/annotations/${GOOGLE_ANNOTATION.replaceAll("/", "~1")}`,
        of: { kind: "ServiceAccount", namespace, name: serviceAccount },
      },
    ],
    fixes:
      instead === "itself"
        ? [command`kubectl annotate serviceaccount ${serviceAccount} -n ${namespace} ${`${GOOGLE_ANNOTATION}-`}`]
        : meant === undefined
          ? [
              ...create,
              edit("a new one has no rights, also where an older one of that name had some:"),
              initWorkloadIdentity({ namespace, name: cluster }),
            ]
          : [
              command`kubectl annotate serviceaccount ${serviceAccount} -n ${namespace} --overwrite ${`${GOOGLE_ANNOTATION}=${meant}`}`,
            ],
    explainedBy: ["ANT0402"],
  });
}

function disabled({ email, project }: GoogleAccountFacts, severity: Severity): Finding {
  const message = `Google service account ${email} is disabled: nobody gets a token for it`;
  return finding("gke.gsa-disabled", severity, refOf(email), message, {
    evidence: [{ label: "disabled", want: "false", has: "true" }],
    fixes: [gcloudCommand`gcloud iam service-accounts enable ${email} --project ${project}`],
  });
}

function apiOff({ email, project }: GoogleAccountFacts, severity: Severity): Finding {
  const message = `The IAM Service Account Credentials API is off in project ${project} of ${email}: GKE gets its tokens there`;
  return finding("gke.iamcredentials-api-off", severity, refOf(email), message, {
    evidence: [{ label: CREDENTIALS_API, want: "ENABLED", has: "DISABLED" }],
    fixes: [gcloudCommand`gcloud services enable ${CREDENTIALS_API} --project ${project}`],
  });
}
