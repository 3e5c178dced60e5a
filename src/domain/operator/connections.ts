import { isRecord } from "../iam/policy-reader.ts";
import type { S3Aim } from "../iam/policy-types.ts";
import { distinctBy } from "../distinct.ts";
import type { ConfiguredBucket } from "../configured-storage.ts";
import type { ClusterFacts } from "../facts.ts";
import type { Generation } from "./generation.ts";

/** Where a connection takes its credentials from (operator facts, 7.3). */
export type ConnectionCredentials =
  | { readonly source: "web_identity"; readonly role_arn: string; readonly token_file: string }
  /** Environment, web identity, shared files, container, instance: the first that has any. */
  | { readonly source: "default" };

/** The protocol of a connection, and what it shows the store. */
export type ConnectionAccess =
  | { readonly protocol: "s3"; readonly credentials: ConnectionCredentials }
  /** Application default credentials, the metadata server last: that is how pods on GKE have an identity. */
  | { readonly protocol: "gcs"; readonly gcs_credentials: { readonly source: "default" } };

/** Where the webhook of EKS mounts the token; a connection with a web identity does not find it by itself. */
export const TOKEN_FILE = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

/** Bucket and prefix, and what else a new connection says of the place. */
export interface ConnectionAim extends S3Aim {
  /** That the bucket is in; without it the database takes that of its environment. */
  readonly region: string | undefined;
  /** Google project that the database names where a call takes one; none for S3. */
  readonly project?: string;
}

/** The connection of `spec.config` for one bucket and prefix; `added` where there is none that would do. */
export interface ChosenConnection {
  readonly aim: S3Aim;
  readonly id: string;
  readonly added: object | undefined;
}

/**
 * A connection that takes the token of the pods' ServiceAccount to a role, and has no credentials without it. Only
 * generation 3 knows connections; undefined is one that could not be told.
 */
export function webIdentityConnection(
  { configured }: Pick<ClusterFacts, "configured">,
  generation: Generation | undefined,
): ConfiguredBucket | undefined {
  if (generation === 1 || generation === 2) return undefined;
  return configured.buckets?.find(({ source }) => source === "web_identity");
}

const CAPABILITIES = ["backup.write", "restore.read"] as const;

/**
 * A connection for each bucket and prefix: one that is there, reaches it and takes the same credentials, or a new one.
 * What is there is never changed.
 */
export function chooseConnections(
  connections: Readonly<Record<string, unknown>>,
  aims: readonly ConnectionAim[],
  access: ConnectionAccess,
): ChosenConnection[] {
  const taken = new Set(Object.keys(connections));
  return distinctBy(aims, ({ bucket, prefix }) => `${bucket}/${prefix}`).map((aim) => {
    const found = Object.entries(connections).find(([, connection]) => serves(connection, aim, access));
    if (found !== undefined) return { aim, id: found[0], added: undefined };
    const id = freeId(taken);
    taken.add(id);
    return { aim, id, added: connectionFor(aim, access) };
  });
}

function connectionFor({ bucket, prefix, region, project }: ConnectionAim, access: ConnectionAccess): object {
  const { protocol, ...credentials } = access;
  return {
    kind: "external_io",
    capabilities: CAPABILITIES,
    external_io: {
      protocol,
      ...(region === undefined ? {} : { region }),
      ...(project === undefined ? {} : { project_id: project }),
      buckets: [bucket],
      ...(prefix === "" ? {} : { prefix: `${prefix}/` }),
      ...credentials,
    },
  };
}

/** By the database's own rules: the bucket must be listed, and the prefix is a whole path (operator facts, 7.3). */
export function serves(connection: unknown, { bucket, prefix }: S3Aim, access: ConnectionAccess): boolean {
  if (!isRecord(connection) || connection["kind"] !== "external_io") return false;
  const { capabilities, external_io: io } = connection;
  if (!Array.isArray(capabilities) || !CAPABILITIES.every((one) => capabilities.includes(one))) return false;
  if (!isRecord(io) || io["protocol"] !== access.protocol || (io["endpoint"] ?? "") !== "") return false;
  if (!Array.isArray(io["buckets"]) || !io["buckets"].includes(bucket)) return false;
  const scope = typeof io["prefix"] === "string" ? io["prefix"].replace(/^\/+|\/+$/g, "") : "";
  if (scope !== "" && prefix !== scope && !prefix.startsWith(`${scope}/`)) return false;
  const given = io[access.protocol === "s3" ? "credentials" : "gcs_credentials"];
  const has = isRecord(given) ? given : {};
  const source = has["source"] ?? "default";
  if (source === "default") return true;
  if (access.protocol !== "s3" || source !== "web_identity" || access.credentials.source !== source) return false;
  return has["role_arn"] === access.credentials.role_arn;
}

function freeId(taken: ReadonlySet<string>): string {
  const stem = "backup-store";
  let id = stem;
  for (let n = 2; taken.has(id); n++) id = `${stem}-${n}`;
  return id;
}
