import type { GkeName } from "./google-facts.ts";
import type { Target } from "./report.ts";
import type { ResourceType } from "./resources.ts";

/** One operation of a JSON patch (RFC 6902). */
export interface JsonPatchOperation {
  readonly op: "test" | "add" | "replace" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

/**
 * What each kind of step is told. Values are not in here: `keys` are slots, filled when the step is carried out.
 */
export interface StepMap {
  "secret.create": { readonly namespace: string; readonly name: string; readonly keys: readonly string[] };
  "secret.patch": {
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion: string;
    readonly keys: readonly string[];
    readonly remove: readonly string[];
  };
  "cluster.patch": {
    readonly namespace: string;
    readonly name: string;
    readonly operations: readonly JsonPatchOperation[];
    /** Takes the change back, if the values are still the ones that were written. */
    readonly inverse: readonly JsonPatchOperation[];
  };
  /** An AntflyBackup or AntflyRestore, as `cluster.patch`. */
  "backup.patch": {
    readonly kind: "AntflyBackup" | "AntflyRestore";
    readonly namespace: string;
    readonly name: string;
    readonly operations: readonly JsonPatchOperation[];
    readonly inverse: readonly JsonPatchOperation[];
  };
  /** A custom object of which `spec` is wanted as it stands here, by server-side apply. */
  "object.apply": {
    readonly type: ResourceType;
    readonly namespace: string;
    readonly name: string;
    readonly spec: Readonly<Record<string, unknown>>;
    /** As it was read, and what it is put back to; undefined: it is to be created. */
    readonly existing:
      | {
          readonly uid: string;
          readonly generation: number;
          /** Made by this tool. */
          readonly own: boolean;
          readonly spec: Readonly<Record<string, unknown>>;
        }
      | undefined;
    /** What Kubernetes removes with it, for people. */
    readonly owns?: string;
  };
  /** Changes nothing: the steps after it need the Secret that the External Secrets operator writes. */
  "external-secret.wait": {
    readonly type: ResourceType;
    readonly namespace: string;
    readonly name: string;
    readonly store: { readonly type: ResourceType; readonly name: string };
    readonly secret: string;
    /** Names that the Secret has to have. */
    readonly keys: readonly string[];
    readonly waitMs: number;
    /** A failure that a status tells may be that of before the steps before this one. */
    readonly mayBeOld: boolean;
  };
  "service-account.apply": {
    readonly namespace: string;
    readonly name: string;
    /** Undefined: it is to be created. */
    readonly uid: string | undefined;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    /** Names of Secrets that one of our own pulls images with. */
    readonly pullSecrets: readonly string[];
    /** Annotations that it is put back to; undefined where there was none. */
    readonly before: Readonly<Record<string, string>>;
  };
  /** Something that another manager may own, by a JSON patch as `cluster.patch`. */
  "service-account.patch": {
    readonly namespace: string;
    readonly name: string;
    readonly operations: readonly JsonPatchOperation[];
    readonly inverse: readonly JsonPatchOperation[];
  };
  /** The note that an interrupted run has left, once nothing of what it names is to be done. */
  "journal.remove": { readonly namespace: string; readonly name: string; readonly uid: string };
  "aws.provider.create": { readonly arn: string; readonly url: string; readonly clientIds: readonly string[] };
  "aws.provider.add-client": { readonly arn: string; readonly clientId: string };
  /** Policies are JSON texts, as they are sent. */
  "aws.role.create": {
    readonly arn: string;
    readonly name: string;
    readonly path: string;
    readonly description: string;
    readonly trustPolicy: string;
  };
  "aws.role.trust": { readonly role: string; readonly before: string; readonly after: string };
  "aws.role.policy": {
    readonly role: string;
    readonly policy: string;
    /** Undefined: the role has no such policy. */
    readonly before: string | undefined;
    readonly after: string;
  };
  "aws.association.create": {
    readonly cluster: string;
    readonly namespace: string;
    readonly serviceAccount: string;
    readonly roleArn: string;
  };
  /** The pool is that of the cluster's own project. */
  "google.pool.enable": { readonly cluster: GkeName; readonly pool: string };
  "google.metadata.enable": {
    readonly cluster: GkeName;
    readonly nodePool: string;
    /** Undefined is as `GCE_METADATA`. */
    readonly before: string | undefined;
  };
  "google.account.create": {
    readonly email: string;
    readonly project: string;
    /** Part of the email before the @. */
    readonly id: string;
    readonly displayName: string;
    /** What is made has the run's own mark after it. */
    readonly description: string;
  };
  /** One member more in the binding of a role that has no condition. */
  "google.account.bind": { readonly email: string; readonly role: string; readonly member: string };
  /** A key for the protocol of S3. Its id and secret fill the slots of the Secret that is written next. */
  "google.hmac.create": { readonly account: string; readonly project: string };
  "google.bucket.bind": { readonly bucket: string; readonly role: string; readonly member: string };
  "file.write": { readonly path: string; readonly content: string };
  "file.secret": {
    readonly path: string;
    readonly namespace: string;
    readonly name: string;
    readonly keys: readonly string[];
  };
}

export type StepKind = keyof StepMap;

export interface StepOf<K extends StepKind> {
  readonly id: string;
  /** Says what is done, e.g. `create Secret production/backup-credentials`. */
  readonly title: string;
  readonly do: K;
  readonly with: StepMap[K];
  readonly undo: "auto" | "none";
  /** What a person is shown before being asked: lines with + and -; never a value. */
  readonly diff: readonly string[];
}

export type Step = { [K in StepKind]: StepOf<K> }[StepKind];

/** What is to be done, complete and printable, holding no secret. */
export interface Plan {
  readonly schema: 1;
  readonly kind: "init";
  readonly target: Target;
  /** What the plan was made from; a plan is refused when it has changed. */
  readonly basis: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** Proof that a step was carried out: the ids that its undo needs, and no secret. */
export interface Receipt {
  readonly step: string;
  /** RFC 3339. */
  readonly at: string;
  readonly made: Readonly<Record<string, string>>;
}
