import type { StorageAim } from "../../domain/aws-facts.ts";
import { distinctBy } from "../../domain/distinct.ts";
import type { ConfiguredBucket } from "../../domain/configured-storage.ts";
import type { BackupFacts, ClusterFacts } from "../../domain/facts.ts";
import { heldLogin } from "../../domain/location.ts";
import { known, valueOf, type Known } from "../../domain/known.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCollector, type World } from "../collector.ts";

/**
 * Buckets and prefixes that the database is to use: those of its backups and restores, those that `spec.config` names, and
 * `--bucket`. Asks no cloud. A `gs://` location is not among them: it is reached by Google's own API.
 */
export const aimsCollector = defineCollector({
  gives: "aims",
  needs: ["cluster"],
  wants: ["backups"],
  collect: async ({ cluster }, { cloud }, wants) =>
    aimsWith(wants.backups, (backups) =>
      merged([
        ...flagAims(cloud),
        ...backups.flatMap((backup) => backupAims(backup, cluster)),
        ...configuredAims(cluster, backups),
      ]),
    ),
});

/** What follows from the backups that could be read; those that could not are gaps. */
export function aimsWith<T>(
  backups: Known<readonly BackupFacts[]> | undefined,
  aimsOf: (backups: readonly BackupFacts[]) => readonly T[],
): Known<readonly T[]> {
  const gaps = backups?.state === "known" ? backups.gaps : backups && [backups];
  return known(
    aimsOf((backups && valueOf(backups)) ?? []),
    { via: "kube", ref: "buckets" },
    (gaps ?? []).filter((gap) => gap.state === "unknown"),
  );
}

function flagAims(cloud: World["cloud"]): StorageAim[] {
  if ("off" in cloud || cloud.bucket?.scheme !== "s3") return [];
  const { bucket, prefix } = cloud.bucket;
  return [{ ...USUAL, bucket, prefix, from: "--bucket", writes: true }];
}

const USUAL = { identity: "usual", endpoint: undefined, region: undefined } as const;

function backupAims({ kind, name, location, connection }: BackupFacts, cluster: ClusterFacts): StorageAim[] {
  const match = heldLogin(location) ? null : /^s3:\/\/([^/]+)\/?(.*)$/.exec(location);
  if (match === null) return [];
  const [, bucket = "", prefix = ""] = match;
  const named = cluster.configured.buckets?.find((one) => one.connection === connection && one.bucket === bucket);
  const aim = { bucket, prefix: trimmed(prefix), from: `${kind} ${name}`, writes: kind === "AntflyBackup" };
  return [{ ...aim, ...(connection === undefined ? USUAL : ofConnection(named)) }];
}

/** What a connection is for can be narrower than its bucket; where a backup uses it, that says where. */
function configuredAims({ configured }: ClusterFacts, backups: readonly BackupFacts[]): StorageAim[] {
  const unused = (configured.buckets ?? []).filter(
    ({ connection, bucket }) =>
      connection === undefined ||
      !backups.some(
        (backup) => backup.connection === connection && `${backup.location}/`.startsWith(`s3://${bucket}/`),
      ),
  );
  return unused.map((one) => ({
    bucket: one.bucket,
    prefix: trimmed(one.prefix),
    from: one.connection === undefined ? "spec.config" : `connection ${one.connection} of spec.config`,
    writes: true,
    ...ofConnection(one),
  }));
}

function ofConnection(named: ConfiguredBucket | undefined): Pick<StorageAim, "identity" | "endpoint" | "region"> {
  return { identity: identityOf(named?.source), endpoint: named?.endpoint, region: named?.region };
}

/** `default` is the chain of an SDK: the environment first, then the role. */
function identityOf(source: string | undefined): StorageAim["identity"] {
  if (source === "web_identity") return "role";
  return source === "static" || source === "profile" ? "own-keys" : "usual";
}

export function trimmed(prefix: string): string {
  return prefix.replace(/^\/+|\/+$/g, "");
}

function merged(aims: readonly StorageAim[]): StorageAim[] {
  return mergedBy(aims, ({ bucket, prefix, identity, endpoint, region }) => [
    bucket,
    prefix,
    identity,
    endpoint,
    region,
  ]);
}

/** One of those that are alike in this, with all the places that name it. */
export function mergedBy<T extends StorageAim>(aims: readonly T[], inWhat: (aim: T) => readonly unknown[]): T[] {
  const key = (aim: T): string => JSON.stringify(inWhat(aim));
  return distinctBy(aims, key).map((aim) => {
    const alike = aims.filter((other) => key(other) === key(aim));
    return {
      ...aim,
      from: sentenceList([...new Set(alike.map(({ from }) => from))]),
      writes: alike.some(({ writes }) => writes),
    };
  });
}
