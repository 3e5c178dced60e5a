import type { JsonPatchOperation } from "./domain/plan.ts";
import type { Printed, Redactor } from "./domain/redact.ts";
import type { ResourceType } from "./domain/resources.ts";
import type { Sensitive } from "./domain/sensitive.ts";
import type { Style } from "./domain/style.ts";

/** A Kubernetes object as it came over the wire; what is in it is not trusted. */
export type KubeObject = Readonly<Record<string, unknown>>;

/** Why a Kubernetes call failed, as far as the tool acts on it. */
export type KubeFailure =
  | "forbidden"
  | "unauthorized"
  | "not-found"
  | "not-served"
  | "conflict"
  | "invalid"
  | "unreachable"
  | "timeout"
  | "throttled"
  | "malformed"
  | "server-error"
  | "not-given";

/** A call that did not succeed. `message` is one printable line without any value that was sent. */
export class KubeError extends Error {
  readonly failure: KubeFailure;
  readonly status: number | undefined;

  constructor(failure: KubeFailure, message: string, status?: number) {
    super(message);
    this.name = "KubeError";
    this.failure = failure;
    this.status = status;
  }
}

export interface SecretObject {
  readonly metadata: KubeObject;
  readonly type: string;
  readonly immutable: boolean;
  readonly data: Readonly<Record<string, Sensitive>>;
  /** Keys of which only the names are known: the value is encrypted, or comes from somewhere else. */
  readonly sealed?: readonly string[];
  /** Keys under `data` that are no base64; their value is the text as it stands. The API server refuses such an object. */
  readonly undecodable?: readonly string[];
  /** It is written in a file, and not on the cluster yet. */
  readonly inFile?: boolean;
}

/** Where objects are read from: a cluster, files, or files laid over a cluster. Every call rejects with KubeError. */
export interface Reader {
  version(): Promise<{ gitVersion: string; minor: number }>;
  rules(namespace: string): Promise<KubeObject>;
  get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject>;
  /** All of them; without a namespace, of the whole cluster. */
  list(type: ResourceType, namespace: string | undefined, options?: ListOptions): Promise<readonly KubeObject[]>;
  getSecret(namespace: string, name: string): Promise<SecretObject>;
  /** All Secrets with their values; without a namespace, of the whole cluster. */
  listSecrets(namespace: string | undefined): Promise<readonly SecretObject[]>;
  /** The server's own clock in its newest answer. */
  serverTime(): Date | undefined;
}

/** The Kubernetes calls that the tool makes. */
export interface Kube extends Reader {
  readonly context: string;
  /** Base URL of the API server. */
  readonly server: string;
  /** Name of the context's cluster entry; `aws eks update-kubeconfig` writes the ARN of the EKS cluster there. */
  readonly clusterEntry: string;
  /** Namespace of the context, or `default`. */
  readonly namespace: string;
  /** The flags that chose this cluster; a command that is printed to be pasted repeats them. */
  readonly flags: readonly string[];
  /** Calls sent so far. */
  calls(): number;
  /** Creates and never replaces: a Secret that is there already is a conflict. Field manager `antfly-creds`. */
  createSecret(namespace: string, name: string, secret: NewSecret, options: WriteOptions): Promise<KubeObject>;
  /** Sets and removes keys of a Secret that still has this resourceVersion. */
  patchSecret(namespace: string, name: string, change: SecretChange, options: WriteOptions): Promise<KubeObject>;
  patch(
    type: ResourceType,
    namespace: string,
    name: string,
    operations: readonly JsonPatchOperation[],
    options: WriteOptions,
  ): Promise<KubeObject>;
  delete(type: ResourceType, namespace: string, name: string, uid: string): Promise<void>;
  /** A token of the ServiceAccount for this audience; 600 s is the least that the server gives. */
  createToken(
    namespace: string,
    serviceAccount: string,
    audience: string,
    expirationSeconds: number,
  ): Promise<Sensitive>;
  /** The issuer's discovery document, as the API server serves it. */
  openIdConfiguration(): Promise<KubeObject>;
  /** Server-side apply with field manager `antfly-creds` and without force: what another manager owns is a conflict. */
  apply(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    object: KubeObject,
    options: WriteOptions,
  ): Promise<KubeObject>;
  /** Work that is not to be cut short: an interruption does not reach the reads in it. */
  shielded<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Ask for metadata alone; no spec, no data crosses the wire. */
  readonly metadataOnly?: boolean;
}

export interface WriteOptions {
  readonly dryRun: boolean;
}

