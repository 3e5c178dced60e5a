import type { ClusterFacts } from "../../domain/facts.ts";
import { edit, finding, type Evidence, type Finding, type Severity } from "../../domain/finding.ts";
import type { IamBinding } from "../../domain/gcp/iam-policy.ts";
import { deletedMember } from "../../domain/gcp/known-accounts.ts";
import { covers, memberOf, parseMember, type Workload } from "../../domain/gcp/member.ts";
import { nearMembers, type NearMember } from "../../domain/gcp/near-member.ts";
import { roleHolds, ACT_AS, WORKLOAD_USER } from "../../domain/gcp/roles.ts";
import type { GkeClusterFacts, GoogleAccountFacts, GoogleBucketFacts } from "../../domain/google-facts.ts";
import { valueOf } from "../../domain/known.ts";
import { sentenceList, shortList } from "../../domain/text.ts";
import { bind, MINUTES, unbind } from "./google-fixes.ts";

export interface BindingQuestion {
  readonly cluster: ClusterFacts;
  readonly workload: Workload;
  readonly account: GoogleAccountFacts;
  readonly gke: GkeClusterFacts;
  readonly buckets: readonly GoogleBucketFacts[];
  readonly severity: Severity;
}

/** A member of a binding of the account's own policy. */
interface Held {
  readonly role: string;
  readonly member: string;
}

/** Why no binding lets the ServiceAccount act as the account: what comes closest. */
export function whyNoBinding(question: BindingQuestion): Finding {
  const { account, workload } = question;
  const bindings = valueOf(account.policy)?.bindings ?? [];
  const held = bindings.flatMap(({ role, members }) => members.map((member): Held => ({ role, member })));
  const near = nearMembers(
    held.map(({ member }) => member),
    workload,
  );
  const typo = near.find(({ otherPool }) => otherPool === undefined);
  if (typo !== undefined) return misspelt(question, typo, held);
  const role = wrongRole(question, held);
  if (role !== undefined) return role;
  const foreign = near.find(({ otherPool }) => otherPool !== undefined);
  if (foreign !== undefined) return crossProject(question, foreign, held);
  return recreated(question, bindings) ?? missing(question, held);
}

function told(
  { account, workload }: BindingQuestion,
  cause: string,
  severity: Severity,
  message: string,
  { evidence, more = [] }: { evidence: readonly Evidence[]; more?: Finding["fixes"] },
): Finding {
  const { email, project } = account;
  const right = bind({ email, project, policy: valueOf(account.policy) }, memberOf(workload));
  return finding(cause, severity, { kind: "GoogleServiceAccount", name: email }, message, {
    evidence,
    fixes: [right, ...more, MINUTES],
    explainedBy: ["ANT0402"],
  });
}

function who({ workload, cluster }: BindingQuestion): string {
  return `ServiceAccount ${workload.name} of namespace ${cluster.namespace}`;
}

/** The role that a member has, the one that counts before others. */
function roleOf(member: string, held: readonly Held[]): string {
  const roles = held.filter((one) => one.member === member).map(({ role }) => role);
  return roles.find((role) => role === WORKLOAD_USER) ?? roles[0] ?? WORKLOAD_USER;
}

function misspelt(question: BindingQuestion, { member, differences }: NearMember, held: readonly Held[]): Finding {
  const { account, workload, severity } = question;
  const { email, project, policy } = account;
  const role = roleOf(member, held);
  const message = `${email} does not let ${who(question)} act as it: the member ${member} ${sentenceList(differences.map(({ says }) => says))}`;
  return told(question, "gke.binding-member-typo", severity, message, {
    evidence: [
      { label: "member", want: memberOf(workload), has: member },
      ...differences.map(({ part, want, has }) => ({ label: part, want, has })),
    ],
    more: [unbind({ email, project, policy: valueOf(policy) }, role, member)],
  });
}

