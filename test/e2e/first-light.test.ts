import { firstLight } from "../contract/first-light.contract.ts";
import { startKubeServer } from "../support/kube-server/index.ts";

firstLight(startKubeServer);
