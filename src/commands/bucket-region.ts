import { Sensitive } from "../domain/sensitive.ts";
import { AwsError, type Aws } from "../ports.ts";

/** A key that nobody has: S3 names the region of a bucket to whoever asks. */
const NOBODY = {
  accessKeyId: new Sensitive("AKIAANTFLYCREDSNOONE"),
  secretAccessKey: new Sensitive("nobody-has-this-key"),
  sessionToken: undefined,
};

/** The region that a bucket is in; undefined where S3 does not say, `missing` where there is no such bucket. */
export async function regionOfBucket(
  aws: Aws,
  bucket: string,
  timeoutMs: number,
): Promise<{ readonly region: string | undefined } | "missing"> {
  const store = aws.objectStore({
    provider: "aws",
    endpoint: undefined,
    region: aws.region ?? "us-east-1",
    credentials: NOBODY,
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
