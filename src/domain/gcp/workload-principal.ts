/** A ServiceAccount of Kubernetes, in the workload pool of its cluster's project. */
export interface Workload {
  /** `PROJECT.svc.id.goog`. */
  readonly pool: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** As a member of a Google service account's policy, which it may act as. */
export function workloadMember({ pool, namespace, serviceAccount }: Workload): string {
  return `serviceAccount:${pool}[${namespace}/${serviceAccount}]`;
}

/** As a principal that has rights itself. The path has the project's number, and the pool its id. */
export function workloadPrincipal(projectNumber: string, { pool, namespace, serviceAccount }: Workload): string {
  return `principal://iam.googleapis.com/projects/${projectNumber}/locations/global/workloadIdentityPools/${pool}/subject/ns/${namespace}/sa/${serviceAccount}`;
}
