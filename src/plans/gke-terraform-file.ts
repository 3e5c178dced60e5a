import { WORKLOAD_USER } from "../domain/gcp/roles.ts";
import { quoted } from "./hcl.ts";
import { accountDescription, displayNameOf } from "./google-steps.ts";
import type { GkeInput, GoogleAccountInput, WorkloadIdentityInput } from "./workload-identity-input.ts";

/**
 * The same in Terraform's language. A member is added to each policy (`_member`), and nothing else in it is Terraform's: the
 * resources for a whole policy or a whole role would take it from everybody who is not in the file. An account that is
 * there belongs to whoever made it, and is read.
 */
export function gkeTerraformFile(input: WorkloadIdentityInput): string {
  const { cluster, account, gke, googleAccount } = input;
  const blocks = [
    `# The identity of ServiceAccount ${cluster.namespace}/${account.name} on Google Cloud.${clusterRemark(gke)}`,
    REQUIREMENTS,
    ...(googleAccount === undefined ? [] : [accountBlock(input, googleAccount), bindingBlock(input, googleAccount)]),
    ...bucketBlocks(input),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** `member` of an account came in the course of version 4 of the Google provider. */
const REQUIREMENTS = `terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}`;

/** A cluster has a resource of its own somewhere, which no second one can change. */
function clusterRemark({ cluster, pool, poolIsOn, nodePools }: GkeInput): string {
  const lines = [
    ...(poolIsOn
      ? []
      : [`google_container_cluster ${cluster.name}: workload_identity_config { workload_pool = ${quoted(pool)} }`]),
    ...nodePools.map(
      ({ name }) =>
        `google_container_node_pool ${name}: node_config { workload_metadata_config { mode = "GKE_METADATA" } }`,
    ),
  ];
  return lines.length === 0
    ? ""
    : `\n# What is missing of GKE cluster ${cluster.name} is to be set where that is written:\n${lines.map((line) => `#   ${line}`).join("\n")}`;
}

function accountBlock(
  { cluster, gke }: WorkloadIdentityInput,
  { email, id, project, existing }: GoogleAccountInput,
): string {
  if (existing !== undefined) return `data "google_service_account" "antfly" {\n  account_id = ${quoted(email)}\n}`;
  return `resource "google_service_account" "antfly" {
  project      = ${quoted(project)}
  account_id   = ${quoted(id)}
  display_name = ${quoted(displayNameOf(cluster))}
  description  = ${quoted(accountDescription(cluster, gke.pool))}
}`;
}

function bindingBlock({ member }: WorkloadIdentityInput, account: GoogleAccountInput): string {
  return `resource "google_service_account_iam_member" "workload" {
  service_account_id = ${reference(account)}.name
  role               = ${quoted(WORKLOAD_USER)}
  member             = ${quoted(member)}
}`;
}

function bucketBlocks({ buckets, role, principal, googleAccount }: WorkloadIdentityInput): string[] {
  const member = googleAccount === undefined ? quoted(principal) : `${reference(googleAccount)}.member`;
  return buckets.map(
    ({ name }, i) => `resource "google_storage_bucket_iam_member" "backups${i === 0 ? "" : `_${i + 1}`}" {
  bucket = ${quoted(name)}
  role   = ${quoted(role)}
  member = ${member}
}`,
  );
}

function reference({ existing }: GoogleAccountInput): string {
  return existing !== undefined ? "data.google_service_account.antfly" : "google_service_account.antfly";
}
