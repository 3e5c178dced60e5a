import { liveCluster } from "../bed/live-cluster.ts";
import { firstLight } from "../contract/first-light.contract.ts";

firstLight(liveCluster);
