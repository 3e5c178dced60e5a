import { permissionsContract } from "../contract/permissions.contract.ts";
import { startKubeServer } from "../support/kube-server/index.ts";

permissionsContract(startKubeServer);
