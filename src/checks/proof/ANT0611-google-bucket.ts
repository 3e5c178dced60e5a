import type { CallOutcome, ProbeFacts } from "../../domain/aws-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding, type Severity } from "../../domain/finding.ts";
import { bucketRights } from "../../domain/gcp/bucket-rights.ts";
import { reliesOnGoogle, withoutGoogle } from "../../domain/gcp/google-use.ts";
import type { Identity } from "../../domain/gcp/member.ts";
import { effectiveIdentity, workloadOf } from "../../domain/gcp/workload-identity.ts";
import type {
  GoogleBucketAccess,
  GoogleBucketFacts,
  GoogleIdentityFacts,
  GoogleRoles,
} from "../../domain/google-facts.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES, MINT_TOKEN } from "../../domain/grants.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { NOT_GKE, notMeant } from "../gcp/not-google.ts";
import { NO_BUCKET } from "./expected-probes.ts";
import { googleDenial, LATER, roleFixes, type GooglePermission } from "./google-denial.ts";

export default defineCheck({
  code: "ANT0611",
  slug: "google-bucket",
  title: "The pods' Google identity has the rights that backups need on their buckets",
  area: "proof",
  causes: ["gke.binding-propagation", "gke.requester-pays", "gke.role-missing", "gke.vpc-sc", "s3.nosuchbucket"],
  needs: ["cluster", "googleIdentity"],
  wants: ["probes", "gkeCluster", "googleBuckets", "googleRoles", "serviceAccount", "googleAims", "operator"],
  after: ["ANT0402", "ANT0405", "ANT0610"],
  notIn: { files: "files hold no token to take to Google", overlay: "files hold no token to take to Google" },
  required: true,
  requiredIf: (facts, { policy }) => reliesOnGoogle(facts, policy),
  effect: "mint-token",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, MINT_TOKEN, LIST_BACKUPS, LIST_RESTORES],
  run: (facts, { policy, now }) => {
    const { cluster, googleIdentity, probes = [], googleBuckets = [] } = facts;
    if (cluster === undefined) return [];
    if (googleIdentity === undefined)
      return notMeant(facts) ?? (facts.serviceAccount === undefined ? { waits: "nobody has an identity" } : NOT_GKE);
    const { exchanged, impersonated, account, buckets } = googleIdentity;
    const given = (account === undefined ? exchanged : impersonated).state === "ok";
    if (!given) return { waits: "no bucket was asked: Google does not give the identity" };
    if (buckets.length === 0) return { ...NO_BUCKET, unless: "googleAims" };
    const severity: Severity = withoutGoogle(facts, policy) === "critical" ? "error" : "warning";
    const { gkeCluster: gke, serviceAccount, googleRoles } = facts;
    const who = gke && serviceAccount && effectiveIdentity(workloadOf(gke, cluster.namespace, serviceAccount), account);
    const one: Case = { cluster, identity: googleIdentity, probes, googleBuckets, severity, who, googleRoles, now };
    const told = buckets.map((access) => judge(access, one));
    return { findings: told.flatMap(({ found }) => found), undecided: told.flatMap(({ undecided }) => undecided) };
  },
});

interface Case {
  readonly cluster: ClusterFacts;
  readonly identity: GoogleIdentityFacts;
  readonly probes: readonly ProbeFacts[];
  readonly googleBuckets: readonly GoogleBucketFacts[];
  readonly severity: Severity;
  /** Whom the policies are to name; undefined where the pool is not known. */
  readonly who: Identity | undefined;
  readonly googleRoles: GoogleRoles | undefined;
  readonly now: Date;
}

interface Told {
  readonly found: readonly Finding[];
  readonly undecided: readonly string[];
}

