import type { JsonPatchOperation } from "../domain/plan.ts";
import type { ResourceType } from "../domain/resources.ts";
import type { Sensitive } from "../domain/sensitive.ts";

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
  /**
   * Versions of an API group that are served, the preferred one first. Every user may ask.
   * @throws KubeError not-served where there is no such group
   */
  servedVersions(group: string): Promise<readonly string[]>;
  /** Files that are read here hold an object of this kind. */
  holdsInFiles(kind: string): boolean;
  get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject>;
  /** All of them; without a namespace, of the whole cluster. */
  list(type: ResourceType, namespace: string | undefined, options?: ListOptions): Promise<readonly KubeObject[]>;
  getSecret(namespace: string, name: string): Promise<SecretObject>;
  /** All Secrets with their values; without a namespace, of the whole cluster. */
  listSecrets(namespace: string | undefined): Promise<readonly SecretObject[]>;
  /** The server's own clock in its newest answer. */
  serverTime(): Date | undefined;
  /** Lines of one of the API server's own metrics, in Prometheus' text format. */
  metric(name: string): Promise<readonly string[]>;
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
