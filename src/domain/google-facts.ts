import type { CallOutcome, StorageAim } from "./aws-facts.ts";
import type { IamPolicy } from "./gcp/iam-policy.ts";
import type { Known } from "./known.ts";

/** Names a GKE cluster. `location` is a zone or a region. */
export interface GkeName {
  /** Id of the project, not its number. */
  readonly project: string;
  readonly location: string;
  readonly name: string;
}

export interface GkeNodePool {
  readonly name: string;
  /** `workloadMetadataConfig.mode`: `GKE_METADATA` gives pods their own identity; undefined is as `GCE_METADATA`. */
  readonly metadataMode: string | undefined;
  readonly status: string;
}

/** What Google says of a GKE cluster. */
export interface GkeDescription extends GkeName {
  /** `workloadIdentityConfig.workloadPool`, e.g. `PROJECT.svc.id.goog`; undefined where Workload Identity is off. */
  readonly workloadPool: string | undefined;
  readonly autopilot: boolean;
  /** `networkConfig.datapathProvider`: `ADVANCED_DATAPATH` is GKE Dataplane V2; undefined where Google does not say. */
  readonly datapath?: string | undefined;
  /** `RUNNING`, `RECONCILING` … */
  readonly status: string;
  readonly nodePools: readonly GkeNodePool[];
  /** Application-layer encryption of Secrets. */
  readonly databaseEncryption:
    | {
        readonly state: string;
        /** What is in force, where Google says it: what was asked for takes its time, or fails. */
        readonly currentState?: string | undefined;
        readonly keyName: string | undefined;
      }
    | undefined;
}

/** The GKE cluster that the API server is of. */
export interface GkeClusterFacts extends GkeDescription {
  /** What named it: `--gke-cluster`, `context` (the kubeconfig), `issuer` (its own), `nodes` (their project and its address). */
  readonly namedBy: string;
  /** Number of the project. */
  readonly projectNumber: Known<string>;
}

/** A node, as far as it says how pods there come by an identity. */
export interface NodeFacts {
  readonly name: string;
  /** `cloud.google.com/gke-nodepool`. */
  readonly pool: string | undefined;
  /** `iam.gke.io/gke-metadata-server-enabled=true`. */
  readonly metadataServer: boolean;
  /** Of `spec.providerID` (`gce://PROJECT/ZONE/NAME`, `aws:///…`): undefined where there is none. */
  readonly provider: string | undefined;
  /** Id of the Google project, of the same. */
  readonly project: string | undefined;
}

/** The Google service account that the ServiceAccount's annotation names. */
export interface GoogleAccountFacts {
  readonly email: string;
  /** 21 digits or so: another one after it was deleted and made again. */
  readonly uniqueId: string;
  readonly project: string;
  readonly disabled: boolean;
  /** Who may act as it. */
  readonly policy: Known<IamPolicy>;
  /** Of its project: roles there hold for the account too. */
  readonly projectPolicy: Known<IamPolicy>;
  /** State of `iamcredentials.googleapis.com` in its project. */
  readonly credentialsApi: Known<"ENABLED" | "DISABLED">;
}

/** A bucket of Google Cloud Storage that the database is to use by its own API (`gs://`). */
export interface GoogleAim extends StorageAim {
  readonly scheme: "gs";
  /** Named connection of `spec.config` that it goes through (generation 3). */
  readonly connection: string | undefined;
  /** `gcs_credentials.source` of the connection: `default` is ADC, with the metadata server last. */
  readonly source: "default" | "bearer_token" | "service_account";
}

export interface GoogleBucketFacts {
  readonly bucket: string;
  /** Number of its project; undefined where its settings could not be read. */
  readonly project: string | undefined;
  readonly policy: Known<IamPolicy>;
  /** Allow policy of the bucket's project, where that is known. */
  readonly projectPolicy: Known<IamPolicy>;
  readonly requesterPays: Known<boolean>;
  /** Uniform bucket-level access: ACLs of objects do not count. */
  readonly uniformAccess: Known<boolean>;
}

/** A JSON key of a Google service account that the cluster has in a Secret, and what Google has of it. */
export interface GoogleKeyState {
  readonly secret: string;
  /** Key of the Secret. */
  readonly entry: string;
  readonly account: string;
  readonly keyId: string;
  readonly key: Known<{
    readonly found: "key" | "no-key" | "no-account";
    readonly disabled: boolean;
    /** RFC 3339. */
    readonly validBefore: string | undefined;
  }>;
}

/** Permissions of roles that are not predefined, by the role's name. */
export type GoogleRoles = Readonly<Record<string, Known<readonly string[]>>>;

/** The ServiceAccount's token taken to Google, from where the tool runs. */
export interface GoogleIdentityFacts {
  /** Of Kubernetes. */
  readonly serviceAccount: string;
  /** `PROJECT.svc.id.goog`. */
  readonly pool: string;
  /** `identitynamespace:POOL:https://container.googleapis.com/v1/projects/…`. */
  readonly audience: string;
  readonly token: { readonly issuer: string; readonly subject: string; readonly audiences: readonly string[] };
  /** `sts.googleapis.com/v1/token`. */
  readonly exchanged: CallOutcome;
  /** Google service account that is impersonated; undefined where the principal has its rights directly. */
  readonly account: string | undefined;
  /** `generateAccessToken`; not tried for a direct principal. */
  readonly impersonated: CallOutcome;
  /** Who the pods are to Google: the account's email, or `principal://…`; undefined where the latter is not known. */
  readonly principal: string | undefined;
  readonly buckets: readonly GoogleBucketAccess[];
}

/** What `testPermissions` says with the workload's own token. */
export interface GoogleBucketAccess {
  readonly aim: GoogleAim;
  readonly asked: readonly string[];
  readonly granted: readonly string[];
  readonly outcome: CallOutcome;
}

/** An HMAC key of Google Cloud Storage that the cluster has in a Secret. */
export interface HmacKeyFacts {
  /** Where it is read: `Secret backup-credentials`. */
  readonly source: string;
  readonly secret: string | undefined;
  /** Key of the Secret that holds the id; undefined for what is no plain value of one. */
  readonly idKey: string | undefined;
  /** `GOOG…Q7XA`. */
  readonly keyId: string;
  /** Length tells a service account's (61) from a person's (24). */
  readonly ofPerson: boolean;
  /** Projects that were asked: the key itself does not say which it is of. */
  readonly askedIn: readonly string[];
  /** What Google has of it; absent where none of these projects has such a key. */
  readonly key: Known<{
    readonly state: "ACTIVE" | "INACTIVE" | "DELETED";
    readonly account: string;
    readonly project: string;
    /** RFC 3339. */
    readonly createdAt: string | undefined;
  }>;
  /** Buckets that it is for, as far as Google has them; read only where the key is known. */
  readonly buckets: readonly GoogleBucketFacts[];
}
