import { realExternalSecretsCrds } from "../bed/external-secrets.ts";
import { liveCluster } from "../bed/live-cluster.ts";
import { initExternalSecretContract } from "../contract/init-external-secret.contract.ts";

initExternalSecretContract(liveCluster, realExternalSecretsCrds);
