import type { WebIdentityFacts } from "../../domain/aws-facts.ts";
import type { Refused } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { edit, finding, safeCommand, type Evidence, type Finding, type Fix, awsCommand } from "../../domain/finding.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS, MINT_TOKEN } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";
import { firstCandidate } from "./candidate.ts";

const CAUSES = [
  "irsa.assume-denied",
  "irsa.oidc-provider-missing",
  "irsa.provider-aud-missing",
  "irsa.selfhosted-issuer-default",
  "irsa.sts-regional",
  "irsa.thumbprint",
  "irsa.token-expired",
] as const;

export default defineCheck({
  code: "ANT0601",
  slug: "web-identity",
  title: "STS gives the pods' ServiceAccount its role",
  area: "proof",
  causes: CAUSES,
  needs: ["cluster", "serviceAccount", "webIdentity"],
  wants: ["podIdentity"],
  after: ["ANT0101", "ANT0301", "ANT0302", "ANT0303", "ANT0304"],
  notIn: { files: "files hold no token to take to STS", overlay: "files hold no token to take to STS" },
  required: true,
  effect: "mint-token",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, MINT_TOKEN],
  run: ({ cluster, serviceAccount, webIdentity, podIdentity }) => {
    if (cluster === undefined) return [];
    const account = serviceAccount?.name ?? cluster.serviceAccount ?? "default";
    if (webIdentity === undefined) {
      if (podIdentity?.association !== undefined)
        return {
          skip: `EKS Pod Identity gives ServiceAccount ${account} its role by a token that is bound to a pod: it cannot be had from here`,
        };
      return { skip: `ServiceAccount ${account} has no role to take on` };
    }
    const { assumed } = webIdentity;
    if (assumed.state === "ok") return [];
    if (assumed.state === "refused") return [refusal(cluster, webIdentity, assumed)];
    return { findings: [], undecided: [`STS was not asked, or did not answer: ${assumed.why}`] };
  },
});

function refusal(cluster: ClusterFacts, facts: WebIdentityFacts, said: Refused): Finding {
  const { serviceAccount, roleArn, token, audience } = facts;
  const subject = { kind: "ServiceAccount", namespace: cluster.namespace, name: serviceAccount };
  const known = firstCandidate(`${said.code} (AssumeRoleWithWebIdentity): ${said.message}`, CAUSES);
  const cause = known?.cause ?? "irsa.assume-denied";
  const evidence: Evidence[] = [
    { label: "role", has: roleArn, path: "/metadata/annotations/eks.amazonaws.com~1role-arn" },
    { label: "subject", has: token.subject },
    { label: "issuer", has: token.issuer },
    { label: "audience", has: token.audiences.join(", ") },
    { label: "STS said", has: `${said.code}: ${said.message}` },
  ];
  const because = known?.because ?? "the role is not there, or its trust policy does not fit this ServiceAccount";
  const message = `STS does not give ServiceAccount ${serviceAccount} the role ${roleArn}: ${because}`;
  return finding(cause, "critical", subject, message, {
    evidence,
    fixes: fixesFor(cause, { cluster, facts, audience }),
    explainedBy: ["ANT0301", "ANT0302", "ANT0303", "ANT0304"],
  });
}

function fixesFor(
  cause: string,
  { cluster, facts, audience }: { cluster: ClusterFacts; facts: WebIdentityFacts; audience: string },
): Fix[] {
  const { roleArn, token } = facts;
  const [, partition = "aws", , , account = ""] = roleArn.split(":");
  const host = token.issuer.replace(/^https:\/\//, "");
  switch (cause) {
    case "irsa.oidc-provider-missing":
      return [
        edit(`in account ${account}, which is the role's:`),
        awsCommand`aws iam create-open-id-connect-provider --url ${token.issuer} --client-id-list ${audience}`,
      ];
    case "irsa.provider-aud-missing":
      return [
        awsCommand`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${`arn:${partition}:iam::${account}:oidc-provider/${host}`} --client-id ${audience}`,
      ];
    case "irsa.selfhosted-issuer-default":
      return [edit(`serve ${token.issuer}/.well-known/openid-configuration and the keys where STS can reach them`)];
    default:
      return [safeCommand`antfly-creds trust-policy ${cluster.name} -n ${cluster.namespace} --check ${roleArn}`];
  }
}
