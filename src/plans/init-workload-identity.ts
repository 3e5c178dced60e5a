import { GOOGLE_ANNOTATION } from "../domain/gcp/workload-identity.ts";
import type { Plan, Step } from "../domain/plan.ts";
import { accountStep, backupStep, clusterStep, withoutAnnotationStep } from "./cluster-identity.ts";
import { googleAccountSteps, bucketSteps } from "./google-steps.ts";
import { gkeSteps } from "./gke-steps.ts";
import { forgetStep } from "./journal-note.ts";
import type { WorkloadIdentityInput } from "./workload-identity-input.ts";

/**
 * From the cloud to the pods, as for IRSA: the workload pool has to be there before a policy can name its members. Without
 * an account the ServiceAccount must not have the annotation: with it the nodes try to act as an account all the same.
 */
export function planInitWorkloadIdentity(input: WorkloadIdentityInput): Plan {
  const { target, cluster, account, googleAccount, use } = input;
  const annotations: Record<string, string> =
    googleAccount === undefined ? {} : { [GOOGLE_ANNOTATION]: googleAccount.email };
  const steps = [
    ...gkeSteps(input.gke),
    ...googleAccountSteps(input),
    ...bucketSteps(input),
    accountStep(cluster.namespace, account, annotations),
    googleAccount === undefined ? withoutAnnotationStep(cluster.namespace, account, GOOGLE_ANNOTATION) : undefined,
    clusterStep(input),
    ...(use?.backups ?? []).map(backupStep),
  ].filter((step): step is Step => step !== undefined);
  return {
    schema: 1,
    kind: "init",
    target,
    basis: basisOf(input),
    steps: steps.length > 0 ? steps : forgetStep(input),
  };
}

function basisOf({ cluster, account, gke, googleAccount, buckets }: WorkloadIdentityInput): Plan["basis"] {
  const etag = (known: string | undefined): string => known ?? "none";
  return {
    [`AntflyCluster ${cluster.name} uid`]: cluster.uid,
    [`AntflyCluster ${cluster.name} generation`]: String(cluster.generation),
    [`ServiceAccount ${account.name} uid`]: account.existing?.uid ?? "absent",
    [`workload pool of GKE cluster ${gke.cluster.name}`]: gke.poolIsOn ? gke.pool : "off",
    ...(googleAccount === undefined
      ? {}
      : {
          [`policy of Google service account ${googleAccount.email}`]:
            googleAccount.existing === undefined ? "absent" : etag(googleAccount.existing.etag),
        }),
    ...Object.fromEntries(buckets.map((bucket) => [`policy of bucket ${bucket.name}`, etag(bucket.etag)])),
  };
}
