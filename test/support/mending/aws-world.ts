import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";

import type { TestBed } from "../test-bed.ts";
import type { TestCloud } from "../test-cloud.ts";
import { World } from "./world.ts";

export const REGION = "us-east-1";

/** The same on AWS, with the account's administrator. */
export class AwsWorld extends World {
  readonly cloud: TestCloud;
  readonly iam: IAMClient;
  readonly s3: S3Client;

  /** `clusterEntry`: what the kubeconfig calls the cluster. */
  constructor({ cluster, cloud, tools }: TestBed, namespace: string, clusterEntry = "test") {
    const env = { ...cloud.env, AWS_DEFAULT_REGION: REGION };
    super({ cluster, namespace, tools, env, clusterEntry });
    this.cloud = cloud;
    const { AWS_ENDPOINT_URL_IAM = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = cloud.env;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    this.iam = new IAMClient({ region: REGION, credentials, endpoint: AWS_ENDPOINT_URL_IAM });
    this.s3 = new S3Client({ region: REGION, credentials, endpoint: cloud.s3, forcePathStyle: true });
  }

  override stop(): void {
    this.iam.destroy();
    this.s3.destroy();
    super.stop();
  }
}
