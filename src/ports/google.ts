import type { IamPolicy } from "../domain/gcp/iam-policy.ts";
import type { GkeDescription, GkeName } from "../domain/google-facts.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import type { ObjectStore } from "./object-store.ts";

export interface GoogleSelection {
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number;
}

export interface GkeCluster extends GkeDescription {
  /** Hosts that the API server is reached at: its public and private address, and its name. */
  readonly endpoints: readonly string[];
}

export interface GoogleServiceAccount {
  readonly email: string;
  readonly uniqueId: string;
  readonly project: string;
  readonly disabled: boolean;
  readonly description: string;
}

export interface HmacKey {
  readonly accessId: string;
  readonly account: string;
  readonly project: string;
  readonly state: "ACTIVE" | "INACTIVE" | "DELETED";
  /** RFC 3339. */
  readonly createdAt: string | undefined;
  readonly etag: string | undefined;
}

export interface GoogleBucket {
  readonly name: string;
  /** Number of the project that it is in. */
  readonly projectNumber: string;
  readonly location: string;
  readonly requesterPays: boolean;
  /** A retention policy, or holds that new objects are put under, keep what is written from being removed. */
  readonly retained: boolean;
  /** Without it ACLs of objects count besides the policy. */
  readonly uniformAccess: boolean;
}

/**
 * The calls to Google Cloud that the tool makes, with its own identity (Application Default Credentials) unless a token is
 * given. Every call rejects with GoogleError. Where an API is reached follows gcloud's own variables
 * (`CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM`, `…_STORAGE` …).
 */
export interface Google {
  /** What a person should know of the set-up. */
  readonly notes: readonly string[];
  /** Calls sent so far, those of its object stores among them. */
  calls(): number;
  /** Project of the tool's own identity, or of the environment; undefined where neither names one. */
  project(): Promise<string | undefined>;

  getCluster(cluster: GkeName): Promise<GkeCluster>;
  /** Of all locations. */
  listClusters(project: string): Promise<readonly GkeCluster[]>;
  /** Turns Workload Identity on, or off with an empty name, and waits until it is. */
  setWorkloadPool(cluster: GkeName, pool: string): Promise<void>;
  /** Gives the pods of a node pool their own identities; its nodes are made anew. Waits until that is done. */
  setMetadataMode(cluster: GkeName, nodePool: string, mode: "GKE_METADATA" | "GCE_METADATA"): Promise<void>;

  getProject(project: string): Promise<{ readonly id: string; readonly number: string }>;
  getProjectPolicy(project: string): Promise<IamPolicy>;
  getService(project: string, service: string): Promise<"ENABLED" | "DISABLED">;

  getServiceAccount(email: string): Promise<GoogleServiceAccount>;
  createServiceAccount(account: {
    readonly project: string;
    /** Part of the email before the @: 6 to 30 lower-case letters, digits, dashes. */
    readonly id: string;
    readonly displayName: string;
    readonly description: string;
  }): Promise<GoogleServiceAccount>;
  deleteServiceAccount(email: string): Promise<void>;
  getServiceAccountPolicy(email: string): Promise<IamPolicy>;
  /** Replaces the policy whose etag it holds; `conflict` when that is no longer the one in force. */
  setServiceAccountPolicy(email: string, policy: IamPolicy): Promise<IamPolicy>;
  listServiceAccountKeys(email: string): Promise<
    readonly {
      readonly id: string;
      readonly disabled: boolean;
      /** RFC 3339. */
      readonly validBefore: string | undefined;
    }[]
  >;
  /** Permissions of a predefined or custom role, by its full name (`roles/storage.admin`, `projects/P/roles/R`). */
  getRole(name: string): Promise<readonly string[]>;

  /** Needs no identity of one's own: a ServiceAccount's token for one of the workload pool's federated tokens. */
  exchangeToken(request: { readonly audience: string; readonly token: Sensitive }): Promise<Sensitive>;
  /** With the token of somebody who may impersonate the account. */
  generateAccessToken(request: {
    readonly account: string;
    readonly token: Sensitive;
    readonly lifetimeSeconds: number;
  }): Promise<Sensitive>;

  getBucket(bucket: string): Promise<GoogleBucket>;
  getBucketPolicy(bucket: string): Promise<IamPolicy>;
  setBucketPolicy(bucket: string, policy: IamPolicy): Promise<IamPolicy>;
  /** The ones of these permissions that the token's holder has. */
  testBucketPermissions(request: {
    readonly bucket: string;
    readonly permissions: readonly string[];
    readonly token: Sensitive;
  }): Promise<readonly string[]>;

  getHmacKey(project: string, accessId: string): Promise<HmacKey>;
  listHmacKeys(project: string, account: string): Promise<readonly HmacKey[]>;
  createHmacKey(project: string, account: string): Promise<{ readonly key: HmacKey; readonly secret: Sensitive }>;
  setHmacKeyState(
    project: string,
    accessId: string,
    state: "ACTIVE" | "INACTIVE",
    etag: string | undefined,
  ): Promise<HmacKey>;
  /** Of an inactive key. */
  deleteHmacKey(project: string, accessId: string): Promise<void>;

  /** A bucket by Google's own API, with this token. */
  objectStore(options: { readonly bucket: string; readonly token: Sensitive }): ObjectStore;
  /** Work that is not to be cut short: an interruption does not reach the reads in it. */
  shielded<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}
