import type { ConfiguredGoogleBucket } from "../../domain/configured-storage.ts";
import type { BackupFacts, ClusterFacts } from "../../domain/facts.ts";
import type { GoogleAim } from "../../domain/google-facts.ts";
import { heldLogin } from "../../domain/location.ts";
import { defineCollector, type World } from "../collector.ts";
import { aimsWith, mergedBy, trimmed } from "../storage/aims.ts";

/**
 * Buckets that the database is to use by Google's own API: `gs://` locations of backups and restores, connections with the
 * protocol `gcs`, and `--bucket gs://…`. Asks no cloud.
 */
export const googleAimsCollector = defineCollector({
  gives: "googleAims",
  needs: ["cluster"],
  wants: ["backups"],
  collect: async ({ cluster }, { cloud }, wants) =>
    aimsWith(wants.backups, (backups) => {
      const named = [...backups.flatMap((backup) => backupAims(backup, cluster)), ...configuredAims(cluster, backups)];
      return mergedBy(withFlag(flagAims(cloud), named), ({ bucket, prefix, connection, source }) => [
        bucket,
        prefix,
        connection,
        source,
      ]);
    }),
});

const USUAL = { scheme: "gs", identity: "usual", endpoint: undefined, region: undefined } as const;

function flagAims(cloud: World["cloud"]): GoogleAim[] {
  if ("off" in cloud || cloud.bucket?.scheme !== "gs") return [];
  const { bucket, prefix } = cloud.bucket;
  return [{ ...USUAL, bucket, prefix, from: "--bucket", writes: true, connection: undefined, source: "default" }];
}

/** A bucket that is named already is asked once, and written to because the user says so. */
function withFlag(flagged: readonly GoogleAim[], named: readonly GoogleAim[]): GoogleAim[] {
  const isSame = (one: GoogleAim, other: GoogleAim): boolean =>
    one.bucket === other.bucket && one.prefix === other.prefix && one.source === other.source;
  return [
    ...flagged.filter((flag) => !named.some((one) => isSame(one, flag))),
    ...named.map((one) => (flagged.some((flag) => isSame(one, flag)) ? { ...one, writes: true } : one)),
  ];
}

function backupAims({ kind, name, location, connection }: BackupFacts, cluster: ClusterFacts): GoogleAim[] {
  const match = heldLogin(location) ? null : /^gc?s:\/\/([^/]+)\/?(.*)$/.exec(location);
  if (match === null) return [];
  const [, bucket = "", prefix = ""] = match;
  const named = cluster.configured.googleBuckets?.find((one) => one.connection === connection && one.bucket === bucket);
  const place = { bucket, prefix: trimmed(prefix), from: `${kind} ${name}`, writes: kind === "AntflyBackup" };
  return [{ ...USUAL, ...place, connection, source: sourceOf(named) }];
}

/** What a connection is for can be narrower than its bucket; where a backup uses it, that says where. */
function configuredAims({ configured }: ClusterFacts, backups: readonly BackupFacts[]): GoogleAim[] {
  const unused = (configured.googleBuckets ?? []).filter(
    ({ connection, bucket }) =>
      !backups.some(
        (one) => one.connection === connection && /^gc?s:\/\//.test(one.location) && bucketIn(one.location) === bucket,
      ),
  );
  return unused.map((one) => ({
    ...USUAL,
    bucket: one.bucket,
    prefix: trimmed(one.prefix),
    from: `connection ${one.connection} of spec.config`,
    writes: true,
    connection: one.connection,
    source: sourceOf(one),
  }));
}

function bucketIn(location: string): string | undefined {
  return location.split("/")[2];
}

/** Anything but a key of its own is looked for as the SDKs do. */
function sourceOf(named: ConfiguredGoogleBucket | undefined): GoogleAim["source"] {
  return named?.source === "bearer_token" || named?.source === "service_account" ? named.source : "default";
}
