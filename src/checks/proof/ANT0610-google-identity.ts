import { actsAs } from "../../domain/gcp/acts-as.ts";
import { reliesOnGoogle, withoutGoogle } from "../../domain/gcp/google-use.ts";
import { workloadOf } from "../../domain/gcp/workload-identity.ts";
import { GET_GKE_CLUSTER } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES, MINT_TOKEN } from "../../domain/grants.ts";
import { defineCheck, type NeededFacts } from "../define.ts";
import { notMeant } from "../gcp/not-google.ts";
import {
  CAUSES_OF_GOOGLE,
  disagreement,
  refusalByGoogle,
  refusalBySts,
  type GoogleProof,
  type PolicyVerdict,
} from "./google-refusal.ts";

const WANTS = ["gkeCluster", "googleAims", "googleAccount", "googleRoles", "operator"] as const;

export default defineCheck({
  code: "ANT0610",
  slug: "google-identity",
  title: "Google gives the pods' ServiceAccount its identity",
  area: "proof",
  causes: [...CAUSES_OF_GOOGLE, "proof.disagreement"],
  needs: ["cluster", "serviceAccount", "googleIdentity"],
  wants: WANTS,
  after: ["ANT0101", "ANT0401", "ANT0402", "ANT0403", "ANT0404"],
  notIn: { files: "files hold no token to take to Google", overlay: "files hold no token to take to Google" },
  required: true,
  requiredIf: (facts, { policy }) => reliesOnGoogle(facts, policy),
  effect: "mint-token",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, MINT_TOKEN, LIST_BACKUPS, LIST_RESTORES],
  googleGrants: [GET_GKE_CLUSTER],
  run: (facts, { policy, now }) => {
    const { cluster, serviceAccount, googleIdentity, gkeCluster } = facts;
    if (cluster === undefined) return [];
    if (googleIdentity === undefined)
      return notMeant(facts) ?? (serviceAccount === undefined ? NO_ACCOUNT : NOT_KNOWN_TO_BE_GKE);
    const { exchanged, impersonated, account } = googleIdentity;
    const proof: GoogleProof = {
      cluster,
      facts: googleIdentity,
      gkeCluster,
      severity: withoutGoogle(facts, policy),
      verdict: verdictIn(facts, now),
    };
    if (exchanged.state === "refused") return refusalBySts(proof, exchanged);
    if (exchanged.state !== "ok")
      return { findings: [], undecided: [`Google's STS was not asked, or did not answer: ${exchanged.why}`] };
    if (account === undefined) return { holds: true };
    if (impersonated.state === "refused") return refusalByGoogle(proof, account, impersonated);
    if (impersonated.state !== "ok")
      return { findings: [], undecided: [`Google did not say whether it may act as ${account}: ${impersonated.why}`] };
    return proof.verdict === "no" ? [disagreement(proof, account)] : { holds: true };
  },
});

const NO_ACCOUNT = { waits: "the pods' ServiceAccount does not exist" };
const NOT_KNOWN_TO_BE_GKE = {
  skip: "nothing says that this is a cluster of GKE, which alone gives pods an identity of Google; --gke-cluster PROJECT/LOCATION/NAME says so",
};

/** What the policies as IAM has them say of the very ServiceAccount whose token was taken to Google. */
function verdictIn(
  facts: NeededFacts<"cluster" | "serviceAccount" | (typeof WANTS)[number]>,
  now: Date,
): PolicyVerdict {
  const { cluster, serviceAccount, gkeCluster, googleAccount: account, googleRoles } = facts;
  if (cluster === undefined || serviceAccount === undefined || gkeCluster === undefined || account === undefined)
    return undefined;
  const answer = actsAs(workloadOf(gkeCluster, cluster.namespace, serviceAccount), account, googleRoles, now);
  // What the account's own policy does not give, that of its project may.
  return answer?.verdict === "no" && account.projectPolicy.state !== "known" ? undefined : answer?.verdict;
}
