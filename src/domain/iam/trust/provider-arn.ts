/** ARN of an IAM OIDC provider, taken apart. */
export interface ProviderArn {
  readonly partition: string;
  readonly account: string;
  /** Issuer without scheme, as it stands in the ARN. */
  readonly issuer: string;
}

const PROVIDER = /^arn:(aws[a-z0-9-]*):iam::(\d{12}):oidc-provider\/(.+)$/s;

/** Providers that IAM knows by their domain alone (IAM User Guide, "Create a role for OIDC federation"). */
const BUILT_IN: ReadonlySet<string> = new Set([
  "accounts.google.com",
  "cognito-identity.amazonaws.com",
  "graph.facebook.com",
  "www.amazon.com",
]);

/** Undefined for what is no such ARN. */
export function parseProviderArn(text: string): ProviderArn | undefined {
  const [, partition, account, issuer] = PROVIDER.exec(text) ?? [];
  return partition === undefined || account === undefined || issuer === undefined
    ? undefined
    : { partition, account, issuer };
}

export function providerArn({ partition, account, issuer }: ProviderArn): string {
  return `arn:${partition}:iam::${account}:oidc-provider/${issuer}`;
}

export function isBuiltInProvider(text: string): boolean {
  return BUILT_IN.has(text);
}

/** The issuer as IAM writes it: without scheme, byte for byte otherwise. */
export function issuerHost(issuer: string): string {
  return issuer.replace(/^https:\/\//i, "");
}

/** What an EKS issuer says of itself: `oidc.eks.REGION.SUFFIX/id/ID`. */
export function parseEksIssuer(issuer: string): { region: string; suffix: string; id: string } | undefined {
  const [, region, suffix, id] = /^oidc\.eks\.([a-z0-9-]+)\.([a-z0-9.-]+)\/id\/([^/]+)$/i.exec(issuer) ?? [];
  return region === undefined || suffix === undefined || id === undefined ? undefined : { region, suffix, id };
}

/** Partition of an AWS region (AWS General Reference); every partition has regions of its own. */
export function partitionOfRegion(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("eusc-")) return "aws-eusc";
  const isolated = /^[a-z]+-iso([a-z]?)-/.exec(region);
  if (isolated === null) return "aws";
  return isolated[1] === "" ? "aws-iso" : `aws-iso-${isolated[1]}`;
}
