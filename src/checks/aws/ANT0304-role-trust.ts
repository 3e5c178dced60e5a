import { parseRoleArn, type RoleArn } from "../../domain/aws-arn.ts";
import type { RoleFacts } from "../../domain/aws-facts.ts";
import { GET_ROLE } from "../../domain/aws-grants.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { command, edit, finding, type Finding, type Severity } from "../../domain/finding.ts";
import { initIrsa } from "../../domain/fixes.ts";
import { GET_ISSUER, GET_SERVICE_ACCOUNT, LIST_CLUSTERS, LIST_PODS } from "../../domain/grants.ts";
import { reliesOnRole, tokenAudience, withoutRole } from "../../domain/identity-use.ts";
import { defineCheck } from "../define.ts";
import { issuerEvidence } from "./issuer-evidence.ts";
import { ROLE_ANNOTATION } from "./misplaced-annotation.ts";
import { noRole } from "./no-role.ts";
import { irsaRequest } from "./trust-request.ts";
import { trustFindings, verdictOn } from "./trust-verdict.ts";

export default defineCheck({
  code: "ANT0304",
  slug: "role-trust",
  title: "The role exists and trusts the pods' ServiceAccount",
  area: "aws",
  causes: [
    "irsa.aud-under-sub-key",
    "irsa.condition-multiple-ands",
    "irsa.condition-other-issuer",
    "irsa.explicit-deny",
    "irsa.extra-condition",
    "irsa.federated-host-typo",
    "irsa.federated-not-arn",
    "irsa.federated-wrong-account",
    "irsa.federated-wrong-partition",
    "irsa.issuer-mismatch",
    "irsa.multi-cluster",
    "irsa.principal-stale-id",
    "irsa.role-missing",
    "irsa.stringequals-wildcard",
    "irsa.sub-case",
    "irsa.sub-format",
    "irsa.sub-namespace",
    "irsa.sub-serviceaccount",
    "irsa.sub-under-aud-key",
    "irsa.token-wrong-audience",
    "irsa.trust-action",
    "irsa.trust-json",
    "irsa.trust-service-principal",
  ],
  needs: ["cluster", "serviceAccount", "issuer", "irsaRole"],
  wants: ["pods", "environments", "references", "backups"],
  after: ["ANT0101", "ANT0301", "ANT0302", "ANT0303"],
  required: true,
  requiredIf: reliesOnRole,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, GET_ISSUER, LIST_PODS],
  awsGrants: [GET_ROLE],
  run: (facts) => {
    const { cluster, serviceAccount, issuer, irsaRole, pods } = facts;
    const named = parseRoleArn(serviceAccount?.awsRole ?? "");
    if (cluster === undefined || serviceAccount === undefined || named === undefined || issuer === undefined)
      return noRole(facts);
    const severity = withoutRole(facts);
    if (irsaRole === undefined) return [missing(cluster, serviceAccount, named, severity)];
    if (irsaRole.arn !== named.arn) return [otherArn(cluster, serviceAccount, named, irsaRole, severity)];
    const audience = tokenAudience(serviceAccount, pods);
    const report = verdictOn(irsaRole, irsaRequest(cluster, serviceAccount.name, issuer.url, audience, irsaRole));
    if (!("decision" in report)) return { findings: [], undecided: [report.undecided] };
    const told = trustFindings(irsaRole, report, severity, false);
    const findings = told.map((found) => ({ ...found, evidence: [...found.evidence, issuerEvidence(issuer)] }));
    return { findings, undecided: report.undecided };
  },
});

function missing(
  cluster: ClusterFacts,
  { name }: ServiceAccountFacts,
  { account, name: role, arn }: RoleArn,
  severity: Severity,
): Finding {
  const message = `ServiceAccount ${name} names role ${role}, and account ${account} has none of that name`;
  return finding("irsa.role-missing", severity, { kind: "IAMRole", name: role }, message, {
    evidence: [{ label: ROLE_ANNOTATION, want: "a role that exists", has: arn }],
    fixes: [edit("correct the annotation, or make the role:"), initIrsa(cluster, arn)],
  });
}

/** A role's name is one in any case, and with any path; its ARN is not. */
function otherArn(
  { namespace }: ClusterFacts,
  { name }: ServiceAccountFacts,
  { arn, name: role }: RoleArn,
  found: RoleFacts,
  severity: Severity,
): Finding {
  const message = `ServiceAccount ${name} names ${arn}, and role ${found.name} is ${found.arn}: STS takes the ARN to the letter`;
  return finding("irsa.role-missing", severity, { kind: "IAMRole", name: role }, message, {
    evidence: [{ label: ROLE_ANNOTATION, want: found.arn, has: arn }],
    fixes: [
      command`kubectl annotate serviceaccount ${name} -n ${namespace} --overwrite eks.amazonaws.com/role-arn=${found.arn}`,
      edit("then delete each pod in turn: EKS gives a role to new pods alone"),
    ],
  });
}
