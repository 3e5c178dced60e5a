import { GetBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";

import type { Aws } from "../ports.ts";
import type { AwsConnection } from "./aws-connection.ts";
import { isLocal } from "./aws-store-client.ts";

const ACTION = "s3:GetBucketPolicy";

/** What a bucket's own policy says, asked with the tool's own identity, whatever region the bucket is in. */
export function bucketPolicyCalls({ transport, settings }: AwsConnection): Pick<Aws, "bucketPolicy"> {
  const own = settings("S3", "read");
  const forcePathStyle = own.endpoint !== undefined && isLocal(own.endpoint);
  const client = transport.adopt(new S3Client({ ...own, forcePathStyle, followRegionRedirects: true }));
  return {
    bucketPolicy: (Bucket) =>
      transport.read(ACTION, async (sending) => {
        try {
          return (await client.send(new GetBucketPolicyCommand({ Bucket }), sending)).Policy;
        } catch (error) {
          if ((error as Error).name === "NoSuchBucketPolicy") return undefined;
          throw error;
        }
      }),
  };
}
