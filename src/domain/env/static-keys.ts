import type { BackupFacts, ClusterFacts, ReferenceFacts } from "../facts.ts";
import type { SecretFacts } from "../secret-facts.ts";
import { editDistance } from "../text.ts";
import { isComplete, type EffectiveEnvironment, type EnvFromSource, type Variable } from "./effective.ts";
import { nodeEnvironments } from "./groups.ts";

export const ACCESS_KEY_ID = "AWS_ACCESS_KEY_ID";
export const SECRET_ACCESS_KEY = "AWS_SECRET_ACCESS_KEY";
export const SESSION_TOKEN = "AWS_SESSION_TOKEN";
export const ENDPOINT_URL = "AWS_ENDPOINT_URL";
export const REGION = "AWS_REGION";

/** What a database node cannot do without (operator facts, section 7.1). */
export const REQUIRED_KEYS = [ACCESS_KEY_ID, SECRET_ACCESS_KEY] as const;

/** All that belongs to one credential; taken from several sources it may not fit together. */
export const CREDENTIAL_KEYS = [ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, REGION, ENDPOINT_URL] as const;

/** Names that people write for the required ones, normalised. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  [ACCESS_KEY_ID]: [
    "accesskey",
    "accesskeyid",
    "awsaccesskey",
    "awskeyid",
    "awsaccessid",
    "s3accesskey",
    "s3accesskeyid",
    "keyid",
  ],
  [SECRET_ACCESS_KEY]: [
    "secretkey",
    "secretaccesskey",
    "awssecretkey",
    "awssecret",
    "awssecretaccess",
    "s3secretkey",
    "s3secretaccesskey",
  ],
  [ENDPOINT_URL]: [
    "endpoint",
    "endpointurl",
    "s3endpoint",
    "s3endpointurl",
    "awsendpoint",
    "awsendpointurls3",
    "awss3endpoint",
    "awss3endpointurl",
  ],
  [REGION]: ["region", "s3region"],
};

/** The key is another spelling of `wanted`: other case or separators, a usual alias, or two letters off. */
export function isNearMiss(key: string, wanted: string): boolean {
  if (key === wanted) return false;
  const normal = key.toLowerCase().replace(/[-_.\s]/g, "");
  const target = wanted.toLowerCase().replaceAll("_", "");
  return normal === target || (ALIASES[wanted]?.includes(normal) ?? false) || editDistance(normal, target) <= 2;
}

/** Whether the cluster's nodes are meant to sign S3 requests with static keys, and what shows it. */
export interface StaticKeysUse {
  readonly used: boolean;
  readonly because: string;
}

export function staticKeysUse(
  cluster: ClusterFacts,
  environments: readonly EffectiveEnvironment[],
  backups: readonly BackupFacts[],
): StaticKeysUse {
  if (cluster.configured.credentials)
    return { used: false, because: "spec.config sets the storage credentials itself" };
  if (cluster.secretStore !== undefined) {
    return {
      used: false,
      because: `spec.secretStore (Secret ${cluster.secretStore}) may supply the credentials, and overrides the environment`,
    };
  }
  const backup = backups.find((one) => one.location.startsWith("s3://") && one.connection === undefined);
  if (backup !== undefined)
    return { used: true, because: `${backup.kind} ${backup.name} writes to ${backup.location}` };
  for (const environment of environments) {
    const name = credentialIn(environment);
    if (name !== undefined) return { used: true, because: `${environment.of} has ${name}` };
  }
  const connected = backups.find((one) => one.connection !== undefined);
  if (connected !== undefined) {
    const because = `${connected.kind} ${connected.name} uses connection ${connected.connection}, which has credentials of its own`;
    return { used: false, because };
  }
  return { used: false, because: "no source of the cluster holds storage keys and no backup goes to s3://" };
}

/** The access key in the file of a secret store, which overrides the environment (operator facts, 7.2). */
const STORE_ENTRIES: ReadonlySet<string> = new Set(["aws.access_key_id", ACCESS_KEY_ID]);

/** Whether the file of a secret store holds an access key; undefined where it could not be read. */
export function storeHoldsKey({ storeEntries }: SecretFacts): boolean | undefined {
  return storeEntries?.some((entry) => STORE_ENTRIES.has(entry));
}

/** Whether the nodes have a static key, wherever it comes from; undefined where not all that could bring one was read. */
export function hasStaticKey(
  cluster: ClusterFacts,
  environments: readonly EffectiveEnvironment[],
  references: ReferenceFacts | undefined,
): boolean | undefined {
  const nodes = nodeEnvironments(cluster, environments);
  if (cluster.configured.credentials || nodes.some((node) => node.variables[ACCESS_KEY_ID] !== undefined)) return true;
  if (cluster.secretStore !== undefined) {
    const store = references?.secrets[cluster.secretStore];
    const held = store?.state === "known" ? storeHoldsKey(store.value) : undefined;
    if (held !== false) return held;
  }
  return nodes.length > 0 && nodes.every(isComplete) ? false : undefined;
}

/**
 * A name that shows storage keys: one of the real ones, whatever the prefix, or both halves of a pair misspelt in one
 * source. A single `SECRET_KEY` may be anybody's.
 */
function credentialIn(environment: EffectiveEnvironment): string | undefined {
  const supplies = [
    ...Object.values(environment.variables).flatMap((variable) => variable.from ?? []),
    ...environment.dropped,
  ];
  const explicit = Object.keys(environment.variables);
  const exact = [...explicit, ...supplies.map((supply) => supply.key)].find((name) => isRequired(name));
  if (exact !== undefined) return exact;
  const misspelt = supplies.filter((supply) => REQUIRED_KEYS.some((wanted) => isNearMiss(supply.key, wanted)));
  return misspelt.find((one) =>
    REQUIRED_KEYS.every((wanted) =>
      misspelt.some((other) => other.source.name === one.source.name && isNearMiss(other.key, wanted)),
    ),
  )?.key;
}

function isRequired(name: string): boolean {
  return (REQUIRED_KEYS as readonly string[]).includes(name);
}

/** Why a required name does not reach the process. */
export type MissingBecause =
  | { readonly why: "prefix"; readonly variable: Variable }
  | { readonly why: "invalid-name"; readonly name: string; readonly source: EnvFromSource }
  | { readonly why: "near-miss"; readonly variable: Variable }
  | { readonly why: "not-there" };

/** Undefined when the name is set. */
export function whyMissing(environment: EffectiveEnvironment, wanted: string): MissingBecause | undefined {
  if (environment.variables[wanted] !== undefined) return undefined;
  const variables = Object.values(environment.variables);
  const prefixed = variables.find((variable) => variable.from?.key === wanted && variable.from.source.prefix !== "");
  if (prefixed !== undefined) return { why: "prefix", variable: prefixed };
  const dropped = environment.dropped.find((supply) => supply.key === wanted);
  if (dropped !== undefined) return { why: "invalid-name", name: dropped.name, source: dropped.source };
  const near = variables.find((variable) => variable.from !== undefined && isNearMiss(variable.from.key, wanted));
  return near === undefined ? { why: "not-there" } : { why: "near-miss", variable: near };
}
