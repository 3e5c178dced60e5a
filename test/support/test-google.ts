/** Id and number of the project that is meant where none is named. */
export const PROJECT = "acme-prod";
export const NUMBER = "123456789012";

/** A binding of an allow policy, as Google writes it. `PROJECT` and `NUMBER` in any text stand for the server's own. */
export interface BindingSeed {
  readonly role: string;
  readonly members: readonly string[];
  readonly condition?: { readonly title: string; readonly expression: string };
}

/** What is there in Google Cloud; also the shape of `google:` in a check's fixture. */
export interface GoogleSeed {
  /** Id of the project that what names none is in; `acme-prod` unless told. */
  readonly project?: string;
  /** Its number; `123456789012` unless told. */
  readonly number?: string;
  /** Permissions that the tool's own identity does not have, e.g. `iam.serviceAccounts.getIamPolicy` or `container.*`. */
  readonly denied?: readonly string[];
  /** Further projects, and what is special about the first. */
  readonly projects?: readonly ProjectSeed[];
  readonly clusters?: readonly GkeSeed[];
  readonly accounts?: readonly GoogleAccountSeed[];
  /** Custom roles of the project. */
  readonly roles?: readonly { readonly id: string; readonly permissions: readonly string[] }[];
  readonly buckets?: readonly GoogleBucketSeed[];
  readonly hmacKeys?: readonly HmacKeySeed[];
}

export interface ProjectSeed {
  readonly id: string;
  readonly number?: string;
  readonly bindings?: readonly BindingSeed[];
  /** API → state; all are `ENABLED` unless told. */
  readonly services?: Readonly<Record<string, "ENABLED" | "DISABLED">>;
  /** The workload pool exists from the first cluster with Workload Identity on, unless told. */
  readonly workloadPool?: boolean;
}

export interface GkeSeed {
  /** `prod` unless told. */
  readonly name?: string;
  /** `europe-west1` unless told. */
  readonly location?: string;
  readonly project?: string;
  /** `PROJECT.svc.id.goog` unless told; false where Workload Identity is off. */
  readonly workloadPool?: string | false;
  readonly autopilot?: boolean;
  /** `networkConfig.datapathProvider`; Google does not say unless told. */
  readonly datapath?: "ADVANCED_DATAPATH" | "LEGACY_DATAPATH";
  readonly status?: string;
  readonly endpoint?: string;
  /** Of its ServiceAccounts' tokens, where that is not the cluster's own URL. */
  readonly issuer?: string;
  /** Name → mode; `{default-pool: GKE_METADATA}` unless told; "" for none. */
  readonly nodePools?: Readonly<Record<string, string>>;
  readonly databaseEncryption?: { readonly state: string; readonly currentState?: string; readonly keyName?: string };
}

export interface GoogleAccountSeed {
  /** Part of the email before the @. */
  readonly id: string;
  readonly project?: string;
  readonly uniqueId?: string;
  readonly disabled?: boolean;
  /** Addresses of Google groups that it is in; IAM does not tell. */
  readonly groups?: readonly string[];
  /** Of the account's own policy. */
  readonly bindings?: readonly BindingSeed[];
  readonly keys?: readonly { readonly id: string; readonly disabled?: boolean; readonly validBefore?: string }[];
}

export interface GoogleBucketSeed {
  readonly name: string;
  readonly project?: string;
  readonly location?: string;
  readonly requesterPays?: boolean;
  /** False where ACLs of objects count, too. */
  readonly uniformAccess?: boolean;
  readonly versioning?: boolean;
  /** Seconds for which no object can be deleted. */
  readonly retention?: number;
  readonly bindings?: readonly BindingSeed[];
  /** Key → text. */
  readonly objects?: Readonly<Record<string, string>>;
}

export interface HmacKeySeed {
  /** 61 characters for a service account, 24 for a person. */
  readonly id: string;
  readonly secret: string;
  /** Email. */
  readonly account: string;
  readonly project?: string;
  readonly state?: "ACTIVE" | "INACTIVE" | "DELETED";
  readonly createdAt?: string;
}

/** Google Cloud that tests run against: the strict server in this process, its storage part over a real one in the live lane. */
export interface TestGoogle {
  readonly project: string;
  readonly number: string;
  /** `PROJECT.svc.id.goog`. */
  readonly pool: string;
  /** What the tool is started with to ask this cloud as an administrator. */
  readonly env: Readonly<Record<string, string>>;
  /** Adds these; what is there under the same name is replaced. */
  seed(state: GoogleSeed): Promise<void>;
  stop(): Promise<void>;
}

/** `ID@PROJECT.iam.gserviceaccount.com`. */
export function emailOf({ project }: Pick<TestGoogle, "project">, id: string): string {
  return `${id}@${project}.iam.gserviceaccount.com`;
}

/** What `init workload-identity` binds: the Kubernetes ServiceAccount as a member of the Google account's policy. */
export function workloadMember({ pool }: Pick<TestGoogle, "pool">, namespace: string, serviceAccount: string): string {
  return `serviceAccount:${pool}[${namespace}/${serviceAccount}]`;
}
