import { liveCluster } from "../bed/live-cluster.ts";
import { permissionsContract } from "../contract/permissions.contract.ts";

permissionsContract(liveCluster);
