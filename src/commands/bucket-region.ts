import { AwsError, type Aws } from "../ports.ts";

/** The region that a bucket is in, which S3 tells whoever asks; undefined where S3 does not say, `missing` where there is no such bucket. */
export async function regionOfBucket(
  aws: Aws,
  bucket: string,
  timeoutMs: number,
): Promise<{ readonly region: string | undefined } | "missing"> {
  const store = aws.objectStore({
    provider: "aws",
    endpoint: undefined,
    region: aws.region ?? "us-east-1",
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
