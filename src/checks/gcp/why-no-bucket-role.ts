import { finding, type Finding } from "../../domain/finding.ts";
import { bucketRights, hasSome, type BucketRights } from "../../domain/gcp/bucket-rights.ts";
import { accountsIn, deletedMember, isDeletedOf } from "../../domain/gcp/known-accounts.ts";
import { identityMember, type Identity } from "../../domain/gcp/member.ts";
import { leastRole } from "../../domain/gcp/roles.ts";
import type { GoogleBucketFacts } from "../../domain/google-facts.ts";
import { valueOf } from "../../domain/known.ts";
import { printable, sentenceList } from "../../domain/text.ts";
import { called, refOf, roleFor, type Question } from "./bucket-question.ts";
import { giveInBucket, MINUTES, takeInBucket } from "./google-fixes.ts";

/** Its project's policy may give the role too: without having read that, it is only likely that nobody does. */
export function whyMissing(question: Question, bucket: GoogleBucketFacts, rights: BucketRights): Finding {
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
