import { examplesContract } from "../contract/examples.contract.ts";
import { startKubeServer } from "../support/kube-server/index.ts";

examplesContract(startKubeServer);
