import { gkePath } from "../../domain/gcp/gke-name.ts";
import { LIST_GKE_CLUSTERS } from "../../domain/google-grants.ts";
import { known } from "../../domain/known.ts";
import { defineCollector } from "../collector.ts";
import { askGoogle, ofGoogle } from "./ask-google.ts";

/** A ServiceAccount of the same namespace and name is the same member in each of them. */
export const gkePeersCollector = defineCollector({
  gives: "gkePeers",
  needs: ["gkeCluster"],
  collect: ({ gkeCluster }, world) => {
    const ref = `the GKE clusters of project ${gkeCluster.project}`;
    return askGoogle(world, ref, LIST_GKE_CLUSTERS, async (google) => {
      const all = await google.listClusters(gkeCluster.project);
      const peers = all.filter(
        (one) => one.workloadPool === gkeCluster.workloadPool && gkePath(one) !== gkePath(gkeCluster),
      );
      return known(
        peers.map(({ project, location, name }) => ({ project, location, name })),
        ofGoogle(ref),
      );
    });
  },
});
