import { isRegionName } from "./region.ts";

/** What an endpoint URL points to, without naming it. */
export interface EndpointKind {
  readonly scheme: "https" | "http" | "none" | "other";
  readonly host: "aws" | "gcs" | "localhost" | "in-cluster" | "other" | "malformed";
  /** Region in an AWS host name. */
  readonly region: string | undefined;
  /** Partition that an AWS host name belongs to. */
  readonly partition: "aws" | "aws-cn" | undefined;
  /** What it serves instead of the S3 API: a web site, the console, transfer acceleration. */
  readonly wrongService: string | undefined;
  /** First of several labels of the host name, which is a bucket's name in a virtual-host address; else empty. */
  readonly firstLabel: string;
  /** Something stands beside the host: a user or a password, a bucket, or a slash that doubles in paths. */
  readonly rest: "none" | "slash" | "path" | "login";
}

/**
 * Classifies an endpoint as the runtimes read it: a URL, or a bare host with an optional port. They look for `https://` in
 * small letters; another spelling is a host name to them.
 */
export function endpointKind(text: string): EndpointKind {
  const protocol = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  const scheme = protocol === undefined ? "none" : protocol === "https" || protocol === "http" ? protocol : "other";
  const nowhere = { region: undefined, partition: undefined, wrongService: undefined, firstLabel: "" } as const;
  let url: URL;
  try {
    url = new URL(protocol === undefined ? `https://${text}` : text);
  } catch {
    return { ...nowhere, scheme, host: "malformed", rest: "none" };
  }
  const name = url.hostname.toLowerCase();
  const host = hostKind(name);
  const login = url.username !== "" || url.password !== "";
  const beyond = url.pathname.replace(/\/+$/, "") !== "" || url.search !== "" || url.hash !== "";
  return {
    scheme,
    host,
    region: host === "aws" ? awsRegion(name) : undefined,
    partition: host !== "aws" ? undefined : name.endsWith(".cn") ? "aws-cn" : "aws",
    wrongService: wrongService(name),
    firstLabel: /^[a-z0-9][a-z0-9-]{2,62}(?=\.[a-z0-9])/.exec(name)?.[0] ?? "",
    rest: login ? "login" : beyond ? "path" : text.endsWith("/") ? "slash" : "none",
  };
}

/** Below amazonaws.com there are other services as well, and machines and load balancers of anybody's. */
function hostKind(host: string): EndpointKind["host"] {
  if (host === "") return "malformed";
  if (/(^|\.)s3(-[a-z0-9-]+)?\.([a-z0-9.-]+\.)?amazonaws\.com(\.cn)?$/.test(host)) return "aws";
  if (/(^|\.)(storage\.googleapis\.com|storage\.cloud\.google\.com)$/.test(host)) return "gcs";
  if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|host\.docker\.internal)$/.test(host)) return "localhost";
  if (/\.svc(\.cluster\.local)?$/.test(host)) return "in-cluster";
  return "other";
}

/**
 * `s3.us-east-2.amazonaws.com`, `bucket.s3.dualstack.eu-west-1.amazonaws.com`, the old `s3-us-west-2.amazonaws.com`, and
 * `vpce-1.s3.us-east-1.vpce.amazonaws.com`.
 */
function awsRegion(host: string): string | undefined {
  const region =
    /(?:^|\.)s3[.-](?:fips\.|fips-)?(?:dualstack\.)?([a-z0-9-]+)(?:\.vpce)?\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1];
  return region !== undefined && isRegionName(region) ? region : undefined;
}

const WRONG_SERVICES: readonly [RegExp, string][] = [
  [/(^|\.)s3-website[.-]/, "a bucket's web site"],
  [/(^|\.)console\.aws\.amazon\.com$/, "the AWS console"],
  [/(^|\.)s3-accelerate\.(dualstack\.)?amazonaws\.com$/, "transfer acceleration (with the bucket in the host name)"],
  [/^(sts|iam|ec2|kms|dynamodb|secretsmanager)\.([a-z0-9-]+\.)?amazonaws\.com(\.cn)?$/, "another service of AWS"],
  [/^console\.cloud\.google\.com$|^storage\.cloud\.google\.com$/, "the Google Cloud console"],
];

function wrongService(host: string): string | undefined {
  return WRONG_SERVICES.find(([pattern]) => pattern.test(host))?.[1];
}
