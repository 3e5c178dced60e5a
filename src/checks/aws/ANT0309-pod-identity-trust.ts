import { GET_ROLE } from "../../domain/aws-grants.ts";
import { edit, finding } from "../../domain/finding.ts";
import { initPodIdentity } from "../../domain/fixes.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS, LIST_PODS } from "../../domain/grants.ts";
import { reliesOnPodIdentity, withoutPodIdentity } from "../../domain/identity-use.ts";
import { defineCheck } from "../define.ts";
import { noPodIdentity } from "./no-pod-identity.ts";
import { podIdentityRequest } from "./trust-request.ts";
import { trustFindings, verdictOn } from "./trust-verdict.ts";

export default defineCheck({
  code: "ANT0309",
  slug: "pod-identity-trust",
  title: "The role of the association trusts EKS Pod Identity for these pods",
  area: "aws",
  causes: [
    "epi.role-missing",
    "epi.trust-action",
    "epi.trust-condition-mismatch",
    "epi.trust-no-tagsession",
    "epi.trust-principal",
    "epi.trust-unscoped",
  ],
  needs: ["cluster", "serviceAccount", "podIdentity", "podIdentityRole"],
  wants: ["pods", "environments", "references", "backups"],
  after: ["ANT0101", "ANT0301", "ANT0308"],
  required: true,
  requiredIf: reliesOnPodIdentity,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_PODS],
  awsGrants: [GET_ROLE],
  run: (facts) => {
    const { cluster, serviceAccount, podIdentity, podIdentityRole: role } = facts;
    if (cluster === undefined || podIdentity === undefined) return noPodIdentity(cluster, serviceAccount);
    const { cluster: eks, association } = podIdentity;
    if (association === undefined) return { skip: "the pods' ServiceAccount has no association" };
    const severity = withoutPodIdentity(facts);
    if (role === undefined) {
      const { id, roleArn, namespace, serviceAccount: name } = association;
      const message = `Association ${id} of EKS cluster ${eks.name} gives role ${roleArn}, and there is none`;
      return [
        finding("epi.role-missing", severity, { kind: "ServiceAccount", namespace, name }, message, {
          evidence: [{ label: "role", want: "a role that exists", has: roleArn }],
          fixes: [edit("give the association another role, or make this one:"), initPodIdentity(cluster, eks.name)],
        }),
      ];
    }
    const report = verdictOn(role, podIdentityRequest(eks, association, role));
    if (!("decision" in report)) return { findings: [], undecided: [report.undecided] };
    const findings = [...trustFindings(role, report, severity, false), ...trustFindings(role, report, severity, true)];
    return { findings, undecided: report.undecided };
  },
});
