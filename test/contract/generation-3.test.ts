import { startKubeServer } from "../support/kube-server/index.ts";
import { generation3 } from "./generation-3.contract.ts";

generation3(startKubeServer);
