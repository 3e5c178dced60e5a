import { WORKLOAD_USER } from "../domain/gcp/roles.ts";
import type { Step } from "../domain/plan.ts";
import type { WorkloadIdentityInput } from "./workload-identity-input.ts";

/** IAM takes 100 bytes of display name and 256 of description, which the run's mark is part of; names are of ASCII. */
const DISPLAY_NAME_BYTES = 100;
const DESCRIPTION_BYTES = 200;

/** The Google service account, made where it is missing, and the right of the ServiceAccount to act as it. */
export function googleAccountSteps({ googleAccount, cluster, account, member, gke }: WorkloadIdentityInput): Step[] {
  if (googleAccount === undefined) return [];
  const { email, existing, project, id } = googleAccount;
  const { namespace } = cluster;
  const description = accountDescription(cluster, gke.pool);
  const create: Step = {
    id: "google-account",
    title: `create Google service account ${email}`,
    do: "google.account.create",
    with: { email, project, id, displayName: displayNameOf(cluster), description },
    undo: "auto",
    diff: [`+ ${email}`, `+ description: ${description}`],
  };
  const bind: Step = {
    id: "google-account-binding",
    title: `let ServiceAccount ${namespace}/${account.name} act as Google service account ${email}`,
    do: "google.account.bind",
    with: { email, role: WORKLOAD_USER, member },
    undo: "auto",
    diff: [`+ ${WORKLOAD_USER}: ${member}`],
  };
  return [...(existing === undefined ? [create] : []), ...(existing?.isBound === true ? [] : [bind])];
}

/** The role on the buckets themselves, never on their project. */
export function bucketSteps({
  buckets,
  role,
  principal,
  googleAccount,
  cluster,
  account,
}: WorkloadIdentityInput): Step[] {
  const who =
    googleAccount === undefined
      ? `ServiceAccount ${cluster.namespace}/${account.name}`
      : `Google service account ${googleAccount.email}`;
  return buckets
    .filter(({ isBound }) => !isBound)
    .map(({ name }) => ({
      id: `bucket-${name}`,
      title: `give ${who} role ${role} on bucket ${name}`,
      do: "google.bucket.bind",
      with: { bucket: name, role, member: principal },
      undo: "auto",
      diff: [`+ ${role}: ${principal}`],
    }));
}

/** Says whose the account is: one that a run has made, and not come to bind, is known by it. */
export function accountDescription({ namespace, name }: WorkloadIdentityInput["cluster"], pool: string): string {
  return `For AntflyCluster ${namespace}/${name} of ${pool}`.slice(0, DESCRIPTION_BYTES);
}

export function displayNameOf({ namespace, name }: WorkloadIdentityInput["cluster"]): string {
  return `Antfly ${namespace}/${name}`.slice(0, DISPLAY_NAME_BYTES);
}
