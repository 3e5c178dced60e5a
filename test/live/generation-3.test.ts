import { liveCluster } from "../bed/live-cluster.ts";
import { generation3 } from "../contract/generation-3.contract.ts";

generation3(liveCluster);
