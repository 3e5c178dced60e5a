import { describe, expect, test } from "vitest";

import { chooseConnections, TOKEN_FILE } from "../../src/domain/operator/connections.ts";

const ROLE = "arn:aws:iam::123456789012:role/antfly";
const CREDENTIALS = { source: "web_identity", role_arn: ROLE, token_file: TOKEN_FILE } as const;
const USE = { protocol: "s3", credentials: CREDENTIALS } as const;
const region = "eu-west-1";
const connection = (io: object, more: object = {}): object => ({
  kind: "external_io",
  capabilities: ["backup.write", "restore.read"],
  external_io: { protocol: "s3", buckets: ["acme"], ...io },
  ...more,
});
const chosen = (there: object, prefix = "search/nightly"): string | undefined =>
  chooseConnections({ there }, [{ bucket: "acme", prefix, region }], USE)[0]?.id;

test("a new one names bucket, prefix, region, role and the token's file", () => {
  expect(chooseConnections({}, [{ bucket: "acme", prefix: "search", region }], USE)).toEqual([
    {
      aim: { bucket: "acme", prefix: "search", region },
      id: "backup-store",
      added: {
        kind: "external_io",
        capabilities: ["backup.write", "restore.read"],
        external_io: {
          protocol: "s3",
          region: "eu-west-1",
          buckets: ["acme"],
          prefix: "search/",
          credentials: CREDENTIALS,
        },
      },
    },
  ]);
});

test("ids that are taken are not taken again", () => {
  const aims = [
    { bucket: "a-1", prefix: "", region: undefined },
    { bucket: "b-1", prefix: "", region: undefined },
    { bucket: "a-1", prefix: "", region: undefined },
  ];
  const ids = chooseConnections({ "backup-store": {} }, aims, USE).map(({ id }) => id);
  expect(ids).toEqual(["backup-store-2", "backup-store-3"]);
});

describe("one that is there", () => {
  test.each([
    ["of the whole bucket", connection({})],
    ["of a folder above", connection({ prefix: "/search/" })],
    ["of the very folder", connection({ prefix: "search/nightly" })],
    ["with the default chain", connection({ credentials: { source: "default" } })],
    ["with this role", connection({ credentials: { source: "web_identity", role_arn: ROLE } })],
  ])("serves: %s", (_, there) => {
    expect(chosen(there)).toBe("there");
  });

  test.each([
    ["a folder whose name only begins alike", connection({ prefix: "sear" })],
    ["a folder below", connection({ prefix: "search/nightly/old" })],
    ["another bucket", connection({ buckets: ["other"] })],
    ["no bucket: the database then allows none", connection({ buckets: [] })],
    ["a store that is not AWS", connection({ endpoint: "https://minio.example.com" })],
    ["another protocol", connection({ protocol: "gcs" })],
    ["static keys", connection({ credentials: { source: "static" } })],
    ["another role", connection({ credentials: { source: "web_identity", role_arn: `${ROLE}-2` } })],
    ["backups alone", connection({}, { capabilities: ["backup.write"] })],
    ["another kind", connection({}, { kind: "inference" })],
    ["no connection at all", [] as object],
  ])("does not serve: %s", (_, there) => {
    expect(chosen(there)).toBe("backup-store");
  });
});
