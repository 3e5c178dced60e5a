import { toKnown } from "../collect/collector.ts";
import { LIST_BACKUPS, LIST_RESTORES } from "../domain/grants.ts";
import { known } from "../domain/known.ts";
import { parseMetadata } from "../collect/objects/schemas.ts";
import { UserError } from "../domain/errors.ts";
import type { BackupFacts, ClusterFacts } from "../domain/facts.ts";
import type { Owner } from "../domain/owner.ts";
import { isRecord } from "../domain/iam/policy-reader.ts";
import { insertMembers } from "../domain/insert-members.ts";
import {
  chooseConnections,
  serves,
  type ConnectionAccess,
  type ConnectionAim,
} from "../domain/operator/connections.ts";
import { ownerOf } from "../domain/owner.ts";
import type { S3Aim } from "../domain/iam/policy-types.ts";
import { ANTFLY_BACKUP, ANTFLY_RESTORE } from "../domain/resources.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import type { BackupUse, UnconnectedBackup } from "../plans/identity-input.ts";
import type { Kube, KubeObject } from "../ports.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";

/** Phases in which the operator has not yet taken over what a restore says; afterwards it is frozen. */
const NOT_STARTED: ReadonlySet<unknown> = new Set([undefined, "", "Pending"]);

interface Read {
  readonly use: BackupUse;
  /** Of backups that do not use the identity, and stay as they are. */
  readonly notes: readonly string[];
  readonly owners: readonly (readonly [what: string, owner: Owner | undefined])[];
}

/**
 * How the backups come to use the identity: a connection for each bucket and prefix, and its name in what has none yet.
 * @throws UserError when `spec.config` is no JSON object
 */
export async function readBackupUse(
  kube: Kube,
  {
    cluster,
    spec,
    backups,
    aims,
  }: {
    cluster: ClusterFacts;
    spec: Readonly<Record<string, unknown>>;
    backups: readonly BackupFacts[];
    aims: readonly ConnectionAim[];
  },
  access: ConnectionAccess,
): Promise<Read> {
  const text = typeof spec["config"] === "string" ? spec["config"] : "";
  const there = parseConnections(text, cluster, kube.flags);
  const connections = chooseConnections(there, aims, access);
  const members = Object.fromEntries(
    connections.flatMap(({ id, added }) => (added === undefined ? [] : [[id, added]])),
  );
  const owners: Read["owners"][number][] = [];
  const unconnected: UnconnectedBackup[] = [];
  const notes: string[] = [];
  for (const backup of backups) {
    const connection = connectionFor(backup, connections, access);
    if (backup.kind === "AntflyBackup" && backup.connection !== undefined)
      notes.push(...keptAside(backup, there, connection, { access, kube }));
    if (backup.connection !== undefined || connection === undefined) continue;
    const object = await read(kube, backup);
    const found = unconnectedIn(object, backup, connection);
    if (found === undefined) continue;
    unconnected.push(found);
    owners.push([`${backup.kind} ${backup.namespace}/${backup.name}`, ownerOf(parseMetadata(object["metadata"]))]);
  }
  const config = insertMembers(text, "connections", members);
  return { use: { connections, config, backups: unconnected }, notes, owners };
}

/** A connection that was named is somebody's choice: it stays, and one that is not the identity's is said to be. */
function keptAside(
  { kind, namespace, name, field, location, connection = "" }: BackupFacts,
  there: Readonly<Record<string, unknown>>,
  better: string | undefined,
  { access, kube }: { readonly access: ConnectionAccess; readonly kube: Kube },
): string[] {
  const aim = aimOf(location, access);
  const named = Object.hasOwn(there, connection) ? there[connection] : undefined;
  if (aim === undefined || serves(named, aim, access)) return [];
  const why =
    named === undefined
      ? "which spec.config does not have"
      : `which does not use ${access.protocol === "s3" ? "this role" : "the identity of the pods"}`;
  const patch = JSON.stringify({ spec: { [field]: { connection: better } } });
  const change =
    better === undefined
      ? ""
      : `; afterwards this changes it: ${shell`kubectl patch ${kind.toLowerCase()} ${name} -n ${namespace} --type merge -p ${patch} ${kube.flags}`}`;
  return [`${kind} ${name} stays with connection ${printable(connection)}, ${why}${change}`];
}

const SCHEMES = { s3: /^s3:\/\/([^/]+)\/?(.*)$/, gcs: /^gc?s:\/\/([^/]+)\/?(.*)$/ } as const;

/** Bucket and prefix of a location that is reached by this protocol. */
function aimOf(location: string, { protocol }: ConnectionAccess): S3Aim | undefined {
  const [, bucket, path = ""] = SCHEMES[protocol].exec(location) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix: path.replace(/^\/+|\/+$/g, "") };
}

function parseConnections(
  text: string,
  { namespace, name }: ClusterFacts,
  flags: readonly string[],
): Record<string, unknown> {
  const where = `spec.config of AntflyCluster ${namespace}/${name}`;
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    config = undefined;
  }
  const connections = isRecord(config) ? (config["connections"] ?? {}) : undefined;
  if (isRecord(connections) && (!isRecord(config) || config["connections"] !== null)) return connections;
  throw new UserError("bad-config", `${where} is no JSON object that connections could be added to`, {
    hint: shell`kubectl edit antflycluster ${name} -n ${namespace} ${flags}`,
  });
}

function connectionFor(
  { location }: BackupFacts,
  connections: BackupUse["connections"],
  access: ConnectionAccess,
): string | undefined {
  const at = aimOf(location, access);
  return connections.find(({ aim }) => aim.bucket === at?.bucket && aim.prefix === at.prefix)?.id;
}

async function read(kube: Kube, { kind, namespace, name }: BackupFacts): Promise<KubeObject> {
  const type = kind === "AntflyBackup" ? ANTFLY_BACKUP : ANTFLY_RESTORE;
  const ref = `${kind} ${name}`;
  const grant = kind === "AntflyBackup" ? LIST_BACKUPS : LIST_RESTORES;
  const fact = await toKnown(ref, { ...grant, verb: "get" }, async () => {
    const object = await kube.get(type, namespace, name);
    parseMetadata(object["metadata"]);
    return known(object, { via: "kube", ref });
  });
  return orThrow(fact, permissionsIn(kube));
}

function unconnectedIn(object: KubeObject, backup: BackupFacts, connection: string): UnconnectedBackup | undefined {
  const { kind, namespace, name, field } = backup;
  const { spec, status } = object as { spec?: Record<string, unknown>; status?: { phase?: unknown } };
  const place = spec?.[field];
  if (!isRecord(place) || (kind === "AntflyRestore" && !NOT_STARTED.has(status?.phase))) return undefined;
  const { uid, generation } = parseMetadata(object["metadata"]);
  return { kind, namespace, name, uid: uid ?? "", generation: generation ?? 0, field, place, connection };
}
