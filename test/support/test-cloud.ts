/** A policy document: an object, or JSON text that is kept as it is. */
export type PolicySeed = object | string;

/** What is there in an AWS account; also the shape of `aws:` in a check's fixture. */
export interface AwsSeed {
  /** 12 digits; 123456789012 unless told. */
  readonly account?: string;
  /** Actions that the tool's own identity may not do, e.g. `iam:GetRole` or `eks:*`. */
  readonly denied?: readonly string[];
  readonly providers?: readonly ProviderSeed[];
  readonly roles?: readonly RoleSeed[];
  readonly users?: readonly UserSeed[];
  /** Managed policies of the customer; of AWS's own a few are known by their name. */
  readonly policies?: readonly { readonly name: string; readonly document: PolicySeed }[];
  readonly clusters?: readonly ClusterSeed[];
  readonly buckets?: readonly BucketSeed[];
}

export interface ProviderSeed {
  /** With its scheme, or `ISSUER`. */
  readonly issuer: string;
  readonly clientIds: readonly string[];
  readonly thumbprints?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RoleSeed {
  readonly name: string;
  readonly path?: string;
  readonly trust: PolicySeed;
  readonly inline?: Readonly<Record<string, PolicySeed>>;
  /** ARNs of managed policies. */
  readonly attached?: readonly string[];
  /** ARN of a managed policy. */
  readonly boundary?: string;
  readonly maxSessionSeconds?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly createdAt?: string;
}

export interface KeySeed {
  readonly id: string;
  readonly secret: string;
  readonly status?: "Active" | "Inactive";
  readonly createdAt?: string;
  readonly lastUsedAt?: string;
}

export interface UserSeed {
  /** `root`: the account itself. */
  readonly name: string;
  /** Account that it belongs to, where that is another one. */
  readonly account?: string;
  readonly keys?: readonly KeySeed[];
  readonly inline?: Readonly<Record<string, PolicySeed>>;
  readonly attached?: readonly string[];
}

export interface ClusterSeed {
  readonly name: string;
  readonly region?: string;
  readonly endpoint?: string;
  /** With its scheme, or `ISSUER`. */
  readonly issuer?: string;
  readonly associations?: readonly AssociationSeed[];
  /** EKS Auto Mode. */
  readonly autoMode?: boolean;
  /** ARN of the KMS key that Secrets are encrypted with. */
  readonly encryptionKey?: string;
  /** Name → status, e.g. `ACTIVE`. */
  readonly addOns?: Readonly<Record<string, string>>;
}

export interface AssociationSeed {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** ARN, or the name of a role of the account. */
  readonly role: string;
  readonly targetRole?: string;
  readonly disableSessionTags?: boolean;
  readonly createdAt?: string;
}

export interface BucketSeed {
  readonly name: string;
  readonly region?: string;
  /** Account that it belongs to, where that is another one. */
  readonly owner?: string;
  readonly versioning?: "Enabled" | "Suspended";
  readonly objectLock?: boolean;
  /** The lock keeps every new version from being deleted. */
  readonly retention?: boolean;
  /** `AES256`, `aws:kms`, or `none` for a store without. */
  readonly encryption?: string;
  readonly kmsKey?: string;
  readonly policy?: PolicySeed;
  /** Key → text. */
  readonly objects?: Readonly<Record<string, string>>;
}

export interface AwsKey {
  readonly id: string;
  readonly secret: string;
}

/**
 * STS, IAM, EKS and S3 that tests run against: the in-process server (`aws-server/`) or the real ones (`test/bed/`). What
 * is written against this interface runs on both.
 */
export interface TestCloud {
  readonly kind: "in-process" | "real";
  /** 12 digits. */
  readonly account: string;
  /** URL of the issuer whose tokens are verified: the cluster's own. */
  readonly issuer: string;
  /** URL of the stores. */
  readonly s3: string;
  /** What the tool is started with to ask this cloud as an administrator. */
  readonly env: Readonly<Record<string, string>>;
  /** Adds these; what is there under the same name is replaced. `ISSUER` and `ACCOUNT` in any text stand for this cloud's. */
  seed(state: AwsSeed): Promise<void>;
  /** A further key of a user. */
  createKey(user: string): Promise<AwsKey>;
  /** From now on the key is `Inactive`. */
  deactivateKey(user: string, id: string): Promise<void>;
  stop(): Promise<void>;
}

/** `arn:aws:iam::ACCOUNT:role/NAME`. */
export function roleArn(cloud: TestCloud, name: string): string {
  return `arn:aws:iam::${cloud.account}:role/${name}`;
}

/**
 * The seed with the names of this cloud in it: a text that is `ISSUER` is the issuer's URL, within a longer text, as in
 * `ISSUER:sub`, it is the URL without scheme; `ACCOUNT` is the account.
 */
export function filledIn<T>(seed: T, { issuer, account }: Pick<TestCloud, "issuer" | "account">): T {
  const bare = issuer.replace(/^https:\/\//, "");
  const fill = (value: unknown): unknown => {
    if (value === "ISSUER") return issuer;
    if (typeof value === "string") return value.replaceAll(/\bISSUER\b/g, bare).replaceAll(/\bACCOUNT\b/g, account);
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key === "ISSUER" ? issuer : (fill(key) as string), fill(inner)]),
    );
  };
  return fill(seed) as T;
}

/** The trust policy that `init irsa` aims at, for one ServiceAccount; also the start of broken ones. */
export function trustFor(subject: string, audience = "sts.amazonaws.com"): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: "arn:aws:iam::ACCOUNT:oidc-provider/ISSUER" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { "ISSUER:sub": subject, "ISSUER:aud": audience } },
      },
    ],
  };
}
