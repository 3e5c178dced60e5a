import type { ClusterFacts } from "../../domain/facts.ts";
import type { ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { command, edit, finding, type Finding, type Fix, type Severity } from "../../domain/finding.ts";
import { initWorkloadIdentity, refOfCluster } from "../../domain/fixes.ts";
import { accountProblem, isAccountEmail } from "../../domain/gcp/account-form.ts";
import { actsAs } from "../../domain/gcp/acts-as.ts";
import { bucketRights, hasSome } from "../../domain/gcp/bucket-rights.ts";
import { googleReliance, withoutGoogle } from "../../domain/gcp/google-use.ts";
import { accountsIn } from "../../domain/gcp/known-accounts.ts";
import type { Identity } from "../../domain/gcp/member.ts";
import { GOOGLE_ANNOTATION, workloadOf } from "../../domain/gcp/workload-identity.ts";
import type { GoogleAim } from "../../domain/google-facts.ts";
import { GET_GKE_CLUSTER, READ_BUCKET_POLICIES, READ_GOOGLE_ACCOUNT } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck, type NeededFacts, type Verdict } from "../define.ts";
import { misplacedAccount, type MisplacedAccount } from "./misplaced-account.ts";
import { notMeant } from "./not-google.ts";
import { OWN_KEY, ownKeySetters } from "./own-key.ts";

const PATH = `/metadata/annotations/${GOOGLE_ANNOTATION.replaceAll("/", "~1")}`;

type Facts = NeededFacts<
  | "cluster"
  | "serviceAccount"
  | "pods"
  | "environments"
  | "googleAims"
  | "operator"
  | "gkeCluster"
  | "googleAccount"
  | "googleBuckets"
  | "googleRoles"
>;

export default defineCheck({
  code: "ANT0402",
  slug: "google-annotation",
  title: "The pods' ServiceAccount names the Google service account that is meant for them, or has its rights itself",
  area: "gcp",
  causes: ["gke.annotation-key", "gke.annotation-missing", "gke.annotation-shadows-direct", "gke.annotation-value"],
  needs: ["cluster", "serviceAccount"],
  wants: [
    "pods",
    "environments",
    "googleAims",
    "operator",
    "gkeCluster",
    "googleAccount",
    "googleBuckets",
    "googleRoles",
  ],
  after: ["ANT0101", "ANT0301"],
  required: false,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_BACKUPS],
  googleGrants: [GET_GKE_CLUSTER, ...READ_GOOGLE_ACCOUNT, ...READ_BUCKET_POLICIES],
  run: (facts, { policy, mode, now }) => {
    const { cluster, serviceAccount, pods = [], environments = [] } = facts;
    if (cluster === undefined) return [];
    const { serviceAccount: wanted = "default" } = cluster;
    if (serviceAccount === undefined) {
      const why = `ServiceAccount ${wanted} does not exist`;
      return wanted === "default" ? { skip: why } : { waits: why };
    }
    const severity = withoutGoogle(facts, policy);
    const value = serviceAccount.gcpAccount;
    if (value !== undefined) return named(facts, serviceAccount, value, severity, now);
    const misplaced = misplacedAccount(cluster, serviceAccount, pods);
    if (misplaced !== undefined) return [otherKey(cluster, serviceAccount, misplaced, severity)];
    const not = notMeant(facts);
    if (not !== undefined) return not;
    const [key] = ownKeySetters(cluster, environments, pods);
    if (key !== undefined) return { skip: `the pods bring a key of their own (${OWN_KEY}, ${key})` };
    return direct(facts, cluster, serviceAccount, {
      severity: googleReliance(facts, policy) === "none" ? "info" : severity,
      offline: mode === "files",
      now,
    });
  },
});

function refOf({ namespace }: ClusterFacts, { name }: ServiceAccountFacts): Finding["subject"] {
  return { kind: "ServiceAccount", namespace, name };
}

function named(facts: Facts, account: ServiceAccountFacts, value: string, severity: Severity, now: Date): Finding[] {
  const { cluster, gkeCluster } = facts;
  if (cluster === undefined) return [];
  const wrong = accountProblem(value, gkeCluster?.project);
  if (wrong === undefined) return shadowed(facts, cluster, account, value, severity, now);
  const { problem, meant } = wrong;
  const message = `What ServiceAccount ${account.name} names as its Google service account, ${JSON.stringify(value)}, ${problem}: GKE gets no token for it`;
  return [
    finding("gke.annotation-value", severity, refOf(cluster, account), message, {
      evidence: [
        { label: GOOGLE_ANNOTATION, want: meant ?? "NAME@PROJECT.iam.gserviceaccount.com", has: value, path: PATH },
      ],
      fixes:
        meant === undefined
          ? [
              edit(`write the address of a Google service account into ${GOOGLE_ANNOTATION}, or:`),
              initWorkloadIdentity(cluster),
            ]
          : [write(account.name, meant), annotate(cluster, account, meant), NEW_TOKENS],
    }),
  ];
}

