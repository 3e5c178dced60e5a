import { edit, finding, safeGcloudCommand } from "../../domain/finding.ts";
import { effectiveIdentity, workloadOf } from "../../domain/gcp/workload-identity.ts";
import { GET_GKE_CLUSTER, LIST_GKE_CLUSTERS } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS } from "../../domain/grants.ts";
import { shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { NOT_GKE, notMeant } from "./not-google.ts";

export default defineCheck({
  code: "ANT0409",
  slug: "identity-sameness",
  title: "No other GKE cluster gives its pods the same identity",
  area: "gcp",
  causes: ["gke.identity-sameness"],
  needs: ["cluster", "serviceAccount", "gkeCluster", "gkePeers"],
  wants: ["googleAims"],
  after: ["ANT0101", "ANT0401"],
  thorough: true,
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT],
  googleGrants: [GET_GKE_CLUSTER, { ...LIST_GKE_CLUSTERS, optional: false }],
  run: (facts) => {
    const { cluster, serviceAccount, gkeCluster: gke, gkePeers: peers = [] } = facts;
    if (cluster === undefined) return [];
    const not = notMeant(facts);
    if (not !== undefined) return not;
    if (gke === undefined) return NOT_GKE;
    if (serviceAccount === undefined || gke.workloadPool === undefined)
      return { skip: "the pods have no identity that another cluster could have, too" };
    if (peers.length === 0) return [];
    const { namespace } = cluster;
    const workload = workloadOf(gke, namespace, serviceAccount);
    const who = effectiveIdentity(workload, serviceAccount.gcpAccount);
    const names = peers.map(({ name, location }) => `${name} (${location})`);
    const identity = who.kind === "account" ? who.email : `ServiceAccount ${namespace}/${serviceAccount.name}`;
    const message = `To Google, a pod of ServiceAccount ${serviceAccount.name} in namespace ${namespace} is the same in every GKE cluster of pool ${workload.pool}: whoever makes one in ${shortList(names)} is ${identity}, too`;
    return [
      finding("gke.identity-sameness", "warning", { kind: "GKECluster", name: gke.name }, message, {
        evidence: names.map((has) => ({ label: "also of the pool", has })),
        fixes: [
          edit(
            "keep clusters that do not trust each other in projects of their own, or give the namespaces other names",
          ),
          safeGcloudCommand`gcloud container clusters list --project ${gke.project} --format ${"table(name,location,workloadIdentityConfig.workloadPool)"}`,
        ],
      }),
    ];
  },
});