export interface NewSecret {
  readonly data: Readonly<Record<string, Sensitive>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface SecretChange {
  readonly resourceVersion: string;
  readonly set: Readonly<Record<string, Sensitive>>;
  readonly remove: readonly string[];
}

export interface KubeSelection {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number;
}

export interface Files {
  read(path: string): Promise<Uint8Array>;
  /** Files below a folder, or the file itself; links to folders are not followed. */
  list(path: string): Promise<readonly string[]>;
  /** Undefined when there is no such file, or none can be: `evenBelowAFile` takes what should be its folder for none. */
  readIfThere(path: string, options?: { readonly evenBelowAFile?: boolean }): Promise<Uint8Array | undefined>;
  /** Creates or replaces a file in one step, mode 0600; folders above it are made. */
  write(path: string, content: Uint8Array): Promise<void>;
  /** Rejects unless a file can be written there without making a folder. */
  assertWritable(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Which of these files Git keeps; undefined when that cannot be told: there is a work tree, and no Git to ask. */
  tracked(paths: readonly string[]): Promise<ReadonlySet<string> | undefined>;
  /** The root of the Git work tree that the path really lies in. */
  gitRoot(path: string): Promise<string | undefined>;
}

/** Static keys of a profile in the AWS shared files. */
export interface AwsProfile {
  readonly accessKeyId: Sensitive | undefined;
  readonly secretAccessKey: Sensitive | undefined;
  readonly sessionToken: Sensitive | undefined;
  readonly region: string | undefined;
}

/** Why a call to AWS, or to a store that speaks its protocol, failed, as far as the tool acts on it. */
export type AwsFailure =
  | "no-credentials"
  | "invalid-credentials"
  | "denied"
  | "not-found"
  | "exists"
  | "limit"
  | "invalid"
  | "throttled"
  | "unreachable"
  | "timeout"
  | "malformed"
  | "server-error";

/** A call that did not succeed. `message` is one printable line without any value that was sent. */
export class AwsError extends Error {
  readonly failure: AwsFailure;
  /** `iam:GetRole`, as an IAM policy names it. */
  readonly action: string;
  /** Error code of the service, e.g. `InvalidIdentityToken`; undefined where there was no answer. */
  readonly code: string | undefined;
  readonly status: number | undefined;
  /** Error code of the network where there was no answer, e.g. `ECONNREFUSED`. */
  readonly network: string | undefined;

  constructor(
    failure: AwsFailure,
    action: string,
    message: string,
    answer: { code?: string; status?: number; network?: string } = {},
  ) {
    super(message);
    this.name = "AwsError";
    this.network = answer.network;
    this.failure = failure;
    this.action = action;
    this.code = answer.code;
    this.status = answer.status;
  }
}

export interface AwsSelection {
  readonly profile?: string;
  readonly region?: string;
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number;
}

export interface AwsCredentials {
  readonly accessKeyId: Sensitive;
  readonly secretAccessKey: Sensitive;
  readonly sessionToken: Sensitive | undefined;
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

export interface ObjectStoreOptions {
  /** Decides addressing and checksums: virtual hosts and the SDK's defaults on `aws`, path style and none else. */
  readonly provider: "aws" | "gcs" | "s3-compatible";
  /** Undefined: the provider's own for the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Undefined: as nobody, without a signature. */
  readonly credentials: AwsCredentials | undefined;
  readonly bucket: string;
  /** Account that the bucket has to be of (`x-amz-expected-bucket-owner`): requests about any other's are denied. */
  readonly owner?: string;
  readonly timeoutMs: number;
}

/** The calls that are made on a bucket. Every call rejects with AwsError, whose action is `s3:…`. */
export interface ObjectStore {
  /** The region that the store names, whatever it answers otherwise. */
  bucketRegion(): Promise<string | undefined>;
  list(prefix: string, most: number): Promise<readonly { key: string; modifiedAt: string | undefined }[]>;
  get(key: string): Promise<Uint8Array>;
  /** Never replaces an object. */
  put(key: string, content: Uint8Array): Promise<{ versionId: string | undefined }>;
  delete(key: string, versionId?: string): Promise<void>;
  versioning(): Promise<"Enabled" | "Suspended" | "off">;
  /** Undefined where the bucket has none of its own. */
  encryption(): Promise<{ algorithm: string; key: string | undefined } | undefined>;
  objectLock(): Promise<boolean>;
}

/** Where people read and type. Everything printed has gone through the redactor. */
export interface Terminal {
  /** Text for people, or documents that are printed as JSON. */
  out(content: Printed): void;
  err(text: string): void;
  /** stderr may be a terminal while stdout is a pipe. */
  style(stream: "out" | "err"): Promise<Style>;
  /** Questions can be asked: stdin and stderr are terminals. */
  readonly interactive: boolean;
  confirm(question: string): Promise<boolean>;
  ask(
    question: string,
    options?: { initial?: string; validate?: (text: string) => string | undefined },
  ): Promise<string>;
  askSecret(question: string): Promise<Sensitive>;
  /** Shows one status line with elapsed time while the work goes on; nothing without a terminal. */
  during<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** @throws UserError when it is a terminal, or holds more than is read and all of it is wanted */
  readStdin(options?: StdinOptions): Promise<Uint8Array>;
}

export interface StdinOptions {
  /** What to do instead, where nothing is piped into the command. */
  readonly hint?: string;
  /** How much is read at most; 1 unless told. */
  readonly mebibytes?: number;
  /** Of more than that the end is enough. */
  readonly endOnly?: boolean;
}

/** Everything a command can reach. Clients are made when first asked for. */
export interface App {
  readonly terminal: Terminal;
  readonly redactor: Redactor;
  readonly files: Files;
  readonly cwd: string;
  readonly version: string;
  /** Where configuration may lie besides the working directory and the folders above it. */
  readonly configuration: {
    readonly named: string | undefined;
    readonly userFile: string | undefined;
    /** ANTFLY_CREDS_CLOUD=off: no cloud is asked. */
    readonly noCloud: boolean;
  };
  /** Folder with the pages of the checks. */
  readonly pages: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  now(): Date;
  random(bytes: number): Uint8Array;
  sleep(milliseconds: number): Promise<void>;
  kube(selection: KubeSelection): Promise<Kube>;
  awsProfile(name: string): Promise<AwsProfile>;
  aws(selection: AwsSelection): Promise<Aws>;
}
