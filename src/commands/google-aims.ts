import { distinctBy } from "../domain/distinct.ts";
import { UserError } from "../domain/errors.ts";
import type { GoogleAim } from "../domain/google-facts.ts";
import { valueOf } from "../domain/known.ts";
import { shell } from "../domain/shell.ts";
import { sentenceList } from "../domain/text.ts";
import type { BackupUse } from "../plans/identity-input.ts";
import type { WorkloadOptions } from "./identity-options.ts";
import type { IdentityLook } from "./init-identity.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";

/**
 * Buckets and prefixes of Google Cloud Storage that the database's own identity is for.
 * @throws UserError when there are none
 */
export async function aimsOnGoogle({
  look,
  kube,
  options,
  cluster,
}: IdentityLook<WorkloadOptions>): Promise<GoogleAim[]> {
  const fact = await look.collection.get("googleAims");
  const known = options.identityOnly === true ? (valueOf(fact) ?? []) : orThrow(fact, permissionsIn(kube));
  const aims = distinctBy(
    known.filter(({ source }) => source === "default"),
    ({ bucket, prefix }) => `${bucket}/${prefix}`,
  );
  if (aims.length > 0 || options.identityOnly === true) return aims;
  const others = sentenceList(known.map(({ from }) => from));
  const why =
    others === ""
      ? `no AntflyBackup and no connection of ${cluster.name} names a bucket of Google Cloud Storage`
      : `what goes to Google Cloud Storage (${others}) has credentials of its own, and takes no identity`;
  throw new UserError("no-bucket", why, {
    hint: "say which bucket the identity is for with --bucket gs://BUCKET/PREFIX",
  });
}

/**
 * The operators that were seen so far take no `gs://` in an AntflyBackup (operator facts, 6.1), and the database does: what a
 * connection is for then.
 */
export async function notesOnBackups(
  { look }: IdentityLook<WorkloadOptions>,
  use: BackupUse | undefined,
): Promise<string[]> {
  const backups = valueOf(await look.collection.get("backups")) ?? [];
  const [connection] = use?.connections ?? [];
  if (connection === undefined || backups.some(({ location }) => /^gc?s:\/\//.test(location))) return [];
  const { bucket, prefix } = connection.aim;
  const location = `gs://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
  const backup = shell`antfly backup --location ${location} --connection ${connection.id}`;
  return [
    `in an AntflyBackup the operators known so far take s3:// and file:// alone; connection ${connection.id} is for backups that are asked of the database itself: ${backup}`,
  ];
}
