import { liveCluster } from "../bed/live-cluster.ts";
import { kubeContract } from "../contract/kube.contract.ts";

kubeContract(liveCluster);
