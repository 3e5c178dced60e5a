import type { GkeName } from "../domain/google-facts.ts";
import type { IdentityInput } from "./identity-input.ts";

/** The GKE cluster, and what of it keeps pods from having an identity of their own. */
export interface GkeInput {
  readonly cluster: GkeName;
  /** `PROJECT.svc.id.goog` of the cluster's project. */
  readonly pool: string;
  readonly poolIsOn: boolean;
  /** Node pools that the pods run on, and whose nodes still answer them with an identity of their own. */
  readonly nodePools: readonly {
    readonly name: string;
    /** Undefined is as `GCE_METADATA`. */
    readonly mode: string | undefined;
  }[];
}

/** The Google service account that the pods act as. */
export interface GoogleAccountInput {
  readonly email: string;
  /** Undefined: there is no such account yet. */
  readonly existing:
    | {
        /** Of its policy. */
        readonly etag: string | undefined;
        /** The ServiceAccount may act as it. */
        readonly isBound: boolean;
      }
    | undefined;
  /** Id of the project that it is in, or from which it is looked for where Google has made it itself. */
  readonly project: string;
  /** Part of the email before the @. */
  readonly id: string;
}

export interface GoogleBucketInput {
  readonly name: string;
  /** Of its policy. */
  readonly etag: string | undefined;
  /** The principal has the role there. */
  readonly isBound: boolean;
}

/** What an identity on GKE is planned from. */
export interface WorkloadIdentityInput extends IdentityInput {
  readonly gke: GkeInput;
  /** Undefined: the ServiceAccount is a principal itself. */
  readonly googleAccount: GoogleAccountInput | undefined;
  /** The ServiceAccount as a member of the account's policy. */
  readonly member: string;
  /** What has the role on the buckets: the account, or the ServiceAccount itself. */
  readonly principal: string;
  /** `roles/storage.objectUser`. */
  readonly role: string;
  readonly buckets: readonly GoogleBucketInput[];
}
