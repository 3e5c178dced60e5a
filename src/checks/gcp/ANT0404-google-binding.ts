import { finding, type Finding, type Severity } from "../../domain/finding.ts";
import { actsAs } from "../../domain/gcp/acts-as.ts";
import type { Grounds } from "../../domain/gcp/grants-of.ts";
import { reliesOnGoogle, withoutGoogle } from "../../domain/gcp/google-use.ts";
import { memberOf } from "../../domain/gcp/member.ts";
import { WORKLOAD_USER } from "../../domain/gcp/roles.ts";
import { workloadOf } from "../../domain/gcp/workload-identity.ts";
import { READ_GOOGLE_ACCOUNT, GET_CLUSTER_PROJECT, GET_GKE_CLUSTER } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS } from "../../domain/grants.ts";
import { valueOf, type Unknown } from "../../domain/known.ts";
import { printable } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { bind, MINUTES, unbind } from "./google-fixes.ts";
import { NOT_GKE, noAccount, notMeant } from "./not-google.ts";
import { whyNoBinding, type BindingQuestion } from "./why-no-binding.ts";

export default defineCheck({
  code: "ANT0404",
  slug: "google-binding",
  title: "The Google service account lets the pods' ServiceAccount act as it",
  area: "gcp",
  causes: [
    "gke.binding-condition",
    "gke.binding-member-typo",
    "gke.binding-missing",
    "gke.binding-wrong-role",
    "gke.cross-project",
    "gke.gsa-recreated",
  ],
  needs: ["cluster", "serviceAccount", "gkeCluster", "googleAccount"],
  wants: ["googleAims", "googleBuckets", "googleRoles", "operator"],
  after: ["ANT0101", "ANT0401", "ANT0402", "ANT0403"],
  required: true,
  requiredIf: (facts, { policy }) => facts.serviceAccount?.gcpAccount !== undefined && reliesOnGoogle(facts, policy),
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT],
  googleGrants: [GET_GKE_CLUSTER, GET_CLUSTER_PROJECT, ...READ_GOOGLE_ACCOUNT],
  run: (facts, { policy: asked, now }) => {
    const { cluster, serviceAccount, gkeCluster: gke, googleAccount: account, googleRoles, googleBuckets = [] } = facts;
    if (cluster === undefined) return [];
    const not = notMeant(facts) ?? noAccount(serviceAccount);
    if (not !== undefined || serviceAccount === undefined) return not ?? [];
    if (gke === undefined) return NOT_GKE;
    if (account === undefined) return { waits: `Google service account ${serviceAccount.gcpAccount} does not exist` };
    if (gke.workloadPool === undefined) return { waits: `GKE cluster ${gke.name} has no workload pool` };
    const workload = workloadOf(gke, cluster.namespace, serviceAccount);
    const answer = actsAs(workload, account, googleRoles, now);
    if (answer === undefined) return { findings: [], undecided: unreadOf(account.policy) };
    const severity = withoutGoogle(facts, asked);
    const question: BindingQuestion = { cluster, workload, account, gke, buckets: googleBuckets, severity };
    if (answer.verdict === "yes")
      return answer.by === undefined || answer.by.role === WORKLOAD_USER ? [] : [broader(question, answer.by)];
    if (answer.verdict === "maybe") {
      const conditional = answer.doubts.filter(({ grounds }) => grounds.condition !== undefined);
      return {
        findings: conditional.map(({ grounds }) => conditioned(question, grounds, "warning")),
        undecided: answer.doubts.filter((one) => !conditional.includes(one)).map(({ why }) => why),
      };
    }
    const [over] = answer.kept;
    const found = over === undefined ? whyNoBinding(question) : conditioned(question, over, severity);
    return { findings: [found], undecided: unreadOf(account.projectPolicy) };
  },
});

function unreadOf(policy: { readonly state: string }): Unknown[] {
  return policy.state === "unknown" ? [policy as Unknown] : [];
}

/** It works, and gives more than the pods need. */
function broader({ workload, account, severity: _, ...rest }: BindingQuestion, by: Grounds): Finding {
  const { email, project } = account;
  const { cluster } = rest;
  const policy = valueOf(account.policy);
  const message = `ServiceAccount ${workload.name} of namespace ${cluster.namespace} may act as ${email} by ${by.role} on ${by.of}, which lets it do more than that`;
  const onAccount = by.of.startsWith("service account");
  return finding("gke.binding-wrong-role", "warning", { kind: "GoogleServiceAccount", name: email }, message, {
    evidence: [{ label: by.of, want: WORKLOAD_USER, has: `${by.role} for ${by.member}` }],
    fixes: [
      bind({ email, project, policy }, memberOf(workload)),
      ...(onAccount ? [unbind({ email, project, policy }, by.role, by.member)] : []),
    ],
  });
}

function conditioned(
  { workload, account, cluster }: BindingQuestion,
  { member, role, of, condition = "" }: Grounds,
  severity: Severity,
): Finding {
  const { email, project } = account;
  const policy = valueOf(account.policy);
  const what =
    severity === "warning"
      ? "has a condition that cannot be judged here"
      : "has a condition that does not hold, or no longer";
  const message = `The binding that lets ServiceAccount ${workload.name} of namespace ${cluster.namespace} act as ${email} ${what}: ${printable(condition)}`;
  return finding("gke.binding-condition", severity, { kind: "GoogleServiceAccount", name: email }, message, {
    evidence: [{ label: `${role} on ${of}`, want: "no condition", has: `${member} if ${printable(condition)}` }],
    fixes: [bind({ email, project, policy }, memberOf(workload)), MINUTES],
  });
}
