import type { ServiceAccountFacts } from "../workload-facts.ts";
import type { GkeClusterFacts } from "../google-facts.ts";
import { valueOf } from "../known.ts";
import { workloadPoolOf } from "./gke-name.ts";
import type { Identity, Workload } from "./member.ts";

/** Where GKE looks for the Google service account of a ServiceAccount. */
export const GOOGLE_ANNOTATION = "iam.gke.io/gcp-service-account";

/** The ServiceAccount as Google knows it: in the pool of the project that the cluster is in. */
export function workloadOf(
  cluster: GkeClusterFacts,
  namespace: string,
  { name }: Pick<ServiceAccountFacts, "name">,
): Workload {
  const { project, location, name: ofCluster, workloadPool, projectNumber } = cluster;
  const pool = workloadPool ?? workloadPoolOf(project);
  return {
    pool,
    // The pool of a fleet is that of another project.
    projectNumber: pool === workloadPoolOf(project) ? valueOf(projectNumber) : undefined,
    namespace,
    name,
    cluster: { project, location, name: ofCluster },
  };
}

/**
 * Whom Google sees: with the annotation the metadata server acts as the account that it names, without it the
 * ServiceAccount is asked for itself, and there is no second try ("About Workload Identity Federation for GKE").
 */
export function effectiveIdentity(workload: Workload, account: string | undefined): Identity {
  return account === undefined ? { kind: "workload", ...workload } : { kind: "account", email: account };
}
