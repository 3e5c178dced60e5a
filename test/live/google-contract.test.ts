import { liveCluster } from "../bed/live-cluster.ts";
import { liveGoogle } from "../bed/live-google.ts";
import { googleContract } from "../contract/google.contract.ts";

googleContract(async () => ({ google: await liveGoogle(), cluster: await liveCluster() }));
