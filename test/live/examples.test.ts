import { liveCluster } from "../bed/live-cluster.ts";
import { examplesContract } from "../contract/examples.contract.ts";

examplesContract(liveCluster);
