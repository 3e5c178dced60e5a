import type { EncryptionAtRest } from "./at-rest.ts";
import type {
  AwsCaller,
  IdentityWebhookFacts,
  IssuerFacts,
  OidcProviderFacts,
  OidcProviderList,
  PodIdentityAgentFacts,
  PodIdentityFacts,
  ProbeFacts,
  RoleFacts,
  RolePolicy,
  StaticKeyFacts,
  StorageAim,
  UserPolicies,
  WebIdentityFacts,
} from "./aws-facts.ts";
import type {
  GkeClusterFacts,
  GkeName,
  GoogleAccountFacts,
  GoogleAim,
  GoogleBucketFacts,
  GoogleIdentityFacts,
  GoogleKeyState,
  GoogleRoles,
  HmacKeyFacts,
  NodeFacts,
} from "./google-facts.ts";
import type { EffectiveEnvironment, EnvFromSource } from "./env/effective.ts";
import type {
  ExternalSecretFacts,
  ExternalSecretsApi,
  ExternalSecretsWebhook,
  SecretStoresFacts,
  StoreIdentityFacts,
  StoreSecretFacts,
  SyncEvent,
} from "./external-secrets-facts.ts";
import type { FileSpan, Ref } from "./finding.ts";
import type { NetworkPolicyFacts } from "./gcp/metadata-egress.ts";
import type { BucketPolicyText } from "./iam/bucket-policy.ts";
import type { PolicyKind } from "./iam/policy-kind.ts";
import type { InputProblem } from "./inputs.ts";
import type { Known } from "./known.ts";
import type { Condition, Generation, GenerationEvidence } from "./operator/generation.ts";
import type { SuppressionEntry } from "./suppression.ts";
import type { KeyFacts } from "./values/classify.ts";

/** One node group of a cluster: the StatefulSet `<cluster>-<group>` and the sources its pods read at start. */
export type GroupName = "metadata" | "data" | "swarm" | "standalone";

