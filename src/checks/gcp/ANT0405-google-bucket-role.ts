import { edit, finding, gcloudCommand, type Finding, type Severity } from "../../domain/finding.ts";
import { bucketRights, hasSome, type BucketRights } from "../../domain/gcp/bucket-rights.ts";
import { reliesOnGoogle, withoutGoogle } from "../../domain/gcp/google-use.ts";
import { accountsIn, deletedMember, isDeletedOf } from "../../domain/gcp/known-accounts.ts";
import { identityMember, type Identity, type Workload } from "../../domain/gcp/member.ts";
import { leastRole, OBJECT_USER, OBJECT_VIEWER, unreadRoles } from "../../domain/gcp/roles.ts";
import { effectiveIdentity, workloadOf } from "../../domain/gcp/workload-identity.ts";
import type { GoogleAim, GoogleBucketFacts, GoogleIdentityFacts, GoogleRoles } from "../../domain/google-facts.ts";
import { GET_CLUSTER_PROJECT, GET_GKE_CLUSTER, READ_BUCKET_POLICIES } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { valueOf, type Known, type Unknown } from "../../domain/known.ts";
import { printable, sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { giveInBucket, MINUTES, takeInBucket } from "./google-fixes.ts";
import { NOT_GKE, noAccount, notMeant } from "./not-google.ts";
import { ownKeySetters, OWN_KEY } from "./own-key.ts";

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

interface Question {
  readonly aim: GoogleAim;
  readonly who: Identity;
  readonly workload: Workload;
  readonly buckets: readonly GoogleBucketFacts[];
  readonly roles: GoogleRoles | undefined;
  readonly now: Date;
  readonly severity: Severity;
  /** Google said with the pods' own token that they have the rights: then no policy leaves a doubt. */
  readonly proven: boolean;
}

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

function refOf({ bucket }: GoogleAim): Finding["subject"] {
  return { kind: "Bucket", name: bucket };
}

/** The least predefined role that gives what is needed. */
function roleFor({ writes }: GoogleAim): string {
  return writes ? OBJECT_USER : OBJECT_VIEWER;
}

function called(who: Identity): string {
  return who.kind === "account" ? who.email : `ServiceAccount ${who.name} of namespace ${who.namespace}`;
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

/** Its project's policy may give the role too: without having read that, it is only likely that nobody does. */
function whyMissing(question: Question, bucket: GoogleBucketFacts, rights: BucketRights): Finding {
  const { aim, who } = question;
  const severity = maybeBy(bucket, rights) === "" ? question.severity : "warning";
  const policy = valueOf(bucket.policy);
  const give = giveInBucket(aim.bucket, roleFor(aim), identityMember(who), policy);
  const left = who.kind === "account" ? deletedMember(who.email, policy?.bindings ?? []) : undefined;
  if (who.kind === "account" && left !== undefined) {
    const gone = left.members.find((member) => isDeletedOf(member, who.email)) ?? "";
    const message = `${who.email} was deleted and made again: bucket ${aim.bucket} still names the first one, and this one has no role there`;
    return finding("gke.gsa-recreated", severity, refOf(aim), message, {
      evidence: [{ label: left.role, want: identityMember(who), has: gone }],
      fixes: [give, takeInBucket(aim.bucket, left.role, gone, policy), MINUTES],
    });
  }
  const other = wrongPrincipal(question, bucket);
  if (other !== undefined) return other;
  const [over] = rights.kept;
  const why =
    over === undefined
      ? ""
      : `: ${over.role} has a condition that does not hold there, ${printable(over.condition ?? "")}`;
  const hint = maybeBy(bucket, rights);
  const message = `${called(who)} may not do in bucket ${aim.bucket} what ${aim.from} needs (${sentenceList(rights.missing)})${why}${hint}`;
  return finding("gke.role-missing", severity, refOf(aim), message, {
    evidence: [
      {
        label: "roles that count",
        want: roleFor(aim),
        has: sentenceList([...new Set(rights.by.map(({ role }) => role))]) || "none",
      },
      ...(over === undefined ? [] : [{ label: over.role, want: "no condition", has: printable(over.condition ?? "") }]),
    ],
    // Where a condition narrows a role on purpose, no more is added than is missing.
    fixes: [
      over === undefined ? give : giveInBucket(aim.bucket, leastRole(rights.missing), identityMember(who), policy),
      MINUTES,
    ],
  });
}

/** What was not read may give it all the same; without uniform access, objects are their maker's own, who may read them. */
function maybeBy(bucket: GoogleBucketFacts, { missing }: BucketRights): string {
  if (bucket.projectPolicy.state === "unknown") return "; unless a role on its project gives it";
  const acls = bucket.uniformAccess.state === "known" && !bucket.uniformAccess.value;
  return acls && missing.every((permission) => permission === "storage.objects.get")
    ? "; unless the ACLs of the objects give it"
    : "";
}

/** The role is there, and is given to whom Google does not see. */
function wrongPrincipal(
  { aim, who, workload, roles, now, severity }: Question,
  bucket: GoogleBucketFacts,
): Finding | undefined {
  const policy = valueOf(bucket.policy);
  const others: Identity[] =
    who.kind === "account"
      ? [{ kind: "workload", ...workload }]
      : accountsIn([{ ...bucket, projectPolicy: bucket.policy }]).map((email) => ({ kind: "account", email }));
  const holder = others
    .map((other) => ({ other, rights: bucketRights(other, aim, bucket, roles, now) }))
    .find(({ rights }) => rights !== undefined && rights.by.length > 0 && hasSome(rights));
  const by = holder?.rights?.by[0];
  if (holder === undefined || by === undefined) return undefined;
  const sees =
    who.kind === "account"
      ? `the annotation of ServiceAccount ${workload.name} makes it act as ${who.email}`
      : `ServiceAccount ${workload.name} has no annotation that makes it act as that`;
  const message = `The role on bucket ${aim.bucket} is given to ${called(holder.other)}, and ${sees}: Google asks for the role of ${called(who)}`;
  return finding("gke.role-on-wrong-principal", severity === "error" ? "critical" : severity, refOf(aim), message, {
    evidence: [{ label: by.role, want: identityMember(who), has: by.member }],
    fixes:
      who.kind === "account"
        ? [
            giveInBucket(aim.bucket, roleFor(aim), identityMember(who), policy),
            takeInBucket(aim.bucket, by.role, by.member, policy),
            MINUTES,
          ]
        : [giveInBucket(aim.bucket, roleFor(aim), identityMember(who), policy), MINUTES],
    explainedBy: ["ANT0402"],
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
