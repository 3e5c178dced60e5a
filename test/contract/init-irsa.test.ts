import { EKS_ISSUER, startAwsServer } from "../support/aws-server/index.ts";
import { startKubeServer } from "../support/kube-server/index.ts";
import { initIrsaContract } from "./init-irsa.contract.ts";

initIrsaContract(async () => ({
  cluster: await startKubeServer({ issuer: EKS_ISSUER }),
  cloud: await startAwsServer(),
  tools: [],
}));
