import { externalSecretsCrds } from "../support/crds/external-secrets.ts";
import { pasteKubectl } from "../support/external-secrets/paste-kubectl.ts";
import { startKubeServer } from "../support/kube-server/index.ts";
import { externalSecrets } from "./external-secrets.contract.ts";

externalSecrets(async () => ({
  cluster: await startKubeServer(),
  crds: externalSecretsCrds(),
  paste: (line, { admin }) => pasteKubectl(line, admin),
}));
