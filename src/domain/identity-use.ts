import type { PodIdentityFacts } from "./aws-facts.ts";
import type { EffectiveEnvironment } from "./env/effective.ts";
import { hasStaticKey } from "./env/static-keys.ts";
import type { BackupFacts, ClusterFacts, ReferenceFacts } from "./facts.ts";
import type { PodFacts, ServiceAccountFacts } from "./workload-facts.ts";
import type { Severity } from "./finding.ts";

/** What decides how much hangs on the identity that the pods' ServiceAccount brings. */
export interface IdentityUse {
  readonly cluster: ClusterFacts | undefined;
  readonly environments: readonly EffectiveEnvironment[] | undefined;
  readonly references: ReferenceFacts | undefined;
  readonly backups: readonly BackupFacts[] | undefined;
  readonly pods?: readonly PodFacts[] | undefined;
}

/**
 * Static keys do without an identity: they come first in the chain of every SDK. A connection of generation 3 says itself
 * where its credentials come from. `maybe` where not all that could hold a key was read.
 */
export function reliance(use: IdentityUse): "all" | "maybe" | "none" {
  const { cluster, environments = [], references, backups = [] } = use;
  if (cluster === undefined) return "maybe";
  const named = backups.flatMap(({ connection }) => connection ?? []);
  if (named.some((connection) => takesIdentity(cluster, connection))) return "all";
  const key = hasStaticKey(cluster, environments, references);
  return key === undefined ? "maybe" : key ? "none" : "all";
}

/** A connection that passes the environment by. One whose configuration could not be read may do so. */
function takesIdentity({ configured }: ClusterFacts, connection: string): boolean {
  const source = configured.buckets?.find((one) => one.connection === connection)?.source;
  return source === undefined || source === "web_identity";
}

/** The same for the role of the ServiceAccount: pods that have their identity from Pod Identity do without that, too. */
function roleReliance(use: IdentityUse): ReturnType<typeof reliance> {
  const pods = (use.pods ?? []).filter(({ terminating }) => !terminating);
  return pods.length > 0 && pods.every(showsPodIdentity) ? "none" : reliance(use);
}

/** A required check of the role is so where the ServiceAccount names one, and nothing certainly does without it. */
export function reliesOnRole(use: IdentityUse & { readonly serviceAccount: ServiceAccountFacts | undefined }): boolean {
  const { serviceAccount } = use;
  return (serviceAccount === undefined || serviceAccount.awsRole !== undefined) && roleReliance(use) !== "none";
}

/** How grave it is that the role cannot be had. */
export function withoutRole(use: IdentityUse): Severity {
  return roleReliance(use) === "all" ? "critical" : "warning";
}

/** What the webhook of EKS puts into a pod that is to have its identity from the Pod Identity agent. */
export function showsPodIdentity({ identity }: PodFacts): boolean {
  return (
    identity?.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]?.includes("/v1/credentials") === true ||
    identity?.marks["eks.amazonaws.com/pod-identity"] === "enabled"
  );
}

/** What the webhook asks for where neither the ServiceAccount nor its own flags say otherwise. */
export const USUAL_AUDIENCE = "sts.amazonaws.com";
export const AUDIENCE_ANNOTATION = "eks.amazonaws.com/audience";

/** Where the webhook mounts the token of IRSA. */
export const TOKEN_MOUNT = "/var/run/secrets/eks.amazonaws.com/serviceaccount";

/**
 * The audience of the token that pods take to STS: as the ServiceAccount says, else as the webhook has given it to pods
 * that are there, else the usual one.
 */
export function tokenAudience({ annotations }: ServiceAccountFacts, pods: readonly PodFacts[] = []): string {
  const given = pods.flatMap(({ identity, terminating }) => (terminating ? [] : (identity?.tokens ?? [])));
  const injected = given.find(({ mountPath }) => mountPath === TOKEN_MOUNT)?.audience;
  return annotations[AUDIENCE_ANNOTATION] ?? injected ?? USUAL_AUDIENCE;
}

/** A required check of Pod Identity is so where the pods are meant to have it, and no static key certainly does without. */
export function reliesOnPodIdentity(
  use: IdentityUse & { readonly podIdentity: PodIdentityFacts | undefined },
): boolean {
  const { podIdentity, pods = [] } = use;
  const meant =
    podIdentity?.association !== undefined || podIdentity?.near !== undefined || pods.some(showsPodIdentity);
  return meant && reliance(use) !== "none";
}

/** How grave it is that Pod Identity gives the pods nothing. */
export function withoutPodIdentity(use: IdentityUse): Severity {
  return reliance(use) === "all" ? "critical" : "warning";
}
