import type { IssuerFacts, RoleFacts } from "./aws-facts.ts";
import type { Owner } from "./owner.ts";
import type { SecretFacts } from "./secret-facts.ts";
import type { Known } from "./known.ts";

/** Group of the kinds of External Secrets, as its CRDs have it. */
export const EXTERNAL_SECRETS_GROUP = "external-secrets.io";

/** Versions of `external-secrets.io` that the API server serves, the preferred one first; none where it is not installed. */
export interface ExternalSecretsApi {
  readonly versions: readonly string[];
}

export type StoreKind = "SecretStore" | "ClusterSecretStore";

export interface StoreRef {
  readonly kind: StoreKind;
  readonly name: string;
  /** JSON pointer to the reference, in the ExternalSecret. */
  readonly path: string;
  /** The kind is written there; otherwise it is SecretStore by default. */
  readonly explicit: boolean;
}

/** A condition of an ExternalSecret or a store. */
export interface SyncCondition {
  readonly status: string;
  readonly reason: string;
  /** Of an ExternalSecret a general sentence; what the provider said is in its events alone. */
  readonly message: string;
  /** `lastTransitionTime`, RFC 3339: when the status last became another one. */
  readonly since: string | undefined;
}

/** One entry of `spec.data`. */
export interface MappedKey {
  readonly secretKey: string;
  /** `remoteRef.key`: what the entry is called at the provider. */
  readonly remoteKey: string;
  readonly property: string | undefined;
  /** `None`, `Base64`, `Base64URL`, `Auto`. */
  readonly decoding: string;
}

/** One entry of `spec.dataFrom`. */
export interface MappedMap {
  readonly from: "extract" | "find" | "generator" | "other";
  /** `extract.key`. */
  readonly remoteKey: string | undefined;
  readonly decoding: string;
}

/** An ExternalSecret that writes, or nearly writes, a Secret that the cluster refers to. */
export interface ExternalSecretFacts {
  readonly namespace: string;
  readonly name: string;
  /** Undefined where it is written in a file, and not on the cluster yet. */
  readonly uid: string | undefined;
  readonly apiVersion: string;
  /** RFC 3339; undefined as the uid. */
  readonly createdAt: string | undefined;
  readonly deleting: boolean;
  /** Name of the Secret that it writes. */
  readonly target: string;
  /** The Secret that the cluster refers to: the target, or one that is missing and whose name is a slip of the pen away. */
  readonly wanted: string;
  /** All stores that it names: `spec.secretStoreRef`, and `sourceRef` of single entries. */
  readonly stores: readonly StoreRef[];
  /** As it is written: `1h0m0s`, `0`. */
  readonly refreshInterval: string;
  /** `Periodic`, `OnChange`, `CreatedOnce`. */
  readonly refreshPolicy: string;
  /** It is refreshed at certain times alone (`spec.syncWindows`). */
  readonly syncWindows: boolean;
  /** `Owner`, `Orphan`, `Merge`, `None`; later versions also have `CreateOrMerge`. */
  readonly creationPolicy: string;
  /** `Retain`, `Delete`, `Merge`. */
  readonly deletionPolicy: string;
  readonly immutable: boolean;
  readonly data: readonly MappedKey[];
  readonly dataFrom: readonly MappedMap[];
  /** Undefined without one: the Secret then holds what was fetched. */
  readonly template: SecretTemplate | undefined;
  /** Undefined where the controller has not looked at it yet. */
  readonly ready: SyncCondition | undefined;
  /** When it last synced, RFC 3339; a sync that failed does not move it. */
  readonly refreshTime: string | undefined;
  readonly owner: Owner | undefined;
}

export interface SecretTemplate {
  /** `Replace` (what was fetched is left out) or `Merge`. */
  readonly mergePolicy: string;
  /** Names under `template.data`. */
  readonly keys: readonly string[];
  /** More come from `templateFrom`. */
  readonly more: boolean;
}

