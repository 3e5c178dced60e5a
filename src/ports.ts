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
  readonly configuration: { readonly named: string | undefined; readonly userFile: string | undefined };
  /** Folder with the pages of the checks. */
  readonly pages: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  now(): Date;
  random(bytes: number): Uint8Array;
  sleep(milliseconds: number): Promise<void>;
  kube(selection: KubeSelection): Promise<Kube>;
  awsProfile(name: string): Promise<AwsProfile>;
}
