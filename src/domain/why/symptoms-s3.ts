import type { Clues } from "./clues.ts";
import { high, low, medium, type Symptom } from "./symptom.ts";
import { theBucket } from "./words.ts";

const NO_SCHEME = "The endpoint is no URL to the client: it has to begin with https:// or http://.";
const AWS_REGION = /^[a-z]{2,3}(-[a-z]+){1,2}-\d$/i;

/** MinIO and others call their region as they like; AWS's have a form. */
function isOwnRegion({ expectedRegion }: Clues): boolean {
  return expectedRegion !== undefined && !AWS_REGION.test(expectedRegion);
}

function wanted({ expectedRegion }: Clues): string {
  return expectedRegion === undefined ? "another region" : `region ${expectedRegion}`;
}

/** A redirect names the right region twice. */
function signedFor({ region, expectedRegion }: Clues): string {
  return region === undefined || region === expectedRegion ? "a different one" : region;
}

/** Regions, buckets and endpoints (failure catalogue, sections 3.2 to 3.4). */
export const S3: readonly Symptom[] = [
  {
    topic: "region",
    seen: /\bNoRegionError\b|You must specify a region\b|could not find region configuration|\bRegion is missing\b|an AWS region is required|Unable to load region from any|Invalid Configuration: Missing Region/i,
    means: [
      high(
        "s3.region-default",
        "The program has no region: AWS_REGION does not reach it. The database takes us-east-1 then, SDKs refuse.",
      ),
      low("s3.region-only-default-var", "AWS_DEFAULT_REGION alone is not read by all of them."),
    ],
  },
  {
    topic: "region",
    seen: /AuthorizationHeaderMalformed|region ["'].{0,40}["'] is wrong|the region is wrong/i,
    when: isOwnRegion,
    means: [
      high(
        "minio.region-mismatch",
        (c) => `The store calls its region ${c.expectedRegion}, and the request was signed for another one.`,
      ),
    ],
  },
  {
    topic: "region",
    seen: /AuthorizationHeaderMalformed.{0,400}region|region ["'].{0,40}["'] is wrong|the region is wrong|PermanentRedirect|must be addressed using the specified endpoint|IllegalLocationConstraint|BucketRegionError|\(301\) when calling|301.{0,3} Moved Permanently.{0,200}(?:s3|bucket)/i,
    unless: /AKID|Credential is mal/i,
    means: [
      high("s3.region-mismatch", (c) => `${theBucket(c)} is in ${wanted(c)}, and the request was for ${signedFor(c)}.`),
      medium(
        "s3.region-default",
        "us-east-1 is what is taken where AWS_REGION is not set.",
        (c) => c.region === "us-east-1",
      ),
      low(
        "s3.region-injected",
        "On EKS the webhook may set AWS_REGION to the cluster's region, and that wins over the Secret.",
      ),
      low("s3.region-only-default-var", "AWS_DEFAULT_REGION alone is not read."),
    ],
  },
  {
    topic: "region",
    seen: /AuthorizationHeaderMalformed/i,
    unless: /AKID|Credential is mal/i,
    means: [
      medium(
        "s3.region-mismatch",
        "S3 refused the header of the request, most often because it was signed for another region than the bucket's.",
      ),
      medium("value.leading-trailing-space", "White space around the key id does that, too."),
    ],
  },
  {
    topic: "s3",
    seen: /BucketAlreadyExists\b|requested bucket name is not available/i,
    means: [
      high(
        "s3.bucket-taken-elsewhere",
        (c) => `${theBucket(c)} exists in somebody else's account: bucket names are shared by all.`,
      ),
    ],
  },
  {
    topic: "s3",
    seen: /AccessControlListNotSupported|bucket does not allow ACLs/i,
    means: [high("s3.acl-ownership", (c) => `${theBucket(c)} has ACLs switched off, and the request sets one.`)],
  },
  {
    topic: "s3",
    seen: /NoSuchBucket|specified bucket does not exist|\bbucket "?[^\s"]{1,63}"? does not exist|\(404\) when calling the HeadBucket/i,
    unless: /connection does not allow provisioning/i,
    means: [
      high(
        "s3.nosuchbucket",
        (c) =>
          `The store has no ${theBucket(c).replace("the bucket", "such bucket")}: a slip in the name, or another region or account.`,
      ),
      medium(
        "s3.endpoint-has-bucket",
        "If the endpoint holds the bucket already, the store takes the prefix for the bucket.",
      ),
    ],
  },
  {
    topic: "s3",
    seen: /\bNoSuchKey\b/i,
    means: [
      low(
        "s3.endpoint-has-bucket",
        "The object is not where it was looked for; if none is ever found, the endpoint may hold the bucket already.",
      ),
    ],
  },
  {
    topic: "s3",
    seen: [
      /s3-website[.-]|s3\.console\.aws\.amazon\.com|console\.aws\.amazon\.com|s3-accelerate|console\.cloud\.google\.com|storage\.cloud\.google\.com/i,
      /<html|<!doctype|error|failed|not expected|\b40[0-9]\b|MethodNotAllowed/i,
    ],
    means: [
      high(
        "s3.wrong-service-endpoint",
        "The endpoint is that of a console, a website or an accelerator, not of the S3 API.",
      ),
    ],
  },
  {
    topic: "s3",
    seen: /Endpoint url cannot have fully qualified paths|does not follow ip address or domain name standards/i,
    means: [
      high("s3.endpoint-malformed", "The client wants a host alone as the endpoint, without a path or a bucket."),
      medium("s3.endpoint-has-bucket", "The path may be the bucket."),
    ],
  },
  {
    topic: "s3",
    seen: /Invalid endpoint: |unsupported protocol scheme ["']|\bInvalid URL\b|first path segment in URL cannot contain colon/i,
    when: (c) => /s3|minio|bucket|endpoint|:9000|storage/i.test(c.flat),
    means: [high("s3.endpoint-no-scheme", NO_SCHEME)],
  },
  {
    topic: "s3",
    seen: /\bInvalid URL(?:\W{0,5}$| at |.{0,60}input: ["'][a-z0-9.-]{1,253}(?::\d{1,5})?["'])/i,
    means: [low("s3.endpoint-no-scheme", NO_SCHEME)],
  },
];