/** It has its rights itself, and would use them if it were not told to act as somebody who does not let it. */
function shadowed(
  { gkeCluster, googleAccount, googleBuckets = [], googleAims = [], googleRoles }: Facts,
  cluster: ClusterFacts,
  account: ServiceAccountFacts,
  email: string,
  severity: Severity,
  now: Date,
): Finding[] {
  if (gkeCluster === undefined || googleAccount === undefined) return [];
  const workload = workloadOf(gkeCluster, cluster.namespace, account);
  if (actsAs(workload, googleAccount, googleRoles, now)?.verdict !== "no") return [];
  const has = (who: Identity, aim: GoogleAim): boolean => {
    const bucket = googleBuckets.find((one) => one.bucket === aim.bucket);
    const rights = bucket && bucketRights(who, aim, bucket, googleRoles, now);
    return rights !== undefined && hasSome(rights);
  };
  const itself = googleAims.filter(
    (aim) => has({ kind: "workload", ...workload }, aim) && !has({ kind: "account", email }, aim),
  );
  if (itself.length === 0) return [];
  const buckets = sentenceList([...new Set(itself.map(({ bucket }) => bucket))]);
  const message = `ServiceAccount ${account.name} has a role on bucket ${buckets} itself, and its annotation makes it act as ${email} instead, which does not let it`;
  return [
    finding("gke.annotation-shadows-direct", severity, refOf(cluster, account), message, {
      evidence: [{ label: GOOGLE_ANNOTATION, want: "not set", has: email, path: PATH }],
      fixes: [
        command`kubectl annotate serviceaccount ${account.name} -n ${cluster.namespace} ${`${GOOGLE_ANNOTATION}-`}`,
        NEW_TOKENS,
      ],
    }),
  ];
}

function otherKey(
  cluster: ClusterFacts,
  account: ServiceAccountFacts,
  { key, value, where, subject, ofAccount }: MisplacedAccount,
  severity: Severity,
): Finding {
  const { namespace } = cluster;
  const message = `ServiceAccount ${account.name} names no Google service account: ${JSON.stringify(value)} stands ${where}, and GKE looks for it under ${GOOGLE_ANNOTATION} of the ServiceAccount alone`;
  const meant = accountProblem(value, undefined)?.meant ?? value;
  return finding("gke.annotation-key", severity, subject, message, {
    evidence: [
      {
        label: GOOGLE_ANNOTATION,
        want: `on ServiceAccount ${account.name}`,
        has: where,
        path: `/metadata/annotations/${key.replaceAll("/", "~1")}`,
      },
    ],
    fixes: [
      write(account.name, meant),
      ...(isAccountEmail(meant) ? [annotate(cluster, account, meant)] : []),
      ...(ofAccount ? [command`kubectl annotate serviceaccount ${account.name} -n ${namespace} ${`${key}-`}`] : []),
      NEW_TOKENS,
    ],
  });
}

/** Without the annotation Google sees the ServiceAccount itself, which is as good where that has a role. */
function direct(
  { gkeCluster, googleBuckets, googleAims = [], googleRoles }: Facts,
  cluster: ClusterFacts,
  account: ServiceAccountFacts,
  { severity, offline, now }: { severity: Severity; offline: boolean; now: Date },
): Verdict {
  const onGoogle = `ServiceAccount ${account.name} has no annotation ${GOOGLE_ANNOTATION}; whether it has a role in a bucket itself`;
  if (offline) return { skip: `${onGoogle}, Google alone can tell` };
  if (gkeCluster === undefined || googleBuckets === undefined)
    return { findings: [], undecided: [`${onGoogle} could not be read`] };
  const who: Identity = { kind: "workload", ...workloadOf(gkeCluster, cluster.namespace, account) };
  const asPods = googleAims.filter(({ source }) => source === "default");
  const each = asPods.map((aim) => {
    const bucket = googleBuckets.find((one) => one.bucket === aim.bucket);
    return { aim, rights: bucket && bucketRights(who, aim, bucket, googleRoles, now) };
  });
  if (each.some(({ rights }) => rights !== undefined && hasSome(rights))) return [];
  const read = each.filter(({ rights }) => rights !== undefined);
  if (read.length === 0) return { findings: [], undecided: [`${onGoogle} could not be read`] };
  return [
    missing(
      cluster,
      account,
      read.map(({ aim }) => aim),
      accountsOf(
        read.map(({ aim }) => aim),
        googleBuckets,
      ),
      severity,
    ),
  ];
}

function accountsOf(aims: readonly GoogleAim[], buckets: NonNullable<Facts["googleBuckets"]>): string[] {
  const own = buckets.filter(({ bucket }) => aims.some((aim) => aim.bucket === bucket));
  return accountsIn(own.map((bucket) => ({ ...bucket, projectPolicy: bucket.policy })));
}

function missing(
  cluster: ClusterFacts,
  account: ServiceAccountFacts,
  aims: readonly GoogleAim[],
  candidates: readonly string[],
  severity: Severity,
): Finding {
  const [aim] = aims;
  const only = candidates.length === 1 ? candidates[0] : undefined;
  const message = `ServiceAccount ${account.name} names no Google service account and has no role on bucket ${sentenceList([...new Set(aims.map(({ bucket }) => bucket))])} itself: Google denies what ${aim?.from ?? "the database"} asks`;
  return finding("gke.annotation-missing", severity, refOf(cluster, account), message, {
    evidence: [
      { label: GOOGLE_ANNOTATION, want: only ?? "the address of a Google service account", has: "not set", path: PATH },
      { label: "needed by", has: aim?.from ?? "", path: "/spec/config", of: refOfCluster(cluster) },
      ...candidates.map((email) => ({ label: "has a role on the bucket", has: email })),
    ],
    fixes:
      only === undefined || account.name === "default"
        ? [initWorkloadIdentity(cluster)]
        : [edit(`if ${only}, which has a role there, is meant:`), annotate(cluster, account, only), NEW_TOKENS],
  });
}

const NEW_TOKENS = edit(
  "tokens that the pods have are good for up to an hour; deleting each pod in turn ends that at once",
);

function write(account: string, email: string): Fix {
  return edit(`ServiceAccount ${account} is to have ${GOOGLE_ANNOTATION}: ${email}`);
}

function annotate({ namespace }: ClusterFacts, { name }: ServiceAccountFacts, email: string): Fix {
  return command`kubectl annotate serviceaccount ${name} -n ${namespace} --overwrite ${`${GOOGLE_ANNOTATION}=${email}`}`;
}
