import { WORKLOAD_USER } from "../domain/gcp/roles.ts";
import { shellWord } from "../domain/shell.ts";
import { accountDescription, displayNameOf } from "./google-steps.ts";
import type { GkeInput, GoogleAccountInput, WorkloadIdentityInput } from "./workload-identity-input.ts";

/** The same with the `gcloud` command: each part looks first or adds what may be there, so that it can be run again. */
export function gcloudScript(input: WorkloadIdentityInput): string {
  const { gke, googleAccount, buckets } = input;
  const parts = [
    HEAD,
    ...(gke.poolIsOn && gke.nodePools.length === 0 ? [] : [clusterPart(gke)]),
    ...gke.nodePools.map(({ name }) => nodePoolPart(name)),
    ...(googleAccount === undefined ? [] : [accountPart(input, googleAccount), bindingPart(input.member)]),
    ...(buckets.length === 0 ? [] : [variables({ principal: input.principal, role: input.role })]),
    ...buckets.map(({ name }) => bucketPart(name)),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** `NAME=VALUE` lines; the value is one word whatever is in it. */
function variables(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${shellWord(value)}`)
    .join("\n");
}

const HEAD = `#!/bin/sh
# The identity of an AntflyCluster on Google Cloud. It can be run again: what is there already stays.
set -eu
fail() {
  printf 'error: %s\\n' "$1" >&2
  exit 1
}
# What was just made is not known everywhere at once.
tries=1
patiently() {
  left=$tries
  until "$@" >/dev/null; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || exit 1
    sleep 10
  done
}`;

function clusterPart({ cluster, pool, poolIsOn }: GkeInput): string {
  const { project, location, name } = cluster;
  const names = variables({ cluster: name, location, cluster_project: project, pool });
  if (poolIsOn) return names;
  return `# Where the pods have identities of their own from.
${names}
has=$(gcloud container clusters describe "$cluster" --location "$location" --project "$cluster_project" --format 'value(workloadIdentityConfig.workloadPool)')
if [ -z "$has" ]; then
  gcloud container clusters update "$cluster" --location "$location" --project "$cluster_project" --workload-pool "$pool" --quiet
  tries=6
elif [ "$has" != "$pool" ]; then
  fail "cluster $cluster has workload pool $has"
fi`;
}

function nodePoolPart(name: string): string {
  return `# All nodes of the pool are made anew where this changes it.
${variables({ node_pool: name })}
mode=$(gcloud container node-pools describe "$node_pool" --cluster "$cluster" --location "$location" --project "$cluster_project" --format 'value(config.workloadMetadataConfig.mode)')
if [ "$mode" != GKE_METADATA ]; then
  gcloud container node-pools update "$node_pool" --cluster "$cluster" --location "$location" --project "$cluster_project" --workload-metadata GKE_METADATA --quiet
fi`;
}

function accountPart({ cluster, gke }: WorkloadIdentityInput, { email, id, project }: GoogleAccountInput): string {
  const names = variables({
    account: email,
    account_id: id,
    account_project: project,
    display_name: displayNameOf(cluster),
    description: accountDescription(cluster, gke.pool),
  });
  return `${names}
if problem=$(gcloud iam service-accounts describe "$account" --project "$account_project" 2>&1 >/dev/null); then
  :
else
  case $problem in
  *NOT_FOUND*)
    gcloud iam service-accounts create "$account_id" --project "$account_project" --display-name "$display_name" --description "$description" --quiet
    tries=6
    ;;
  *) fail "$problem" ;;
  esac
fi`;
}

function bindingPart(member: string): string {
  return `# Who may act as it: the ServiceAccount, in the workload pool of the cluster's project.
${variables({ member })}
patiently gcloud iam service-accounts add-iam-policy-binding "$account" --project "$account_project" --role ${WORKLOAD_USER} --member "$member" --condition=None --quiet`;
}

function bucketPart(name: string): string {
  return `${variables({ bucket: name })}
patiently gcloud storage buckets add-iam-policy-binding "gs://$bucket" --role "$role" --member "$principal" --condition=None --quiet`;
}
