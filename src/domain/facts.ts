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
import type { ConfiguredStorage } from "./configured-storage.ts";
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
import type { NetworkPolicyFacts } from "./gcp/metadata-egress.ts";
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
import type { BucketPolicyText } from "./iam/bucket-policy.ts";
import type { InputFacts } from "./input-facts.ts";
import type { Known } from "./known.ts";
import type { Condition } from "./operator/generation.ts";
import type { Owner } from "./owner.ts";
import type { ConfigMapFacts, SecretFacts, SecretReader, SecretsElsewhere, SharedKeys } from "./secret-facts.ts";
import type { AccessFacts, ApiServerFacts, ClockFacts, OperatorFacts, ServerFacts } from "./server-facts.ts";
import type { SuppressionEntry } from "./suppression.ts";
import type {
  EnvFromHashes,
  PodFacts,
  RevisionFacts,
  ServiceAccountFacts,
  StatefulSetFacts,
} from "./workload-facts.ts";

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

/** Everything that the cluster's and its backups' `envFrom` refer to. */
export interface ReferenceFacts {
  readonly secrets: Readonly<Record<string, Known<SecretFacts>>>;
  readonly configMaps: Readonly<Record<string, Known<ConfigMapFacts>>>;
  readonly hashes: Readonly<Partial<Record<GroupName, EnvFromHashes>>>;
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
