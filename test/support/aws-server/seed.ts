import {
  filledIn,
  type AwsSeed,
  type BucketSeed,
  type ClusterSeed,
  type PolicySeed,
  type RoleSeed,
  type UserSeed,
} from "../test-cloud.ts";
import { bare } from "./iam-providers.ts";
import { newId, now, type Association, type Bucket, type Cluster, type Role, type State, type User } from "./state.ts";

/** Puts things there at once, as if they had been there for long. What is malformed stays so. */
export function seedState(state: State, given: AwsSeed, issuer: string): void {
  const seed = filledIn(given, { issuer, account: state.account });
  const { actual } = state;
  if (seed.denied !== undefined) state.denied = seed.denied;
  for (const { issuer: url, clientIds, thumbprints = [], tags = {} } of seed.providers ?? []) {
    const provider = { url: bare(url), clientIds: [...clientIds], thumbprints, tags, createdAt: now() };
    actual.providers.set(provider.url, provider);
  }
  for (const { name, document } of seed.policies ?? []) actual.policies.set(name, textOf(document));
  for (const role of seed.roles ?? []) actual.roles.set(role.name, roleOf(role));
  for (const user of seed.users ?? []) actual.users.set(user.name, userOf(user, state.account));
  for (const cluster of seed.clusters ?? []) actual.clusters.set(cluster.name, clusterOf(cluster, state));
  for (const bucket of seed.buckets ?? []) state.buckets.set(bucket.name, bucketOf(bucket, state.account));
}

function roleOf({ name, path = "/", trust, inline, attached = [], boundary, tags = {}, ...more }: RoleSeed): Role {
  return {
    name,
    path,
    id: newId("AROA"),
    createdAt: more.createdAt ?? now(),
    description: "",
    trust: textOf(trust),
    maxSessionSeconds: more.maxSessionSeconds ?? 3600,
    boundary,
    tags,
    inline: documents(inline),
    attached,
  };
}

function userOf({ name, account, keys = [], inline, attached = [] }: UserSeed, ownAccount: string): User {
  const made = keys.map(({ id, secret, status = "Active", createdAt = now(), lastUsedAt }) => {
    const key = { id, secret, status, createdAt, lastUsedAt };
    return [id, key] as const;
  });
  const whole = { name, account: account ?? ownAccount, id: newId("AIDA"), createdAt: now() };
  return { ...whole, keys: new Map(made), inline: documents(inline), attached };
}

function clusterOf(
  {
    name,
    region = "us-east-1",
    endpoint,
    issuer,
    autoMode = false,
    encryptionKey,
    associations = [],
    addOns = {},
  }: ClusterSeed,
  state: State,
): Cluster {
  const made = associations.map(
    ({ namespace, serviceAccount, role, targetRole, disableSessionTags = false, createdAt = now() }) => {
      const association: Association = {
        id: `a-${newId("", 17).toLowerCase()}`,
        namespace,
        serviceAccount,
        roleArn: role.startsWith("arn:") ? role : state.arn(`role/${role}`),
        targetRoleArn: targetRole,
        disableSessionTags,
        createdAt,
        tags: {},
        token: undefined,
      };
      return [association.id, association] as const;
    },
  );
  return {
    name,
    region,
    endpoint: endpoint ?? `https://EXAMPLE.gr7.${region}.eks.amazonaws.com`,
    issuer,
    autoMode,
    encryptionKey,
    associations: new Map(made),
    addOns: new Map(Object.entries(addOns)),
  };
}

function bucketOf(seed: BucketSeed, account: string): Bucket {
  const { name, region = "us-east-1", owner = account, versioning, objectLock = false, retention = false } = seed;
  const { encryption = "AES256", kmsKey, policy, objects = {} } = seed;
  const stored = Object.entries(objects).map(([key, text]) => {
    const versionId = versioning === "Enabled" ? newId("", 32) : undefined;
    return [key, [{ versionId, body: Buffer.from(text), modifiedAt: new Date(), deleted: false }]] as const;
  });
  return {
    name,
    region,
    owner,
    versioning,
    objectLock,
    retention,
    encryption: encryption === "none" ? undefined : encryption,
    kmsKey,
    policy: policy === undefined ? undefined : textOf(policy),
    objects: new Map(stored.map(([key, versions]) => [key, [...versions]])),
  };
}

function documents(inline: Readonly<Record<string, PolicySeed>> = {}): Map<string, string> {
  return new Map(Object.entries(inline).map(([name, document]) => [name, textOf(document)]));
}

function textOf(document: PolicySeed): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}
