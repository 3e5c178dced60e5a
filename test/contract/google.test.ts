import { GKE_ISSUER, startGoogleServer } from "../support/google-server/index.ts";
import { startKubeServer } from "../support/kube-server/index.ts";
import { googleContract } from "./google.contract.ts";

googleContract(async () => ({
  google: await startGoogleServer(),
  cluster: await startKubeServer({ issuer: GKE_ISSUER }),
}));
