import { liveCluster } from "../bed/live-cluster.ts";
import { faultsContract } from "../contract/faults.contract.ts";

faultsContract(liveCluster);
