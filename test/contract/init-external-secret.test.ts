import { externalSecretsCrds } from "../support/crds/external-secrets.ts";
import { startKubeServer } from "../support/kube-server/index.ts";
import { initExternalSecretContract } from "./init-external-secret.contract.ts";

initExternalSecretContract(startKubeServer, () => Promise.resolve(externalSecretsCrds()));
