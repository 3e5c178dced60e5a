import type { Ref } from "./finding.ts";
import type { Owner } from "./owner.ts";
import type { KeyFacts } from "./values/classify.ts";

export interface SecretFacts {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: string;
  readonly immutable: boolean;
  /** RFC 3339, whole seconds. */
  readonly createdAt: string;
  /** Upper bound of the last change of `data` (newest managedFields entry that owns part of it); unknown when stripped. */
  readonly dataChangedAt: string | undefined;
  /** Who owns parts of `data` (managedFields); undefined in facts of a version that did not look. */
  readonly dataManagers: readonly DataManager[] | undefined;
  readonly keys: Readonly<Record<string, KeyFacts>>;
  /** Names of the entries of a secret store's file; undefined when the key is not there or no such file. */
  readonly storeEntries: readonly string[] | undefined;
  /** What `kubectl.kubernetes.io/last-applied-configuration` repeats of it. */
  readonly lastApplied: "data" | "stringData" | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** Written in a file, and not on the cluster yet. */
  readonly inFile: boolean;
  readonly owner: Owner | undefined;
}

/** A field manager that owns keys of a Secret's `data`. */
export interface DataManager {
  readonly manager: string;
  readonly keys: readonly string[];
  /** RFC 3339. */
  readonly at: string | undefined;
}

export interface ConfigMapFacts {
  readonly createdAt: string;
  /** As for a Secret. */
  readonly dataChangedAt: string | undefined;
  readonly keys: Readonly<Record<string, KeyFacts>>;
}

/** Namespaces that hold a Secret of this name. */
export type SecretsElsewhere = Readonly<Record<string, readonly string[]>>;

/** Who may read some of the cluster's Secrets, beside the control plane. */
export interface SecretReader {
  /** `ServiceAccount production/web`, `Group system:authenticated`. */
  readonly subject: string;
  readonly binding: Ref;
  /** `ClusterRole edit`. */
  readonly role: string;
  readonly secrets: readonly string[];
}

/** Where else a value is. */
export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** Other Secrets that hold the access key of one of the cluster's. */
export type SharedKeys = readonly { readonly secret: string; readonly others: readonly SecretKey[] }[];
