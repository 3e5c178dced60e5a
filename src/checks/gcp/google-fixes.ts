import { edit, gcloudCommand, type Fix } from "../../domain/finding.ts";
import type { IamPolicy } from "../../domain/gcp/iam-policy.ts";
import { WORKLOAD_USER } from "../../domain/gcp/roles.ts";
import type { GkeClusterFacts } from "../../domain/google-facts.ts";

export const MINUTES = edit("it may take some minutes until Google knows it everywhere");

/** Of a Google service account. */
interface Account {
  readonly email: string;
  readonly project: string;
  readonly policy: IamPolicy | undefined;
}

/** Where some binding has a condition gcloud asks whether the new one is to have one, too. */
function condition(policy: IamPolicy | undefined): string[] {
  return policy?.bindings.some((one) => one.condition !== undefined) === true ? ["--condition", "None"] : [];
}

/** Lets a ServiceAccount of Kubernetes act as the account. */
export function bind({ email, project, policy }: Account, member: string): Fix {
  return gcloudCommand`gcloud iam service-accounts add-iam-policy-binding ${email} --project ${project} --role ${WORKLOAD_USER} --member ${member} ${condition(policy)}`;
}

export function unbind({ email, project, policy }: Account, role: string, member: string): Fix {
  const all = condition(policy).length > 0 ? ["--all"] : [];
  return gcloudCommand`gcloud iam service-accounts remove-iam-policy-binding ${email} --project ${project} --role ${role} --member ${member} ${all}`;
}

export function giveInBucket(bucket: string, role: string, member: string, policy: IamPolicy | undefined): Fix {
  return gcloudCommand`gcloud storage buckets add-iam-policy-binding ${`gs://${bucket}`} --role ${role} --member ${member} ${condition(policy)}`;
}

export function takeInBucket(bucket: string, role: string, member: string, policy: IamPolicy | undefined): Fix {
  const all = condition(policy).length > 0 ? ["--all"] : [];
  return gcloudCommand`gcloud storage buckets remove-iam-policy-binding ${`gs://${bucket}`} --role ${role} --member ${member} ${all}`;
}

export function metadataServer({ name, location, project }: GkeClusterFacts, pool: string): Fix {
  return gcloudCommand`gcloud container node-pools update ${pool} --cluster ${name} --location ${location} --project ${project} --workload-metadata GKE_METADATA`;
}

export function workloadPool({ name, location, project }: GkeClusterFacts, pool: string): Fix {
  return gcloudCommand`gcloud container clusters update ${name} --location ${location} --project ${project} --workload-pool ${pool}`;
}
