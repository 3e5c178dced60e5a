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
  /** Something stands after the host: a bucket, or a slash that doubles in paths. */
  readonly rest: "none" | "slash" | "path";
}

/** Classifies an endpoint as the runtimes read it: a URL, or a bare host with an optional port. */
export function endpointKind(text: string): EndpointKind {
  const match = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  const protocol = match?.[1]?.toLowerCase();
  const scheme = protocol === undefined ? "none" : protocol === "https" || protocol === "http" ? protocol : "other";
  const nowhere = { region: undefined, partition: undefined, wrongService: undefined, firstLabel: "" } as const;
  let url: URL;
  try {
    url = new URL(match === null ? `https://${text}` : text);
  } catch {
    return { ...nowhere, scheme, host: "malformed", rest: "none" };
  }
  const host = url.hostname.toLowerCase();
  const beyond = url.pathname.replace(/\/+$/, "") !== "" || url.search !== "" || url.hash !== "";
  return {
    scheme,
    host: hostKind(host),
    region: awsRegion(host),
    partition: host.endsWith(".amazonaws.com.cn") ? "aws-cn" : host.endsWith(".amazonaws.com") ? "aws" : undefined,
    wrongService: wrongService(host),
    firstLabel: /^[a-z0-9][a-z0-9-]{2,62}(?=\.[a-z0-9])/.exec(url.hostname)?.[0] ?? "",
    rest: beyond ? "path" : text.endsWith("/") ? "slash" : "none",
  };
}

function hostKind(host: string): EndpointKind["host"] {
  if (host === "") return "malformed";
  if (/(^|\.)amazonaws\.com(\.cn)?$/.test(host)) return "aws";
  if (/(^|\.)(storage\.googleapis\.com|storage\.cloud\.google\.com)$/.test(host)) return "gcs";
  if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|host\.docker\.internal)$/.test(host)) return "localhost";
  if (/\.svc(\.cluster\.local)?$/.test(host)) return "in-cluster";
  return "other";
}

/** `s3.us-east-2.amazonaws.com`, `bucket.s3.dualstack.eu-west-1.amazonaws.com`, the old `s3-us-west-2.amazonaws.com`. */
function awsRegion(host: string): string | undefined {
  const region = /(?:^|\.)s3[.-](?:fips\.|fips-)?(?:dualstack\.)?([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(
    host,
  )?.[1];
  return region !== undefined && isRegionName(region) ? region : undefined;
}

const WRONG_SERVICES: readonly [RegExp, string][] = [
  [/\.s3-website[.-]/, "a bucket's web site"],
  [/^(s3\.)?console\.aws\.amazon\.com$|\.console\.aws\.amazon\.com$/, "the AWS console"],
  [/\.s3-accelerate\.(dualstack\.)?amazonaws\.com$/, "transfer acceleration, which takes the bucket's name before it"],
  [/^console\.cloud\.google\.com$|^storage\.cloud\.google\.com$/, "the Google Cloud console"],
];

function wrongService(host: string): string | undefined {
  return WRONG_SERVICES.find(([pattern]) => pattern.test(host))?.[1];
}
