import { startGoogleServer } from "../support/google-server/index.ts";
import { startKubeServer } from "../support/kube-server/index.ts";
import { googleProofContract } from "./google-proof.contract.ts";

const ISSUER = "https://kubernetes.example.com";

googleProofContract(async () => ({
  cluster: await startKubeServer({ issuer: ISSUER }),
  google: await startGoogleServer({}, { issuer: ISSUER }),
}));
