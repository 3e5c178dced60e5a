import { defineCheck, type NeededFacts } from "../define.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS, LIST_PODS, MINT_TOKEN } from "../../domain/grants.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { irsaRequest } from "../aws/trust-request.ts";
import { verdictOn } from "../aws/trust-verdict.ts";
import { CAUSES_OF_STS, isRefusalBySts, refusalBySts, type TrustVerdict } from "./sts-refusal.ts";

const WANTS = ["irsaRole", "podIdentity", "environments", "references", "backups", "pods"] as const;

export default defineCheck({
  code: "ANT0601",
  slug: "web-identity",
  title: "STS gives the pods' ServiceAccount its role",
  area: "proof",
  causes: [...CAUSES_OF_STS, "proof.disagreement"],
  needs: ["cluster", "serviceAccount", "webIdentity"],
  wants: WANTS,
  after: ["ANT0101", "ANT0301", "ANT0302", "ANT0303", "ANT0304"],
  notIn: { files: "files hold no token to take to STS", overlay: "files hold no token to take to STS" },
  required: true,
  effect: "mint-token",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, MINT_TOKEN, LIST_PODS, LIST_BACKUPS],
  run: (facts) => {
    const { cluster, serviceAccount, webIdentity, podIdentity } = facts;
    if (cluster === undefined) return [];
    const account = serviceAccount?.name ?? cluster.serviceAccount ?? "default";
    if (webIdentity === undefined) {
      if (serviceAccount?.gcpAccount !== undefined)
        return { skip: `ServiceAccount ${account} has its identity from Google, not from AWS: ANT0610 asks for it` };
      const bound = `EKS Pod Identity gives ServiceAccount ${account} its role by a token that is bound to a pod: it cannot be had from here`;
      return {
        skip: podIdentity?.association === undefined ? `ServiceAccount ${account} has no role to take on` : bound,
      };
    }
    const { assumed } = webIdentity;
    const verdict = verdictIn(facts);
    if (assumed.state === "ok") return verdict === "deny" ? disagreement(facts) : { holds: true };
    if (assumed.state !== "refused")
      return { findings: [], undecided: [`STS was not asked, or did not answer: ${assumed.why}`] };
    if (isRefusalBySts(assumed)) return [refusalBySts(facts, cluster, webIdentity, assumed, verdict)];
    return { findings: [], undecided: [`STS answered ${assumed.code}: ${assumed.message}`] };
  },
});

type Facts = NeededFacts<"cluster" | "serviceAccount" | "webIdentity" | (typeof WANTS)[number]>;

/** What the trust policy as IAM has it says of the very token that was taken to STS. */
function verdictIn({ cluster, irsaRole, webIdentity }: Facts): TrustVerdict {
  if (cluster === undefined || irsaRole === undefined || webIdentity === undefined) return undefined;
  const { token, serviceAccount, audience, roleArn } = webIdentity;
  if (irsaRole.arn !== roleArn) return undefined;
  const request = irsaRequest(cluster, serviceAccount, token.issuer, token.audiences[0] ?? audience, irsaRole);
  const report = verdictOn(irsaRole, request);
  return "decision" in report ? report.decision : undefined;
}

function disagreement({ irsaRole, webIdentity }: Facts): Finding[] {
  if (irsaRole === undefined || webIdentity === undefined) return [];
  const { serviceAccount, assumedArn = "" } = webIdentity;
  const message = `STS gives ServiceAccount ${serviceAccount} role ${irsaRole.name}, and by the trust policy as IAM has it, it should not: one of the two is not up to date, or the policy is read wrongly here`;
  return [
    finding("proof.disagreement", "warning", { kind: "IAMRole", name: irsaRole.name }, message, {
      evidence: [
        { label: "trust policy", has: "denies it" },
        { label: "STS said", has: assumedArn },
      ],
    }),
  ];
}
