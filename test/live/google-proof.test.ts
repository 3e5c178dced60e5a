import { liveCluster } from "../bed/live-cluster.ts";
import { liveGoogle } from "../bed/live-google.ts";
import { googleProofContract } from "../contract/google-proof.contract.ts";

googleProofContract(async () => ({ google: await liveGoogle(), cluster: await liveCluster() }));
