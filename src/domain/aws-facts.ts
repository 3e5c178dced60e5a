import type { Known } from "./known.ts";

/** Who the tool itself is on AWS. */
export interface AwsCaller {
  /** 12 digits. */
  readonly account: string;
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string;
}

/** The cluster's issuer of ServiceAccount tokens. */
export interface IssuerFacts {
  /** As it stands in `iss`, with its scheme, byte for byte. */
  readonly url: string;
  /** Who said so: a token's `iss`, the API server's discovery document, or `eks describe-cluster`; in that order. */
  readonly source: "token" | "discovery" | "eks";
}

/** What a role may do, policy by policy; a boundary is the most that they together can give. */
export interface RolePolicy {
  readonly kind: "inline" | "managed" | "boundary";
  readonly name: string;
  /** ARN of a managed policy. */
  readonly arn: string | undefined;
  /** The document as JSON. */
  readonly document: unknown;
}

/** What the IAM user of a static key has been given itself; what comes from its groups is not among it. */
export interface UserPolicies {
  readonly arn: string;
  /** Last part of the path. */
  readonly name: string;
  /** The document of a policy that AWS itself keeps is null: it is known by its name. */
  readonly policies: readonly RolePolicy[];
}

/** An IAM role as AWS has it. */
export interface RoleFacts {
  readonly arn: string;
  /** Last part of the path. */
  readonly name: string;
  readonly account: string;
  readonly partition: string;
  /** The trust policy's JSON text, decoded. */
  readonly trustPolicy: string;
  readonly maxSessionSeconds: number;
  /** ARN of the permissions boundary. */
  readonly boundary: string | undefined;
}

/** The IAM OIDC provider of the cluster's issuer in the role's account. */
export interface OidcProviderFacts {
  readonly arn: string;
  /** As IAM returns it: without scheme. */
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
}

/** All OIDC providers of the account that the tool is in, where the one that is wanted is missing. */
export interface OidcProviderList {
  readonly account: string;
  /** Account of the EKS cluster, where the kubeconfig tells it. */
  readonly clusterAccount: string | undefined;
  readonly arns: readonly string[];
}

export interface PodIdentityAssociation {
  readonly id: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleArn: string;
  /** A role in another account that is taken on from there. */
  readonly targetRoleArn: string | undefined;
  readonly sessionTagsDisabled: boolean;
  /** RFC 3339. */
  readonly createdAt: string | undefined;
}

/** The EKS cluster that the API server is of, as far as its name is known. */
export interface EksClusterFacts {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  /** Issuer URL with scheme. */
  readonly issuer: string | undefined;
  /** EKS Auto Mode, where the agent is part of the nodes; undefined where nobody asked. */
  readonly autoMode: boolean | undefined;
  /** ARN of the KMS key that was chosen for Secrets; undefined where none was, or nobody asked. */
  readonly encryptionKey?: string | undefined;
}

export interface PodIdentityFacts {
  readonly cluster: EksClusterFacts;
  /** Of the pods' ServiceAccount, if it has one. */
  readonly association: PodIdentityAssociation | undefined;
  /** Where theirs is missing: one whose names are a slip of the pen away. */
  readonly near: PodIdentityAssociation | undefined;
  /** Of other ServiceAccounts: all of the EKS cluster where theirs is missing. */
  readonly others: readonly { readonly namespace: string; readonly serviceAccount: string }[];
  /** Status of the add-on `eks-pod-identity-agent`, e.g. `ACTIVE`; absent when it is not installed as one. */
  readonly addOn: Known<{ readonly status: string }>;
}

/** The DaemonSet `eks-pod-identity-agent` in kube-system. */
export interface PodIdentityAgentFacts {
  readonly installed: boolean;
  readonly desired: number;
  readonly ready: number;
}

/** The webhook that mutates pods for IRSA; no names where there is none. */
export interface IdentityWebhookFacts {
  readonly names: readonly string[];
  readonly failurePolicy: string | undefined;
}

/** What a call to a cloud came to. `refused` is the cloud's answer; `failed` means that there was no answer. */
export type CallOutcome =
  | { readonly state: "ok"; readonly detail?: string }
  | {
      readonly state: "refused";
      /** Error code of the service, e.g. `InvalidIdentityToken`, `SignatureDoesNotMatch`. */
      readonly code: string;
      readonly status: number | undefined;
      /** One printable line, without any value. */
      readonly message: string;
    }
  | {
      readonly state: "failed";
      readonly why: string;
      /** Error code of the network, e.g. `ECONNREFUSED`, `SELF_SIGNED_CERT_IN_CHAIN`. */
      readonly network?: string;
    }
  | { readonly state: "not-tried"; readonly why: string };

