import { edit, finding, gcloudCommand, type Finding, type Severity } from "../../domain/finding.ts";
import { bucketRights, type BucketRights } from "../../domain/gcp/bucket-rights.ts";
import { reliesOnGoogle, withoutGoogle } from "../../domain/gcp/google-use.ts";
import { identityMember } from "../../domain/gcp/member.ts";
import { unreadRoles } from "../../domain/gcp/roles.ts";
import { effectiveIdentity, workloadOf } from "../../domain/gcp/workload-identity.ts";
import type { GoogleAim, GoogleBucketFacts, GoogleIdentityFacts } from "../../domain/google-facts.ts";
import { GET_CLUSTER_PROJECT, GET_GKE_CLUSTER, READ_BUCKET_POLICIES } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { valueOf, type Known, type Unknown } from "../../domain/known.ts";
import { defineCheck } from "../define.ts";
import { called, refOf, roleFor, type Question } from "./bucket-question.ts";
import { giveInBucket } from "./google-fixes.ts";
import { NOT_GKE, noAccount, notMeant } from "./not-google.ts";
import { ownKeySetters, OWN_KEY } from "./own-key.ts";
import { whyMissing } from "./why-no-bucket-role.ts";

export default defineCheck({
  code: "ANT0405",
  slug: "google-bucket-role",
  title: "The pods' identity may do in the bucket what the database does there",
  area: "gcp",
  causes: [
    "gke.gsa-recreated",
    "gke.requester-pays",
    "gke.role-missing",
    "gke.role-on-wrong-principal",
    "s3.nosuchbucket",
    "s3.policy-too-broad",
  ],
  needs: ["cluster", "serviceAccount", "gkeCluster", "googleAims", "googleBuckets"],
  wants: ["environments", "pods", "googleRoles", "operator", "googleIdentity"],
  after: ["ANT0101", "ANT0402", "ANT0403", "ANT0404"],
  required: true,
  requiredIf: (facts, { policy }) => reliesOnGoogle(facts, policy),
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_BACKUPS],
  googleGrants: [GET_GKE_CLUSTER, GET_CLUSTER_PROJECT, ...READ_BUCKET_POLICIES],
  run: (facts, { policy, now }) => {
    const { cluster, serviceAccount, gkeCluster: gke, googleAims = [], googleBuckets = [], googleRoles: roles } = facts;
    if (cluster === undefined) return [];
    const not = notMeant(facts);
    if (not !== undefined) return not;
    if (serviceAccount === undefined) return { waits: "the pods' ServiceAccount does not exist" };
    const aims = googleAims.filter(({ source }) => source === "default");
    if (aims.length === 0)
      return {
        skip: "nothing names a bucket that is reached by Google's own API as the pods; --bucket gs://BUCKET/PREFIX does",
        unless: "googleAims",
      };
    if (gke === undefined) return NOT_GKE;
    const unnamed = serviceAccount.gcpAccount === undefined ? undefined : noAccount(serviceAccount);
    if (unnamed !== undefined) return unnamed;
    const [key] = ownKeySetters(cluster, facts.environments ?? [], facts.pods ?? []);
    if (key !== undefined && serviceAccount.gcpAccount === undefined)
      return { skip: `the pods bring a key of their own (${OWN_KEY}, ${key})` };
    const workload = workloadOf(gke, cluster.namespace, serviceAccount);
    const who = effectiveIdentity(workload, serviceAccount.gcpAccount);
    const severity: Severity = withoutGoogle(facts, policy) === "critical" ? "error" : "warning";
    const question = { who, workload, buckets: googleBuckets, roles, now, severity };
    const judged = aims.map((aim) => judge({ ...question, aim, proven: hasProven(facts.googleIdentity, aim) }));
    return {
      findings: judged.flatMap(({ findings }) => findings),
      undecided: judged.flatMap(({ undecided }) => undecided),
    };
  },
});

interface Judged {
  readonly findings: readonly Finding[];
  readonly undecided: readonly (string | Unknown)[];
}

