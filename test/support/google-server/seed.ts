import {
  NUMBER,
  type BindingSeed,
  type GkeSeed,
  type GoogleAccountSeed,
  type GoogleBucketSeed,
  type GoogleSeed,
  type HmacKeySeed,
  type ProjectSeed,
} from "../test-google.ts";
import { clusterPath } from "./container.ts";
import { Policy } from "./policy.ts";
import {
  newGeneration,
  newUniqueId,
  now,
  type Account,
  type Bucket,
  type Cluster,
  type HmacKey,
  type Project,
  type State,
} from "./state.ts";

/** Puts things there at once, as if they had been there for long. What is malformed stays so. */
export function seedState(state: State, given: GoogleSeed, issuer: string | undefined): void {
  const number = state.projects.get(state.project)?.number ?? given.number ?? NUMBER;
  const seed = filledIn(given, state.project, number);
  if (seed.denied !== undefined) state.denied = seed.denied;
  const withFirst = state.projects.has(state.project) ? [] : [{ id: state.project, number }];
  for (const project of [...withFirst, ...(seed.projects ?? [])]) putProject(state, project);
  for (const { id, permissions } of seed.roles ?? []) state.projects.get(state.project)?.roles.set(id, permissions);
  for (const one of seed.clusters ?? []) {
    const cluster = clusterOf(one, state.project, issuer);
    state.clusters.set(clusterPath(cluster), cluster);
    const project = projectFor(state, cluster.project);
    const untold = (seed.projects ?? []).find(({ id }) => id === cluster.project)?.workloadPool === undefined;
    if (cluster.workloadPool !== undefined && untold) project.workloadPool = true;
  }
  for (const one of seed.accounts ?? []) {
    const account = accountOf(one, state.project);
    projectFor(state, account.project);
    state.accounts.set(account.email, account);
  }
  for (const one of seed.buckets ?? []) {
    const bucket = bucketOf(one, state.project);
    projectFor(state, bucket.project);
    state.buckets.set(bucket.name, bucket);
  }
  for (const one of seed.hmacKeys ?? []) state.hmacKeys.set(one.id, hmacKeyOf(one, state.project));
}

function projectFor(state: State, id: string): Project {
  const found = state.projects.get(id);
  if (found !== undefined) return found;
  putProject(state, { id });
  return projectFor(state, id);
}

/** What is not told of a project that is there stays as it is. */
function putProject(state: State, { id, number, bindings, services, workloadPool }: ProjectSeed): void {
  const before = state.projects.get(id);
  state.projects.set(id, {
    id,
    number: number ?? before?.number ?? numberOf(id),
    policy: bindings === undefined ? (before?.policy ?? new Policy()) : policyOf(bindings),
    services: new Map([...(before?.services ?? []), ...Object.entries(services ?? {})]),
    roles: before?.roles ?? new Map(),
    workloadPool: workloadPool ?? before?.workloadPool ?? false,
  });
}

/** Twelve digits that belong to the name. */
function numberOf(id: string): string {
  const sum = Buffer.from(id).reduce((total, byte) => (total * 31 + byte) % 1_000_000_007, 7);
  return `4${String(sum).padStart(11, "0").slice(-11)}`;
}

function policyOf(bindings: readonly BindingSeed[] = []): Policy {
  return new Policy(bindings);
}

function clusterOf(seed: GkeSeed, ownProject: string, issuer: string | undefined): Cluster {
  const {
    name = "prod",
    location = "europe-west1",
    project = ownProject,
    autopilot = false,
    status = "RUNNING",
  } = seed;
  const { workloadPool = `${project}.svc.id.goog`, nodePools = { "default-pool": "GKE_METADATA" } } = seed;
  const own = `https://container.googleapis.com/v1/${clusterPath({ project, location, name })}`;
  return {
    name,
    location,
    project,
    autopilot,
    datapath: seed.datapath,
    status,
    endpoint: seed.endpoint ?? "203.0.113.10",
    issuer: seed.issuer ?? issuer ?? own,
    workloadPool: workloadPool === false ? undefined : workloadPool,
    databaseEncryption: seed.databaseEncryption ?? { state: "DECRYPTED" },
    nodePools: Object.entries(nodePools).map(([pool, mode]) => ({
      name: pool,
      mode: mode === "" ? undefined : mode,
      status: "RUNNING",
    })),
  };
}

function accountOf(seed: GoogleAccountSeed, ownProject: string): Account {
  const {
    id,
    project = ownProject,
    uniqueId = newUniqueId(),
    disabled = false,
    bindings,
    keys = [],
    groups = [],
  } = seed;
  return {
    email: `${id}@${project}.iam.gserviceaccount.com`,
    project,
    uniqueId,
    displayName: "",
    description: "",
    policy: policyOf(bindings),
    knownFrom: 0,
    groups,
    keys: keys.map((key) => ({
      id: key.id,
      disabled: key.disabled ?? false,
      validBefore: key.validBefore ?? "9999-12-31T23:59:59Z",
    })),
    disabled,
  };
}

export function bucketOf(seed: GoogleBucketSeed, ownProject: string): Bucket {
  const { name, project = ownProject, location = "europe-west1", requesterPays = false, versioning = false } = seed;
  const stored = Object.entries(seed.objects ?? {}).map(([key, text]) => {
    const object = {
      generation: newGeneration(),
      body: Buffer.from(text),
      contentType: "text/plain",
      updated: new Date().toISOString(),
      live: true,
    };
    return [key, [object]] as const;
  });
  return {
    name,
    project,
    location,
    requesterPays,
    uniformAccess: seed.uniformAccess ?? true,
    versioning,
    retention: seed.retention,
    policy: policyOf(seed.bindings),
    objects: new Map(stored.map(([key, versions]) => [key, [...versions]])),
  };
}

function hmacKeyOf(seed: HmacKeySeed, ownProject: string): HmacKey {
  const { id, secret, account, project = ownProject, state = "ACTIVE", createdAt = now() } = seed;
  return { id, secret, account, project, state, createdAt, updatedAt: createdAt, changes: 1 };
}

/** `PROJECT` and `NUMBER` in any text stand for the first project's. */
export function filledIn<T>(seed: T, project: string, number: string): T {
  const fill = (value: unknown): unknown => {
    if (typeof value === "string") return value.replaceAll(/\bPROJECT\b/g, project).replaceAll(/\bNUMBER\b/g, number);
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [fill(key) as string, fill(inner)]));
  };
  return fill(seed) as T;
}