/** Bucket, prefix and where they are written. */
export interface StorageAim {
  /** Google's own API; where there is none it is that of S3. */
  readonly scheme?: "gs";
  readonly bucket: string;
  /** Without a slash at either end; "" for the whole bucket. */
  readonly prefix: string;
  /** `AntflyBackup nightly`, `spec.config`, `--bucket`. */
  readonly from: string;
  /** False where the database only reads from there. */
  readonly writes: boolean;
  /** Whose credentials the database uses there: what it has, its ServiceAccount's role, or keys of a connection's own. */
  readonly identity: "usual" | "role" | "own-keys";
  /** That a named connection sets; they override the environment. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
}

/** A static key of the cluster, asked of AWS. */
export interface StaticKeyFacts {
  /** Where it is read: `Secret backup-credentials`. */
  readonly source: string;
  readonly secret: string | undefined;
  /** Key of the Secret that holds the id; undefined for what is no plain value of one. */
  readonly idKey: string | undefined;
  /** Node groups that use it. */
  readonly users: readonly string[];
  /** Its variables whose values have a shape that no key has; the request was made with them as they are. */
  readonly misshapen: readonly string[];
  /** First four characters and last four: `AKIA…Q7XA`; only how long it is where it has not the form of an id. */
  readonly keyId: string;
  readonly provider: "aws" | "gcs" | "s3-compatible";
  readonly endpoint: string | undefined;
  /** That the database signs with. */
  readonly region: string;
  readonly regionFrom: "AWS_REGION" | "default";
  /** `sts:GetCallerIdentity` with the key itself; not tried where the store is not AWS. */
  readonly identity: CallOutcome;
  readonly caller: AwsCaller | undefined;
  /** The account that AWS says the key is of, where the key itself was refused. */
  readonly account: string | undefined;
  /** Another partition than the region's, where the key is known. */
  readonly otherPartition: string | undefined;
  /** What IAM knows of the key, asked with the tool's own identity. */
  readonly key: Known<{
    readonly user: string;
    readonly status: "Active" | "Inactive";
    readonly createdAt: string | undefined;
    readonly lastUsedAt: string | undefined;
  }>;
  readonly stores: readonly StoreFacts[];
}

/** The read-only recipe on one bucket and prefix. */
export interface StoreFacts {
  readonly aim: StorageAim;
  readonly endpoint: string | undefined;
  /** Region that the database signs for there. */
  readonly region: string;
  /** Why the store is not asked from here: it is inside the cluster, or a private address. */
  readonly outOfReach: string | undefined;
  readonly bucketRegion: Known<string>;
  readonly list: CallOutcome;
  /** Without the prefix; tried where listing below it was denied. */
  readonly listAll: CallOutcome;
  /** The endpoint says http://, and the server speaks TLS; undefined where nobody looked. */
  readonly speaksTls: boolean | undefined;
  /** The bucket is in another account than the identity; undefined where that was not asked or cannot be told. */
  readonly foreign: boolean | undefined;
  /** A key that is not there, under the prefix. */
  readonly read: CallOutcome;
  readonly versioning: Known<"Enabled" | "Suspended" | "off">;
  readonly encryption: Known<{ readonly algorithm: string; readonly key: string | undefined }>;
  readonly objectLock: Known<boolean>;
}

/** What is left behind, and the command that removes it. */
export interface Residue {
  readonly what: string;
  readonly command: string;
}

/** The write probe: 64 bytes under `<prefix>/.antfly-creds-probe/<run>/`. */
export interface ProbeFacts {
  /** Whose credentials it was made with: a role's session, a static key, or what Google gives the ServiceAccount. */
  readonly identity: "role" | "key" | "google";
  /** `ServiceAccount antfly` or `Secret backup-credentials`. */
  readonly holder: string;
  /** ARN of the caller, where AWS told it; on Google the email of the account, or `principal://…`. */
  readonly arn: string | undefined;
  readonly aim: StorageAim;
  readonly key: string;
  readonly write: CallOutcome;
  readonly read: CallOutcome;
  readonly list: CallOutcome;
  readonly remove: CallOutcome;
  /** Milliseconds from the first request to the last. */
  readonly took: number;
  readonly residue: readonly Residue[];
  /** Left-overs of earlier runs that were removed now. */
  readonly swept: readonly string[];
}

/** The ServiceAccount's token taken to STS, from where the tool runs. */
export interface WebIdentityFacts {
  readonly serviceAccount: string;
  readonly roleArn: string;
  readonly audience: string;
  readonly token: { readonly issuer: string; readonly subject: string; readonly audiences: readonly string[] };
  readonly assumed: CallOutcome;
  readonly assumedArn: string | undefined;
  /** What was asked of the buckets with the role's credentials before anything was written. */
  readonly stores: readonly StoreFacts[];
}