export interface NodeGroup {
  readonly name: GroupName;
  /** Field of the AntflyCluster's spec, e.g. `metadataNodes`. */
  readonly field: string;
  readonly statefulSet: string;
  /** Undefined where the spec leaves it to the operator. */
  readonly replicas: number | undefined;
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
  /** `Clustered`, `Swarm`, or a later one's `Standalone`. */
  readonly mode: string;
  readonly groups: readonly NodeGroup[];
  readonly conditions: readonly Condition[];
  /** `spec.serviceAccountName`; without it the pods run as `default`. */
  readonly serviceAccount: string | undefined;
  /** `spec.eks.irsaRoleARN`, which no operator uses. */
  readonly eksRole: string | undefined;
  /** `spec.secretStore`: a mounted file whose entries override the environment. */
  readonly secretStore: string | undefined;
  /** Key of that Secret which is the file. */
  readonly secretStoreKey: string;
  readonly configured: ConfiguredStorage;
  /** What the operator will refuse, although the API server takes it: pointer and problem. */
  readonly refused: readonly { readonly path: string; readonly problem: string }[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: Owner | undefined;
}

/** What `spec.config` sets itself; that overrides the environment. */
export interface ConfiguredStorage {
  /** Under `storage.s3`. */
  readonly endpoint: boolean;
  /** That endpoint; undefined also in facts of a version that did not look. */
  readonly endpointUrl: string | undefined;
  readonly credentials: boolean;
  /** Named connections (generation 3). */
  readonly connections: boolean;
  /** Their ids; undefined where `spec.config` could not be read, and in facts of a version that did not look. */
  readonly connectionIds: readonly string[] | undefined;
  /** Pointers to credentials that stand there in clear. */
  readonly literals: readonly string[];
  /** Buckets that it names; undefined in facts of a version that did not look. */
  readonly buckets: readonly ConfiguredBucket[] | undefined;
  /** The same of Google's; undefined as those. */
  readonly googleBuckets: readonly ConfiguredGoogleBucket[] | undefined;
}

/** A bucket of a named connection (generation 3) with the protocol of Google Cloud Storage. */
export interface ConfiguredGoogleBucket {
  readonly bucket: string;
  readonly prefix: string;
  readonly connection: string;
  /** `project_id`. */
  readonly project: string | undefined;
  /** `gcs_credentials.source`. */
  readonly source: string | undefined;
}

/** A bucket of `storage.s3`, or of a named connection (generation 3) with the protocol of S3. */
export interface ConfiguredBucket {
  readonly bucket: string;
  readonly prefix: string;
  /** Undefined for `storage.s3`. */
  readonly connection: string | undefined;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** `credentials.source` of the connection. */
  readonly source: string | undefined;
  /** `credentials.role_arn` of the connection. */
  readonly roleArn: string | undefined;
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
  /** `kubectl.kubernetes.io/restartedAt` of the pod template. */
  readonly restartedAt: string | undefined;
  /** That the template's pods run as; undefined in facts that an earlier version saved. */
  readonly serviceAccount: string | undefined;
  readonly envFrom: readonly EnvFromSource[];
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly updatedReplicas: number;
  /** The controller has seen the newest spec: the counts are about it. */
  readonly settled: boolean;
  readonly revisions: { readonly current: string; readonly update: string };
  /** `updateStrategy: OnDelete`: nobody replaces the pods. */
  readonly onDelete: boolean;
  /** Pods of a lower ordinal are never replaced. */
  readonly partition: number;
}

/** A template that a StatefulSet has or had, as the controller keeps it (ControllerRevision). */
export interface RevisionFacts {
  readonly name: string;
  readonly statefulSet: string;
  /** Goes up with each change of the template; one that comes back gets the next number, and stays the same object. */
  readonly revision: number;
  /** When the controller first saw this template, RFC 3339. */
  readonly createdAt: string;
  /** `kubectl.kubernetes.io/restartedAt` of the template. */
  readonly restartedAt: string | undefined;
}

/** An explicit `env` entry of a container. */
export interface ContainerVariable {
  readonly name: string;
  /** Undefined when it is taken from somewhere. */
  readonly facts: KeyFacts | undefined;
  readonly from: { readonly kind: "Secret" | "ConfigMap"; readonly name: string; readonly key: string } | undefined;
}

export interface PodFacts {
  readonly name: string;
  readonly group: GroupName;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly envFromHash: string | undefined;
  /** `kubectl.kubernetes.io/restartedAt` that the pod was made with. */
  readonly restartedAt: string | undefined;
  /** `controller-revision-hash`. */
  readonly revision: string;
  readonly serviceAccount: string;
  readonly node: string | undefined;
  /** Sources in the pod's own spec, which may be older than the AntflyCluster's. */
  readonly envFrom: readonly EnvFromSource[];
  readonly env: readonly ContainerVariable[];
  readonly ready: boolean;
  /** When the running container `antfly` started, RFC 3339; undefined while it is not running. */
  readonly startedAt: string | undefined;
  /** Why the container waits, e.g. `CreateContainerConfigError`. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly terminating: boolean;
  /** What gives the pod an identity in the cloud, as its spec has it; undefined in facts that an earlier version saved. */
  readonly identity: PodIdentityInputs | undefined;
}

/** What a webhook, or somebody by hand, has put into the pod so that it finds its identity. */
export interface PodIdentityInputs {
  /** Plain values of explicit variables that are no secrets: `AWS_ROLE_ARN`, `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_REGION` … */
  readonly variables: Readonly<Record<string, string>>;
  /** Projected ServiceAccount tokens that are mounted into the container. */
  readonly tokens: readonly { readonly volume: string; readonly audience: string; readonly mountPath: string }[];
  /** `eks.amazonaws.com/…` and `iam.gke.io/…` labels and annotations. */
  readonly marks: Readonly<Record<string, string>>;
  readonly fsGroup: number | undefined;
  readonly runAsNonRoot: boolean;
  readonly hostNetwork: boolean;
  /** A volume is mounted at or above `~/.aws`. */
  readonly awsFolderMounted: boolean;
}

/** An AntflyBackup or AntflyRestore of this cluster. */
export interface BackupFacts {
  readonly kind: "AntflyBackup" | "AntflyRestore";
  readonly name: string;
  readonly namespace: string;
  /** The AntflyCluster that it belongs to. */
  readonly cluster: { readonly namespace: string; readonly name: string };
  /** Field of its spec that says where: `destination`, or `source` of a restore. */
  readonly field: "destination" | "source";
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

/** The ServiceAccount that the pods run as. */
export interface ServiceAccountFacts {
  readonly name: string;
  /** `eks.amazonaws.com/role-arn`. */
  readonly awsRole: string | undefined;
  /** `iam.gke.io/gcp-service-account`. */
  readonly gcpAccount: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** Undefined where it is written in a file, or an earlier version saved the facts. */
  readonly uid: string | undefined;
  /** RFC 3339; undefined as the uid. */
  readonly createdAt: string | undefined;
  /** Upper bound of the last write of `eks.amazonaws.com/role-arn` (managedFields); undefined when that cannot be told. */
  readonly awsRoleWrittenAt: string | undefined;
  readonly owner: Owner | undefined;
}

/** Node clocks: seconds that a node's last heartbeat lies before (or, negative, after) the API server's own time. */
export type ClockFacts = readonly { readonly node: string; readonly behindSeconds: number }[];

/** Who may read some of the cluster's Secrets, beside the control plane. */
export interface SecretReader {
  /** `ServiceAccount production/web`, `Group system:authenticated`. */
  readonly subject: string;
  readonly binding: Ref;
  /** `ClusterRole edit`. */
  readonly role: string;
  readonly secrets: readonly string[];
}

/** Flags of each kube-apiserver, where they run as pods that can be seen. */
export type ApiServerFacts = readonly {
  readonly pod: string;
  readonly encryption: boolean;
  readonly audit: boolean;
}[];

/** Where else a value is. */
export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** Other Secrets that hold the access key of one of the cluster's. */
export type SharedKeys = readonly { readonly secret: string; readonly others: readonly SecretKey[] }[];

/** A Secret whose values stand in a file in clear. */
export interface PlainSecret {
  readonly subject: Ref;
  readonly file: string;
  readonly keys: readonly { readonly key: string; readonly field: "data" | "stringData"; readonly facts: KeyFacts }[];
  readonly location: FileSpan;
}

/** A credential that stands in clear where no Secret is: in an environment variable, an argument, a configuration. */
export interface LiteralCredential {
  readonly subject: Ref;
  readonly path: string;
  readonly what: string;
  readonly location: FileSpan;
}

/** An EncryptionConfiguration: the providers of Secrets in their order, and what kube-apiserver refuses to start with. */
export interface EncryptionInput {
  readonly file: string;
  readonly location: FileSpan;
  readonly providers: readonly string[];
  readonly refused: readonly { readonly what: string; readonly location: FileSpan }[];
  /** A key stands in it, and not only where a KMS is. */
  readonly holdsKey: boolean;
}

/** An object of External Secrets that stands in a file. */
export interface SyncInput {
  readonly subject: Ref;
  readonly apiVersion: string;
  readonly location: FileSpan;
}

/** What the files hold besides AntflyClusters. */
export interface InputFacts {
  readonly files: readonly string[];
  readonly problems: readonly InputProblem[];
  /** Files that Git keeps; undefined when that could not be told. */
  readonly tracked: readonly string[] | undefined;
  readonly plainSecrets: readonly PlainSecret[];
  /** Env files, with the names of the values in them that are secrets. */
  readonly envFiles: readonly { readonly file: string; readonly secrets: readonly string[] }[];
  readonly literals: readonly LiteralCredential[];
  readonly policies: readonly PolicyFacts[];
  readonly encryption: readonly EncryptionInput[];
  /** Buckets and prefixes that the AntflyBackups among the files write to. */
  readonly aims: readonly { readonly bucket: string; readonly prefix: string }[];
  readonly externalSecrets: readonly SyncInput[];
}

export interface PolicyFacts {
  readonly file: string;
  readonly kind: PolicyKind;
  readonly value: unknown;
}

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
  /** Empty where the pods of each node group are of one age: no restart has left some of them out. */
  revisions: readonly RevisionFacts[];
  crdFields: readonly string[];
  operator: OperatorFacts;
  serviceAccount: ServiceAccountFacts;
  clocks: ClockFacts;
  secretReaders: readonly SecretReader[];
  apiServer: ApiServerFacts;
  encryptionAtRest: EncryptionAtRest;
  sharedKeys: SharedKeys;
  inputs: InputFacts;
  suppressions: readonly SuppressionEntry[];
  awsCaller: AwsCaller;
  issuer: IssuerFacts;
  /** The role that the ServiceAccount's annotation names; absent when AWS has none of that name. */
  irsaRole: RoleFacts;
  irsaPolicies: readonly RolePolicy[];
  /** By bucket; only of those for which the role's own policies do not give what is needed. */
  bucketPolicies: Readonly<Record<string, BucketPolicyText>>;
  /** In the role's account; absent when there is none for the cluster's issuer. */
  oidcProvider: OidcProviderFacts;
  oidcProviders: OidcProviderList;
  /** Absent where nothing says that the pods are meant to have an identity in this way. */
  podIdentity: PodIdentityFacts;
  /** The role of the ServiceAccount's association. */
  podIdentityRole: RoleFacts;
  podIdentityPolicies: readonly RolePolicy[];
  podIdentityAgent: PodIdentityAgentFacts;
  /** Absent where no pod lacks what it gives, and nobody looked. */
  identityWebhook: IdentityWebhookFacts;
  /** Buckets and prefixes that the database is to use. */
  aims: readonly StorageAim[];
  staticKeys: readonly StaticKeyFacts[];
  /** Of the IAM users that the static keys are of; a policy that could not be read is a gap. */
  userPolicies: readonly UserPolicies[];
  webIdentity: WebIdentityFacts;
  probes: readonly ProbeFacts[];
  /** Absent where nothing says that the cluster is one of GKE. */
  gkeCluster: GkeClusterFacts;
  /** Clusters of the same project that share its workload pool, this one left out. */
  gkePeers: readonly GkeName[];
  nodes: readonly NodeFacts[];
  /** Absent where Google has none of the annotation's name. */
  googleAccount: GoogleAccountFacts;
  googleAims: readonly GoogleAim[];
  /** One a bucket of `googleAims`; a bucket that is not there is none. */
  googleBuckets: readonly GoogleBucketFacts[];
  googleRoles: GoogleRoles;
  /** Those that are in the cluster's Secrets. */
  googleKeys: readonly GoogleKeyState[];
  /** Of the namespace; absent where nothing points to Google. */
  networkPolicies: readonly NetworkPolicyFacts[];
  googleIdentity: GoogleIdentityFacts;
  hmacKeys: readonly HmacKeyFacts[];
  /** Absent where nothing of the cluster has to do with it. */
  externalSecretsApi: ExternalSecretsApi;
  /** Those that write the cluster's Secrets; empty where none is looked for. */
  externalSecrets: readonly ExternalSecretFacts[];
  secretStores: SecretStoresFacts;
  /** Of ExternalSecrets that are not synced and stores that are not ready. */
  syncEvents: readonly SyncEvent[];
  /** Of stores that something is wrong with. */
  storeSecrets: readonly StoreSecretFacts[];
  storeIdentities: readonly StoreIdentityFacts[];
  /** Absent where none was looked for, or there is none. */
  externalSecretsWebhook: ExternalSecretsWebhook;
}

export type FactKey = keyof FactMap;
export type Facts = { readonly [K in FactKey]?: Known<FactMap[K]> };
