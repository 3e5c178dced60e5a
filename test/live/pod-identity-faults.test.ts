import { liveBed } from "../bed/live-bed.ts";
import { podIdentityFaults } from "../contract/pod-identity-faults.contract.ts";
import { POD_IDENTITY_FAULTS } from "../support/mending/pod-identity-faults.ts";
import type { TestBed } from "../support/test-bed.ts";

/** versitygw takes no trust in pods.eks.amazonaws.com: here the IAM and STS of ministack are asked, which keep it and judge nothing. */
async function withOtherIam(): Promise<TestBed> {
  const { cloud, ...rest } = await liveBed();
  const { AWS_ENDPOINT_URL_EKS: ministack = "" } = cloud.env;
  const env = { ...cloud.env, AWS_ENDPOINT_URL_IAM: ministack, AWS_ENDPOINT_URL_STS: ministack };
  return { ...rest, cloud: { ...cloud, env } };
}

podIdentityFaults(withOtherIam, POD_IDENTITY_FAULTS);
