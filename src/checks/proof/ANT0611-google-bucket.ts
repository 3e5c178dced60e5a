import type { CallOutcome, ProbeFacts } from "../../domain/aws-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Code, type Finding } from "../../domain/finding.ts";
import type { GoogleBucketAccess, GoogleBucketFacts, GoogleIdentityFacts } from "../../domain/google-facts.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES, MINT_TOKEN } from "../../domain/grants.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { NO_BUCKET } from "./expected-probes.ts";
import { googleDenial, roleFixes, type GooglePermission } from "./google-denial.ts";

export default defineCheck({
  code: "ANT0611",
  slug: "google-bucket",
  title: "The pods' Google identity has the rights that backups need on their buckets",
  area: "proof",
  causes: ["gke.requester-pays", "gke.role-missing", "gke.vpc-sc", "s3.nosuchbucket"],
  needs: ["cluster", "googleIdentity"],
  wants: ["probes", "googleBuckets"],
  after: ["ANT0610"],
  notIn: { files: "files hold no token to take to Google", overlay: "files hold no token to take to Google" },
  required: true,
  effect: "mint-token",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, MINT_TOKEN, LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, googleIdentity, probes = [], googleBuckets = [] }) => {
    if (cluster === undefined) return [];
    if (googleIdentity === undefined) return { skip: "no Google identity is meant for the pods" };
    const { exchanged, impersonated, account, buckets } = googleIdentity;
    const given = (account === undefined ? exchanged : impersonated).state === "ok";
    if (!given) return { waits: "no bucket was asked: Google does not give the identity" };
    if (buckets.length === 0) return { ...NO_BUCKET, unless: "googleAims" };
    const told = buckets.map((access) => judge(access, { cluster, identity: googleIdentity, probes, googleBuckets }));
    return { findings: told.flatMap(({ found }) => found), undecided: told.flatMap(({ undecided }) => undecided) };
  },
});

interface Case {
  readonly cluster: ClusterFacts;
  readonly identity: GoogleIdentityFacts;
  readonly probes: readonly ProbeFacts[];
  readonly googleBuckets: readonly GoogleBucketFacts[];
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
    return { found: [toldOf(denial.cause, "error", message, one, [said], denial.fixes)], undecided: [] };
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
  return { found: [lacks(access, lacking, one)], undecided: [] };
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

/** A backup succeeds without removing anything. */
function lacks({ aim, granted }: GoogleBucketAccess, lacking: readonly string[], one: Case): Finding {
  const { serviceAccount, account, principal } = one.identity;
  const severity = lacking.every((permission) => permission === "storage.objects.delete") ? "warning" : "error";
  const as = account === undefined ? "" : `, as ${account},`;
  const message = `ServiceAccount ${serviceAccount}${as} has no ${sentenceList(lacking)} on bucket ${aim.bucket}, which ${aim.from} needs`;
  const evidence = [
    { label: "permissions", want: lacking.join(", "), has: granted.length === 0 ? "none of them" : granted.join(", ") },
  ];
  return toldOf("gke.role-missing", severity, message, one, evidence, roleFixes(aim, principal));
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
  const explainedBy: readonly Code[] = ["ANT0402", "ANT0405"];
  return finding(cause, severity, subject, message, { evidence: [...who, ...evidence], fixes, explainedBy });
}