function judge(question: Question): Judged {
  const { aim, who, buckets, roles, now, proven } = question;
  const bucket = buckets.find((one) => one.bucket === aim.bucket);
  if (bucket === undefined) return { findings: [noBucket(question)], undecided: [] };
  const pays = bucket.requesterPays.state === "known" && bucket.requesterPays.value ? [requesterPays(aim)] : [];
  const rights = bucketRights(who, aim, bucket, roles, now);
  if (rights === undefined) return { findings: pays, undecided: proven ? [] : unread(bucket.policy) };
  const lacking = rights.missing.length === 0 ? [] : [whyMissing(question, bucket, rights)];
  const broad = lacking.length === 0 ? tooBroad(question, bucket, rights) : [];
  return {
    findings: [...lacking, ...pays, ...broad],
    undecided: [
      ...(proven ? [] : rights.doubts),
      ...(rights.doubts.length > 0 && !proven ? unreadRoles(roles) : []),
      ...(lacking.length > 0 ? unread(bucket.projectPolicy) : []),
      ...unread(bucket.requesterPays),
    ],
  };
}

function hasProven(identity: GoogleIdentityFacts | undefined, { bucket, prefix }: GoogleAim): boolean {
  const access = identity?.buckets.find(({ aim }) => aim.bucket === bucket && aim.prefix === prefix);
  return access?.outcome.state === "ok" && access.asked.every((one) => access.granted.includes(one));
}

function unread(fact: Known<unknown>): Unknown[] {
  return fact.state === "unknown" ? [fact] : [];
}

function noBucket({ aim, workload, severity }: Question): Finding {
  const inProject = workload.cluster === undefined ? [] : ["--project", workload.cluster.project];
  const message = `Bucket ${aim.bucket}, which ${aim.from} is for, does not exist`;
  return finding("s3.nosuchbucket", severity, refOf(aim), message, {
    evidence: [{ label: "named by", has: aim.from }],
    fixes: [
      gcloudCommand`gcloud storage buckets create ${`gs://${aim.bucket}`} ${inProject} --uniform-bucket-level-access`,
    ],
  });
}

function requesterPays(aim: GoogleAim): Finding {
  const message = `Whoever asks bucket ${aim.bucket} has to name a project that pays for it, and the database names none`;
  return finding("gke.requester-pays", "error", refOf(aim), message, {
    evidence: [{ label: "requester pays", want: "off", has: "on" }],
    fixes: [gcloudCommand`gcloud storage buckets update ${`gs://${aim.bucket}`} --no-requester-pays`],
  });
}

/** What a role on the project gives, it gives in every bucket there. */
function tooBroad({ aim, who, roles, now }: Question, bucket: GoogleBucketFacts, { by }: BucketRights): Finding[] {
  const ofProject = by.find(({ of }) => of === "the bucket's project");
  if (ofProject === undefined) return [];
  const nothing: Known<never> = { state: "absent", origin: bucket.projectPolicy.origin };
  const own = bucketRights(who, aim, { ...bucket, projectPolicy: nothing }, roles, now);
  const lacks = own === undefined || own.missing.length > 0;
  const message = `${called(who)} has ${ofProject.role} on the whole project of bucket ${aim.bucket}: it may do the same in every other bucket there`;
  return [
    finding("s3.policy-too-broad", "warning", refOf(aim), message, {
      evidence: [
        {
          label: ofProject.role,
          want: `on bucket ${aim.bucket} alone`,
          has: `on its project, for ${ofProject.member}`,
        },
      ],
      fixes: [
        ...(lacks ? [giveInBucket(aim.bucket, roleFor(aim), identityMember(who), valueOf(bucket.policy))] : []),
        edit("if nothing else needs it there:"),
        gcloudCommand`gcloud projects remove-iam-policy-binding ${bucket.project ?? ""} --role ${ofProject.role} --member ${ofProject.member} ${ofProject.condition === undefined ? [] : ["--all"]}`,
      ],
    }),
  ];
}
