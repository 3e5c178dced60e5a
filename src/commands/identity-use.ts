import type { ConnectionAccess, ConnectionAim } from "../domain/operator/connections.ts";
import type { BackupUse } from "../plans/identity-input.ts";
import { readBackupUse } from "./backup-use.ts";
import { assertNotManaged } from "./identity-cluster.ts";
import type { IdentityLook } from "./init-identity.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";

/**
 * How the backups come to use the identity, in these places; says which of them do not. Undefined where it is for something
 * else.
 * @throws UserError for a backup that another tool manages
 */
export async function useOfBackups(
  { app, look, kube, cluster, spec, options }: IdentityLook,
  aims: readonly ConnectionAim[],
  access: ConnectionAccess,
): Promise<BackupUse | undefined> {
  if (options.identityOnly === true) return undefined;
  const backups = orThrow(await look.collection.get("backups"), permissionsIn(kube));
  const { use, notes, owners } = await readBackupUse(kube, { cluster, spec, backups, aims }, access);
  assertNotManaged(owners, options);
  for (const one of notes) app.terminal.err(`note: ${one}\n`);
  return use;
}
