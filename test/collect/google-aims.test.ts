import { expect, test } from "vitest";

import { Collection, type World } from "../../src/collect/collector.ts";
import { GOOGLE_COLLECTORS } from "../../src/collect/google-facts.ts";
import type { BackupFacts, ClusterFacts } from "../../src/domain/facts.ts";
import type { GoogleAim } from "../../src/domain/google-facts.ts";
import { known, valueOf } from "../../src/domain/known.ts";

const ORIGIN = { via: "kube", ref: "a test" } as const;
const CONNECTION = { bucket: "acme-backups", prefix: "search/", connection: "gcs", project: "p", source: "default" };

async function aimsOf(
  flag: string,
  source: string,
  backups: readonly Partial<BackupFacts>[] = [],
): Promise<GoogleAim[]> {
  const cluster = { configured: { googleBuckets: [{ ...CONNECTION, source }] } } as unknown as ClusterFacts;
  const [bucket = "", ...prefix] = flag.split("/");
  const world = { cloud: { bucket: { scheme: "gs", bucket, prefix: prefix.join("/") } } } as unknown as World;
  const given = { cluster: known(cluster, ORIGIN), backups: known(backups as BackupFacts[], ORIGIN) };
  const fact = await new Collection(GOOGLE_COLLECTORS, () => world, given).get("googleAims");
  return [...(valueOf(fact) ?? [])];
}

test("a bucket that --bucket and a connection name is asked once", async () => {
  const aims = await aimsOf("acme-backups/search", "default");
  expect(aims.map(({ bucket, prefix, connection, from }) => [bucket, prefix, connection, from])).toEqual([
    ["acme-backups", "search", "gcs", "connection gcs of spec.config"],
  ]);
});

test.each([
  ["another prefix", "acme-backups/other", "default"],
  ["a key of the connection's own", "acme-backups/search", "service_account"],
])("%s is another question", async (_, flag, source) => {
  expect((await aimsOf(flag, source)).map(({ from }) => from)).toEqual(["--bucket", "connection gcs of spec.config"]);
});

test("what is only read from is written to when --bucket says so", async () => {
  const restore: Partial<BackupFacts> = {
    kind: "AntflyRestore",
    name: "r1",
    location: "gs://acme-backups/search",
    connection: "gcs",
  };
  expect((await aimsOf("acme-backups/search", "default", [restore])).map(({ from, writes }) => [from, writes])).toEqual(
    [["AntflyRestore r1", true]],
  );
});