function judge(access: GoogleBucketAccess, one: Case): Told {
  const { aim, outcome } = access;
  const where = `${placeOf(aim)} (${aim.from})`;
  if (outcome.state === "failed" || outcome.state === "not-tried")
    return { found: [], undecided: [`${where}: ${outcome.why}`] };
  if (outcome.state === "refused") {
    const denial = googleDenial({ said: outcome, action: "testPermissions", aim, arn: one.identity.principal });
    if (denial === undefined || denial.cause === "gke.role-missing")
      return { found: [], undecided: [`${where}: Google answered ${outcome.code}: ${outcome.message}`] };
    const said = { label: "Google said", has: `${outcome.code}: ${outcome.message}` };
    const message = `ServiceAccount ${one.identity.serviceAccount} cannot use ${where}: ${denial.because}`;
    return { found: [toldOf(denial.cause, one.severity, message, one, [said], denial.fixes)], undecided: [] };
  }
  const probe = one.probes.find((other) => other.identity === "google" && placeOf(other.aim) === placeOf(aim));
  const lacking = access.asked.filter(
    (permission) => !access.granted.includes(permission) && !isProved(permission, probe),
  );
  if (lacking.length === 0) return { found: [], undecided: [] };
  if (probe === undefined && hasConditions(aim.bucket, one))
    return {
      found: [],
      undecided: [
        `${where}: ${sentenceList(lacking)} may be granted below the prefix alone: a binding of the bucket has a condition, and Google was asked for the bucket as a whole`,
      ],
    };
  return {
    found: [isGivenByPolicy(access, lacking, one) ? notYet(access, lacking, one) : lacks(access, lacking, one)],
    undecided: [],
  };
}

/** A condition on the names of objects holds for the probe, and not for the bucket that testPermissions asks. */
const STEP_OF: Readonly<Record<GooglePermission, (probe: ProbeFacts) => CallOutcome>> = {
  "storage.objects.create": ({ write }) => write,
  "storage.objects.get": ({ read }) => read,
  "storage.objects.list": ({ list }) => list,
  "storage.objects.delete": ({ remove }) => remove,
};

function isProved(permission: string, probe: ProbeFacts | undefined): boolean {
  const step = STEP_OF[permission as GooglePermission];
  return probe !== undefined && step(probe).state === "ok";
}

function hasConditions(bucket: string, { googleBuckets }: Case): boolean {
  const policy = googleBuckets.find((one) => one.bucket === bucket)?.policy;
  return policy?.state === "known" && policy.value.bindings.some(({ condition }) => condition !== undefined);
}

/** All of it, without a doubt, by the policies as IAM has them. */
function isGivenByPolicy(
  { aim }: GoogleBucketAccess,
  lacking: readonly string[],
  { who, googleBuckets, googleRoles, now }: Case,
): boolean {
  const bucket = googleBuckets.find((one) => one.bucket === aim.bucket);
  const rights = who && bucket && bucketRights(who, aim, bucket, googleRoles, now);
  return (
    rights !== undefined &&
    rights.doubts.length === 0 &&
    !lacking.some((permission) => rights.missing.includes(permission))
  );
}

/** What was just written to a policy takes minutes to work everywhere. */
function notYet(access: GoogleBucketAccess, lacking: readonly string[], one: Case): Finding {
  const message = `${hasNo(access, lacking, one)}, though by its policy, as IAM has it, it should: a change of the last minutes has not arrived yet, or a deny policy forbids it`;
  return toldOf("gke.binding-propagation", severityOf(lacking, one), message, one, evidenceOf(access, lacking), LATER);
}

function lacks(access: GoogleBucketAccess, lacking: readonly string[], one: Case): Finding {
  const message = `${hasNo(access, lacking, one)}, which ${access.aim.from} needs`;
  const fixes = roleFixes(access.aim, one.identity.principal);
  return toldOf("gke.role-missing", severityOf(lacking, one), message, one, evidenceOf(access, lacking), fixes);
}

function hasNo({ aim }: GoogleBucketAccess, lacking: readonly string[], { identity }: Case): string {
  const as = identity.account === undefined ? "" : `, as ${identity.account},`;
  return `ServiceAccount ${identity.serviceAccount}${as} has no ${sentenceList(lacking)} on bucket ${aim.bucket}`;
}

/** A backup succeeds without removing anything. */
function severityOf(lacking: readonly string[], { severity }: Case): Severity {
  return lacking.every((permission) => permission === "storage.objects.delete") ? "warning" : severity;
}

function evidenceOf({ granted }: GoogleBucketAccess, lacking: readonly string[]): Finding["evidence"] {
  const has = granted.length === 0 ? "none of them" : granted.join(", ");
  return [{ label: "permissions", want: lacking.join(", "), has }];
}

function toldOf(
  cause: string,
  severity: Finding["severity"],
  message: string,
  { cluster, identity }: Case,
  evidence: Finding["evidence"],
  fixes: Finding["fixes"],
): Finding {
  const subject = { kind: "ServiceAccount", namespace: cluster.namespace, name: identity.serviceAccount };
  const who = identity.principal === undefined ? [] : [{ label: "identity", has: identity.principal }];
  return finding(cause, severity, subject, message, {
    evidence: [...who, ...evidence],
    fixes,
    explainedBy: ["ANT0402", "ANT0405"],
  });
}
