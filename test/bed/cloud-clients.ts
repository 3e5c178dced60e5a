import { EKSClient } from "@aws-sdk/client-eks";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";

import { REGION, type CloudAddress } from "./cloud.ts";

/** The administrator's own clients of a running cloud. */
export interface CloudClients {
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly eks: EKSClient;
}

export function cloudClients(address: CloudAddress): CloudClients {
  const config = { region: REGION, credentials: address };
  return {
    iam: new IAMClient({ ...config, endpoint: address.iam }),
    s3: new S3Client({ ...config, endpoint: address.s3, forcePathStyle: true }),
    eks: new EKSClient({ ...config, endpoint: address.eks }),
  };
}
