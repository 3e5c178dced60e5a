import { EKS_ISSUER, startAwsServer } from "../support/aws-server/index.ts";
import { startKubeServer } from "../support/kube-server/index.ts";
import { awsContract, LIKE_AWS } from "./aws.contract.ts";

awsContract(
  async () => ({ cloud: await startAwsServer(), cluster: await startKubeServer({ issuer: EKS_ISSUER }) }),
  LIKE_AWS,
);