/** A Secret's key that a store authenticates with. */
export interface AuthSecretRef {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  /** JSON pointer to the reference, in the store. */
  readonly path: string;
}

/** The ServiceAccount whose token a store authenticates with. */
export interface StoreAccountRef {
  readonly namespace: string;
  readonly name: string;
  /** Beside the one that the provider asks for. */
  readonly audiences: readonly string[];
}

/** Who may use a ClusterSecretStore; one of them has to hold. */
export interface StoreCondition {
  readonly namespaces: readonly string[];
  readonly regexes: readonly string[];
  /** `matchLabels`; undefined where there is no selector, or one that is more than that. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** A selector with `matchExpressions`: whether it holds is not told here. */
  readonly expressions: boolean;
}

/** A SecretStore or ClusterSecretStore that one of those ExternalSecrets names. */
export interface SecretStoreFacts {
  readonly kind: StoreKind;
  readonly name: string;
  /** Undefined for a ClusterSecretStore. */
  readonly namespace: string | undefined;
  /** Undefined as for an ExternalSecret. */
  readonly uid: string | undefined;
  readonly apiVersion: string;
  /** Field under `spec.provider`: `aws`, `gcpsm`, `vault`, `azurekv`, `fake` … */
  readonly provider: string;
  /** `SecretsManager` or `ParameterStore`, for aws. */
  readonly service: string | undefined;
  readonly region: string | undefined;
  /** `projectID`, for gcpsm. */
  readonly project: string | undefined;
  /** `path` of a mount, for vault. */
  readonly mount: string | undefined;
  /** `vaultUrl`, for azurekv. */
  readonly vaultUrl: string | undefined;
  readonly account: StoreAccountRef | undefined;
  readonly secrets: readonly AuthSecretRef[];
  readonly conditions: readonly StoreCondition[];
  readonly ready: SyncCondition | undefined;
  readonly owner: Owner | undefined;
}

/** The stores that are named, those that are not there included. */
export interface SecretStoresFacts {
  readonly stores: readonly SecretStoreFacts[];
  /** Names that are missing, and where a store of that name, or nearly, is instead. */
  readonly missing: readonly MissingStore[];
  /** Labels of the cluster's namespace; undefined where no store asks for them, or they could not be read. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
}

export interface MissingStore {
  readonly kind: StoreKind;
  readonly name: string;
  /** The same name under the other kind. */
  readonly otherKind: boolean;
  /** Names of stores of this kind in the namespace; of a cluster store they are not looked for. */
  readonly others: readonly string[];
}

/** A Warning event on an ExternalSecret or a store; one of each object and reason, the newest. */
export interface SyncEvent {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  /** What the provider said, printable, without what may be a secret. */
  readonly message: string;
  /** RFC 3339. */
  readonly at: string;
}

/** A Secret that a store authenticates with: by its names, sizes and shapes alone. */
export interface StoreSecretFacts {
  readonly namespace: string;
  readonly name: string;
  readonly secret: Known<SecretFacts>;
}

/** The ServiceAccount of a store of AWS, and the role that its annotation names. */
export interface StoreIdentityFacts {
  readonly store: { readonly kind: StoreKind; readonly name: string };
  readonly namespace: string;
  readonly name: string;
  readonly there: boolean;
  /** `eks.amazonaws.com/role-arn`. */
  readonly roleArn: string | undefined;
  /** `eks.amazonaws.com/audience`, or that of STS. */
  readonly audience: string;
  readonly role: Known<RoleFacts>;
  readonly issuer: Known<IssuerFacts>;
}

/** The validating webhook of External Secrets. */
export interface ExternalSecretsWebhook {
  /** Of the configuration. */
  readonly name: string;
  readonly service: { readonly namespace: string; readonly name: string };
  /** `Fail` blocks what cannot be validated, `Ignore` lets it through. */
  readonly failurePolicy: string;
  /** Endpoints of the service that are ready. */
  readonly readyEndpoints: number;
}
