import { faultsContract } from "../contract/faults.contract.ts";
import { startKubeServer } from "../support/kube-server/index.ts";

faultsContract(startKubeServer);
