import { parseRoleArn } from "../../domain/aws-arn.ts";
import { GET_ROLE } from "../../domain/aws-grants.ts";
import { GET_ISSUER, GET_SERVICE_ACCOUNT, LIST_CLUSTERS, LIST_PODS } from "../../domain/grants.ts";
import { tokenAudience } from "../../domain/identity-use.ts";
import { defineCheck } from "../define.ts";
import { noRole } from "./no-role.ts";
import { irsaRequest } from "./trust-request.ts";
import { TOO_WIDE } from "../../domain/iam/trust/trust-causes.ts";
import { trustFindings, verdictOn } from "./trust-verdict.ts";

export default defineCheck({
  code: "ANT0305",
  slug: "trust-breadth",
  title: "The role trusts nobody besides those it is meant for",
  area: "aws",
  causes: TOO_WIDE,
  needs: ["cluster", "serviceAccount", "issuer", "irsaRole"],
  wants: ["pods", "environments", "references", "backups"],
  after: ["ANT0101", "ANT0301", "ANT0302"],
  required: false,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, GET_ISSUER, LIST_PODS],
  awsGrants: [GET_ROLE],
  run: (facts) => {
    const { cluster, serviceAccount, issuer, irsaRole, pods } = facts;
    const named = parseRoleArn(serviceAccount?.awsRole ?? "");
    if (cluster === undefined || serviceAccount === undefined || named === undefined || issuer === undefined)
      return noRole(facts);
    if (irsaRole === undefined) return { skip: `there is no role ${named.name}` };
    const audience = tokenAudience(serviceAccount, pods);
    const report = verdictOn(irsaRole, irsaRequest(cluster, serviceAccount.name, issuer.url, audience, irsaRole));
    if (!("decision" in report)) return { findings: [], undecided: [report.undecided] };
    return trustFindings(irsaRole, report, "critical", true);
  },
});
