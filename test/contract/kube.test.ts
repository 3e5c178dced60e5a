import { startKubeServer } from "../support/kube-server/index.ts";
import { kubeContract } from "./kube.contract.ts";

kubeContract(startKubeServer);
