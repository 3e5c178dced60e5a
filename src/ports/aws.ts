import type { Sensitive } from "../domain/sensitive.ts";
import type { AwsCredentials, ObjectStore, ObjectStoreOptions } from "./object-store.ts";

/** Static keys of a profile in the AWS shared files. */
export interface AwsProfile {
  readonly accessKeyId: Sensitive | undefined;
  readonly secretAccessKey: Sensitive | undefined;
  readonly sessionToken: Sensitive | undefined;
  readonly region: string | undefined;
}

export interface AwsSelection {
  readonly profile?: string;
  readonly region?: string;
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number;
}

export interface IamRole {
  readonly arn: string;
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string | undefined;
  /** JSON text, decoded. */
  readonly trustPolicy: string;
  readonly maxSessionSeconds: number;
  readonly boundary: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AccessKey {
  readonly id: string;
  readonly status: "Active" | "Inactive";
  /** RFC 3339. */
  readonly createdAt: string | undefined;
}

/**
 * The AWS calls that the tool makes with its own identity (STS, IAM, EKS). Every call rejects with AwsError. These clients
 * never follow a bare AWS_ENDPOINT_URL, which people set for a store; AWS_ENDPOINT_URL_STS, _IAM and _EKS work.
 */
export interface Aws {
  /** `--profile` and `--region` as they were given; a command that is printed to be pasted repeats them. */
  readonly flags: readonly string[];
  readonly region: string | undefined;
  /** What a person should know of the set-up, e.g. that a bare AWS_ENDPOINT_URL is not followed. */
  readonly notes: readonly string[];
  /** Calls sent so far, those of its object stores among them. */
  calls(): number;

  /** Without credentials: who the tool's own identity is. With: whose these are, asked of STS in that region. */
  callerIdentity(credentials?: AwsCredentials, region?: string): Promise<{ account: string; arn: string }>;
  /** Needs no identity of one's own. */
  assumeRoleWithWebIdentity(request: {
    readonly roleArn: string;
    readonly token: Sensitive;
    readonly sessionName: string;
    readonly durationSeconds: number;
    /** Session policy as JSON. */
    readonly policy: string | undefined;
    /** Whose STS is asked, where it is not that of the tool's own region. */
    readonly region?: string;
  }): Promise<{ credentials: AwsCredentials; arn: string; provider: string | undefined; audience: string | undefined }>;
  accessKeyAccount(accessKeyId: Sensitive): Promise<string>;

  getRole(name: string): Promise<IamRole>;
  listRolePolicies(role: string): Promise<readonly string[]>;
  /** The document as JSON text. */
  getRolePolicy(role: string, policy: string): Promise<string>;
  listAttachedRolePolicies(role: string): Promise<readonly { name: string; arn: string }[]>;
  listUserPolicies(user: string): Promise<readonly string[]>;
  /** The document as JSON text. */
  getUserPolicy(user: string, policy: string): Promise<string>;
  listAttachedUserPolicies(user: string): Promise<readonly { name: string; arn: string }[]>;
  /** The default version's document as JSON text. */
  getManagedPolicy(arn: string): Promise<string>;
  getOidcProvider(arn: string): Promise<{
    url: string;
    clientIds: readonly string[];
    thumbprints: readonly string[];
    tags: Readonly<Record<string, string>>;
  }>;
  listOidcProviders(): Promise<readonly string[]>;
  accessKeyUser(accessKeyId: Sensitive): Promise<{ user: string; lastUsedAt: string | undefined }>;
  listAccessKeys(user: string): Promise<readonly AccessKey[]>;

  createOidcProvider(
    url: string,
    clientIds: readonly string[],
    tags: Readonly<Record<string, string>>,
  ): Promise<string>;
  deleteOidcProvider(arn: string): Promise<void>;
  addClientId(providerArn: string, clientId: string): Promise<void>;
  removeClientId(providerArn: string, clientId: string): Promise<void>;
  createRole(role: {
    readonly name: string;
    readonly path: string;
    readonly trustPolicy: string;
    readonly description: string;
    readonly tags: Readonly<Record<string, string>>;
  }): Promise<IamRole>;
  deleteRole(name: string): Promise<void>;
  updateTrustPolicy(role: string, document: string): Promise<void>;
  putRolePolicy(role: string, policy: string, document: string): Promise<void>;
  deleteRolePolicy(role: string, policy: string): Promise<void>;

  describeCluster(name: string): Promise<{
    name: string;
    arn: string;
    endpoint: string | undefined;
    issuer: string | undefined;
    /** EKS Auto Mode: `computeConfig.enabled`. */
    autoMode: boolean;
    /** ARN of the KMS key that Secrets are encrypted with (`encryptionConfig`); undefined where none was chosen. */
    encryptionKey: string | undefined;
  }>;
  listClusters(): Promise<readonly string[]>;
  /** Without a namespace, of all. */
  listPodIdentityAssociations(
    cluster: string,
    namespace: string | undefined,
  ): Promise<readonly { id: string; namespace: string; serviceAccount: string }[]>;
  describePodIdentityAssociation(
    cluster: string,
    id: string,
  ): Promise<{
    readonly id: string;
    readonly namespace: string;
    readonly serviceAccount: string;
    readonly roleArn: string;
    readonly targetRoleArn: string | undefined;
    readonly sessionTagsDisabled: boolean;
    readonly createdAt: string | undefined;
  }>;
  createPodIdentityAssociation(association: {
    readonly cluster: string;
    readonly namespace: string;
    readonly serviceAccount: string;
    readonly roleArn: string;
    readonly tags: Readonly<Record<string, string>>;
    /** Makes a repeated call one and the same. */
    readonly requestToken: string;
  }): Promise<{ id: string; arn: string }>;
  deletePodIdentityAssociation(cluster: string, id: string): Promise<void>;
  describeAddOn(cluster: string, name: string): Promise<{ status: string }>;
  /** As JSON text; undefined where the bucket has none. */
  bucketPolicy(bucket: string): Promise<string | undefined>;

  /** A bucket, with these credentials. */
  objectStore(options: ObjectStoreOptions): ObjectStore;
  /** Work that is not to be cut short: an interruption does not reach the reads in it. */
  shielded<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}