/** The right member with a role that lets nobody act as the account, or the account itself in the member's place. */
function wrongRole(question: BindingQuestion, held: readonly Held[]): Finding | undefined {
  const { account, workload, severity } = question;
  const { email, project, policy } = account;
  const asked = { kind: "workload", ...workload } as const;
  const given = held.filter(({ role, member }) => covers(parseMember(member), asked) === "yes" && mayNot(role));
  const own = held.find(({ role, member }) => role === WORKLOAD_USER && member === `serviceAccount:${email}`);
  const [first] = given;
  if (first === undefined && own === undefined) return undefined;
  const message =
    first === undefined
      ? `${email} does not let ${who(question)} act as it: ${WORKLOAD_USER} is given to the account itself, in place of the ServiceAccount`
      : `${email} does not let ${who(question)} act as it: it has ${sentenceList(given.map(({ role }) => role))} there, which does not give ${ACT_AS}`;
  const wrong = first ?? own;
  return told(question, "gke.binding-wrong-role", severity, message, {
    evidence: [
      {
        label: `policy of ${email}`,
        want: `${WORKLOAD_USER} for ${memberOf(workload)}`,
        has: `${wrong?.role} for ${wrong?.member}`,
      },
    ],
    more: wrong === undefined ? [] : [unbind({ email, project, policy: valueOf(policy) }, wrong.role, wrong.member)],
  });
}

function mayNot(role: string): boolean {
  return roleHolds(role, ACT_AS, undefined) === "no";
}

/** The pool is that of the cluster's project, whichever the account is in. */
function crossProject(
  question: BindingQuestion,
  { member, otherPool = "" }: NearMember,
  held: readonly Held[],
): Finding {
  const { account, workload, gke, severity } = question;
  const { email, project, policy } = account;
  const message = `${email} does not let ${who(question)} act as it: the member is of pool ${otherPool}, and GKE cluster ${gke.name} is in project ${gke.project}, whose pool is ${workload.pool}`;
  const other = otherPool.replace(/\.svc\.id\.goog$/, "");
  return told(question, "gke.cross-project", severity, message, {
    evidence: [{ label: "member", want: memberOf(workload), has: member }],
    more: [
      edit(`if no cluster of project ${other} needs the other one:`),
      unbind({ email, project, policy: valueOf(policy) }, roleOf(member, held), member),
    ],
  });
}

/** With an account its policy goes, too, and its roles elsewhere stay those of the one that was deleted. */
function recreated(question: BindingQuestion, own: readonly IamBinding[]): Finding | undefined {
  const { account, buckets, severity, workload } = question;
  const { email } = account;
  const elsewhere = [account.projectPolicy, ...buckets.flatMap((one) => [one.policy, one.projectPolicy])];
  const bindings = [...own, ...elsewhere.flatMap((policy) => valueOf(policy)?.bindings ?? [])];
  const left = deletedMember(email, bindings);
  if (left === undefined) return undefined;
  const message = `${email} was deleted and made again: who might act as the first one may not act as this one, and ${who(question)} is not bound to it`;
  return told(question, "gke.gsa-recreated", severity, message, {
    evidence: [
      { label: "unique id", has: account.uniqueId },
      { label: left.role, want: memberOf(workload), has: left.members.find((one) => one.startsWith("deleted:")) ?? "" },
    ],
  });
}

function missing(question: BindingQuestion, held: readonly Held[]): Finding {
  const { account, workload, severity } = question;
  const others = held.filter(({ role }) => role === WORKLOAD_USER).map(({ member }) => member);
  const message = `${account.email} does not let ${who(question)} act as it: no binding names it${account.projectPolicy.state === "unknown" ? ", unless one of its project does" : ""}`;
  return told(question, "gke.binding-missing", severity, message, {
    evidence: [
      { label: WORKLOAD_USER, want: memberOf(workload), has: others.length === 0 ? "nobody" : shortList(others) },
    ],
  });
}
