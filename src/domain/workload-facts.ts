import type { EnvFromSource } from "./env/effective.ts";
import type { GroupName } from "./facts.ts";
import type { Owner } from "./owner.ts";
import type { KeyFacts } from "./values/classify.ts";

/** Both envFrom hashes of one list; `content` is unknown when a source could not be read. */
export interface EnvFromHashes {
  readonly content: string | undefined;
  readonly reference: string | undefined;
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
