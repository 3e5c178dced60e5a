import type { State } from "./state.ts";

/** Who asks. */
export interface Caller {
  /** Email or principal, as messages name it. */
  readonly name: string;
  /** What a policy may call it. */
  readonly members: readonly string[];
  /** It is the tool's own identity, which may do everything that is not denied to it. */
  readonly own: boolean;
}

const POOLS = "iam.googleapis.com/projects";

/** The tool's own identity: of a pool of another kind, as a CI system's. */
export function ownCaller(state: State): Caller {
  const number = state.projects.get(state.project)?.number;
  const name = `principal://${POOLS}/${number}/locations/global/workloadIdentityPools/ci/subject/platform`;
  return { name, members: [name], own: true };
}

/** A service account, as long as it is there and the one that it was. */
export function accountCaller(state: State, email: string, uniqueId: string): Caller | undefined {
  const account = state.accounts.get(email);
  if (account === undefined || account.uniqueId !== uniqueId || account.disabled) return undefined;
  const groups = account.groups.map((group) => `group:${group}`);
  const members = [`serviceAccount:${email}`, ...groups, "allUsers", "allAuthenticatedUsers"];
  return { name: email, members, own: false };
}

export interface Workload {
  readonly pool: string;
  readonly projectNumber: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Of the ServiceAccount in Kubernetes. */
  readonly uid: string;
  /** URL of the cluster. */
  readonly cluster: string;
}

/** A Kubernetes ServiceAccount by its workload pool: of whichever cluster, it is the same one. */
export function workloadCaller({ pool, projectNumber, namespace, serviceAccount, uid, cluster }: Workload): Caller {
  const path = `${POOLS}/${projectNumber}/locations/global/workloadIdentityPools/${pool}`;
  const name = `principal://${path}/subject/ns/${namespace}/sa/${serviceAccount}`;
  return {
    name,
    members: [
      name,
      `serviceAccount:${pool}[${namespace}/${serviceAccount}]`,
      `principal://${path}/kubernetes.serviceaccount.uid/${uid}`,
      `principalSet://${path}/namespace/${namespace}`,
      `principalSet://${path}/kubernetes.cluster/${cluster}`,
      `principalSet://${path}/*`,
      // Those that are authenticated do not include federated identities.
      "allUsers",
    ],
    own: false,
  };
}
