import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES, MINT_TOKEN } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";
import { CAUSES_OF_GOOGLE, refusalByGoogle, refusalBySts } from "./google-refusal.ts";

export default defineCheck({
  code: "ANT0610",
  slug: "google-identity",
  title: "Google gives the pods' ServiceAccount its identity",
  area: "proof",
  causes: [...CAUSES_OF_GOOGLE],
  needs: ["cluster", "serviceAccount", "googleIdentity"],
  wants: ["gkeCluster", "googleAims"],
  after: ["ANT0101"],
  notIn: { files: "files hold no token to take to Google", overlay: "files hold no token to take to Google" },
  required: true,
  effect: "mint-token",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, MINT_TOKEN, LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, serviceAccount, googleIdentity, gkeCluster, googleAims = [] }) => {
    if (cluster === undefined) return [];
    const name = serviceAccount?.name ?? cluster.serviceAccount ?? "default";
    if (googleIdentity === undefined) {
      const meant = serviceAccount?.gcpAccount !== undefined || googleAims.some(({ source }) => source === "default");
      return {
        skip: meant
          ? "nothing says that this is a cluster of GKE, which alone gives pods an identity of Google; --gke-cluster PROJECT/LOCATION/NAME says so"
          : `ServiceAccount ${name} is not meant to have an identity of Google`,
      };
    }
    const { exchanged, impersonated, account } = googleIdentity;
    const severity = googleAims.some(({ source }) => source === "default") ? "critical" : "warning";
    const proof = { cluster, facts: googleIdentity, gkeCluster, severity } as const;
    if (exchanged.state === "refused") return refusalBySts(proof, exchanged);
    if (exchanged.state !== "ok")
      return { findings: [], undecided: [`Google's STS was not asked, or did not answer: ${exchanged.why}`] };
    if (account === undefined) return { holds: true };
    if (impersonated.state === "refused") return refusalByGoogle(proof, account, impersonated);
    if (impersonated.state !== "ok")
      return { findings: [], undecided: [`Google did not say whether it may act as ${account}: ${impersonated.why}`] };
    return { holds: true };
  },
});
