/** A role's ARN, taken apart. */
export interface RoleArn {
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string;
  /** 12 digits. */
  readonly account: string;
  /** Last part of the path: what IAM's API takes. */
  readonly name: string;
}

/** What EKS takes in the annotation, byte for byte (amazon-eks-pod-identity-webhook). */
const ROLE = /^arn:(aws[a-z0-9-]*):iam::(\d{12}):role\/([\w/.@+=,-]+)$/;

/** Undefined for anything else than the ARN of a role. */
export function parseRoleArn(text: string): RoleArn | undefined {
  const match = ROLE.exec(text);
  if (match === null) return undefined;
  const [arn, partition = "", account = "", path = ""] = match;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "" ? undefined : { arn, partition, account, name };
}

/** An issuer as IAM writes it: without `https://`. */
export function issuerName(url: string): string {
  return url.replace(/^https:\/\//, "");
}

/** The ARN that the provider of an issuer has in an account; there can be one alone. */
export function oidcProviderArn({ partition, account }: Pick<RoleArn, "partition" | "account">, url: string): string {
  return `arn:${partition}:iam::${account}:oidc-provider/${issuerName(url)}`;
}

/** An EKS cluster, as its ARN names it. */
export interface EksClusterArn {
  readonly arn: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

export function parseEksClusterArn(text: string): EksClusterArn | undefined {
  const match = /^arn:aws[a-z0-9-]*:eks:([a-z0-9-]+):(\d{12}):cluster\/([A-Za-z0-9][\w-]*)$/.exec(text);
  if (match === null) return undefined;
  const [arn, region = "", account = "", name = ""] = match;
  return { arn, region, account, name };
}

/** The id and region in the address of an EKS API server, `ID.x.REGION.eks.amazonaws.com`; the issuer has the same id. */
export function parseEksServer(url: string): { readonly id: string; readonly region: string } | undefined {
  const match = /^https:\/\/([0-9A-F]{32})\.[^./]+\.([a-z]{2}(?:-[a-z]+)+-\d)\.eks\.[a-z0-9.-]+(?::\d+)?$/i.exec(url);
  if (match === null) return undefined;
  const [, id = "", region = ""] = match;
  return { id: id.toUpperCase(), region };
}
