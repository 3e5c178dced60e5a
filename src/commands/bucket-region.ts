import { AwsError, type Aws } from "../ports.ts";

/** The region that a bucket is in, which S3 tells whoever asks; undefined where S3 does not say, `missing` where there is no such bucket. */
export async function regionOfBucket(
  aws: Aws,
  { bucket, partition, timeoutMs }: { readonly bucket: string; readonly partition: string; readonly timeoutMs: number },
): Promise<{ readonly region: string | undefined } | "missing"> {
  // Another partition has no such bucket, and says so.
  const region = aws.region ?? (partition === "aws" ? "us-east-1" : undefined);
  if (region === undefined) return { region: undefined };
  const store = aws.objectStore({
    provider: "aws",
    endpoint: undefined,
    region,
    credentials: undefined,
    bucket,
    timeoutMs,
  });
  try {
    return { region: await store.bucketRegion() };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return error.failure === "not-found" ? "missing" : { region: undefined };
  }
}
