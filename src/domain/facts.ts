import type { EffectiveEnvironment, EnvFromSource } from "./env/effective.ts";
import type { Known } from "./known.ts";
import type { Condition, Generation, GenerationEvidence } from "./operator/generation.ts";
import type { KeyFacts } from "./values/classify.ts";

/** One node group of a cluster: the StatefulSet `<cluster>-<group>` and the sources its pods read at start. */
export type GroupName = "metadata" | "data" | "swarm" | "standalone";

export interface NodeGroup {
  readonly name: GroupName;
  /** Field of the AntflyCluster's spec, e.g. `metadataNodes`. */
  readonly field: string;
  readonly statefulSet: string;
  readonly envFrom: readonly EnvFromSource[];
  /** Entries of the list that refer to nothing, or to two things; the operator refuses them, the API server does not. */
  readonly invalid: readonly InvalidSource[];
}

export interface InvalidSource {
  /** Place in the list, from 0. */
  readonly index: number;
  readonly problem: string;
}

/** Another tool that would undo a change made by hand, with the field that shows it. */
export interface Owner {
  readonly tool: "Argo CD" | "Flux" | "Helm" | "External Secrets" | "Sealed Secrets";
  readonly evidence: string;
}

export interface ClusterFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly image: string;
  readonly groups: readonly NodeGroup[];
  readonly conditions: readonly Condition[];
  /** `spec.secretStore`: a mounted file whose entries override the environment. */
  readonly secretStore: string | undefined;
  /** What `spec.config` sets under `storage.s3` itself; that overrides the environment. */
  readonly configured: { readonly endpoint: boolean; readonly credentials: boolean; readonly connections: boolean };
  readonly owner: Owner | undefined;
}

export interface SecretFacts {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: string;
  readonly immutable: boolean;
  /** RFC 3339, whole seconds. */
  readonly createdAt: string;
  /** Upper bound of the last change of `data` (newest managedFields entry that owns part of it); unknown when stripped. */
  readonly dataChangedAt: string | undefined;
  readonly keys: Readonly<Record<string, KeyFacts>>;
  readonly owner: Owner | undefined;
}

export interface ConfigMapFacts {
  readonly createdAt: string;
  /** As for a Secret. */
  readonly dataChangedAt: string | undefined;
  readonly keys: Readonly<Record<string, KeyFacts>>;
}

/** Both envFrom hashes of one list; `content` is unknown when a source could not be read. */
export interface EnvFromHashes {
  readonly content: string | undefined;
  readonly reference: string | undefined;
}

/** Everything that the cluster's and its backups' `envFrom` refer to. */
export interface ReferenceFacts {
  readonly secrets: Readonly<Record<string, Known<SecretFacts>>>;
  readonly configMaps: Readonly<Record<string, Known<ConfigMapFacts>>>;
  readonly hashes: Readonly<Partial<Record<GroupName, EnvFromHashes>>>;
}

export interface StatefulSetFacts {
  readonly name: string;
  /** `antfly.io/envfrom-hash` of the pod template. */
  readonly envFromHash: string | undefined;
  /** `antfly.io/config-hash` of the pod template; only generation 3 writes it. */
  readonly configHash: string | undefined;
  readonly envFrom: readonly EnvFromSource[];
}

export interface PodFacts {
  readonly name: string;
  readonly group: GroupName;
  readonly envFromHash: string | undefined;
  /** Sources in the pod's own spec, which may be older than the AntflyCluster's. */
  readonly envFrom: readonly EnvFromSource[];
  /** When the running container `antfly` started, RFC 3339; undefined while it is not running. */
  readonly startedAt: string | undefined;
  /** Why the container waits, e.g. `CreateContainerConfigError`. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly terminating: boolean;
}

/** An AntflyBackup or AntflyRestore of this cluster. */
export interface BackupFacts {
  readonly kind: "AntflyBackup" | "AntflyRestore";
  readonly name: string;
  readonly namespace: string;
  readonly location: string;
  readonly credentialsSecret: string | undefined;
  /** A named connection of `spec.config` (generation 3) that brings its own credentials. */
  readonly connection: string | undefined;
}

export interface OperatorFacts {
  readonly generation: Generation | undefined;
  readonly evidence: readonly GenerationEvidence[];
}

export interface ServerFacts {
  readonly version: string;
  /** Minor version of Kubernetes 1.x. */
  readonly minor: number;
}

/** One rule of a SelfSubjectRulesReview. */
export interface AccessRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

export interface AccessFacts {
  readonly rules: readonly AccessRule[];
  /** The server could not list everything (another authorizer decides): a missing rule then proves nothing. */
  readonly incomplete: boolean;
}

/** Namespaces that hold a Secret of this name. */
export type SecretsElsewhere = Readonly<Record<string, readonly string[]>>;

export interface FactMap {
  server: ServerFacts;
  access: AccessFacts;
  /** Absent when the API server does not serve the AntflyCluster resource. */
  clusters: readonly ClusterFacts[];
  cluster: ClusterFacts;
  backups: readonly BackupFacts[];
  references: ReferenceFacts;
  elsewhere: SecretsElsewhere;
  environments: readonly EffectiveEnvironment[];
  statefulSets: readonly StatefulSetFacts[];
  pods: readonly PodFacts[];
  crdFields: readonly string[];
  operator: OperatorFacts;
}

export type FactKey = keyof FactMap;
export type Facts = { readonly [K in FactKey]?: Known<FactMap[K]> };
