import { afterEach, expect, test } from "vitest";

import type { Aws, ObjectStore, ObjectStoreOptions } from "../../src/ports.ts";
import { credentialsOf, failureOf, storeOn, toolOn } from "../support/aws-client.ts";
import { startAwsServer, type AwsServerOptions, type InProcessCloud } from "../support/aws-server/index.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { BucketSeed } from "../support/test-cloud.ts";

const KEY = { id: CANARY_ID, secret: CANARY_SECRET };
const policy = (...Action: string[]): object => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource: "*" }],
});
const OBJECTS = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"];

let cloud: InProcessCloud;
let aws: Aws;
afterEach(async () => {
  aws.close();
  await cloud.stop();
});

/** A store of that kind, with one bucket and one user. */
async function started(
  kind: AwsServerOptions["store"],
  {
    bucket = {},
    actions = OBJECTS,
    status = "Active",
    server = {},
  }: {
    bucket?: Partial<BucketSeed>;
    actions?: readonly string[];
    status?: "Active" | "Inactive";
    server?: AwsServerOptions;
  } = {},
): Promise<(options?: Partial<ObjectStoreOptions>) => ObjectStore> {
  cloud = await startAwsServer(
    {
      users: [{ name: "backup", keys: [{ ...KEY, status }], inline: { own: policy(...actions) } }],
      buckets: [{ name: "acme", ...(kind === "aws" ? {} : { encryption: "none" }), ...bucket }],
    },
    { ...server, ...(kind === undefined ? {} : { store: kind }) },
  );
  aws = await toolOn(cloud);
  const providers = { aws: "aws", gcs: "gcs", minio: "s3-compatible" } as const;
  return (options = {}) =>
    storeOn(aws, "acme", credentialsOf(KEY), { provider: providers[kind ?? "aws"], endpoint: cloud.s3, ...options });
}

/** What the probe does: write, read, list, remove. */
async function probe(store: ObjectStore): Promise<void> {
  await store.put("p/x", Buffer.from("antfly"));
  expect(Buffer.from(await store.get("p/x")).toString()).toBe("antfly");
  expect((await store.list("p/", 10)).map(({ key }) => key)).toEqual(["p/x"]);
  await store.delete("p/x");
  expect(await store.list("p/", 10)).toEqual([]);
}

test("on AWS what is written carries a checksum", async () => {
  const store = await started("aws");
  await probe(store());
  expect(await store().bucketRegion()).toBe("us-east-1");
});

test("GCS is sent none of the headers that it refuses", async () => {
  const store = await started("gcs");
  await probe(store({ region: "" }));
  // With the settings for AWS the same store takes a good key for a wrong one.
  expect(await failureOf(store({ provider: "aws" }).put("p/y", Buffer.from("1")))).toMatchObject({
    code: "SignatureDoesNotMatch",
    message: expect.stringContaining("Check your Google secret key and signing method."),
  });
});

test("on GCS an object is not replaced either, though it takes no notice of If-None-Match", async () => {
  const store = await started("gcs");
  await store().put("p/x", Buffer.from("first"));
  expect(await failureOf(store().put("p/x", Buffer.from("second")))).toMatchObject({
    failure: "exists",
    action: "s3:PutObject",
  });
  expect(Buffer.from(await store().get("p/x")).toString()).toBe("first");
});

test("GCS tells no region, least of all to who may not read the bucket's settings", async () => {
  const store = await started("gcs");
  expect(await store().bucketRegion()).toBeUndefined();
  expect(await failureOf(store({ bucket: "other" }).bucketRegion())).toMatchObject({ code: "NoSuchBucket" });
});

test("who may do nothing on GCS", async () => {
  const store = await started("gcs", { actions: ["s3:PutObject"] });
  expect(await failureOf(store().list("", 1))).toMatchObject({
    failure: "denied",
    code: "AccessDenied",
    message: "Access denied.",
  });
  expect(await failureOf(store().get("p/none"))).toMatchObject({ failure: "denied", code: "AccessDenied" });
});

test("a store of one's own has the bucket in the path, and says which region it is in", async () => {
  const store = await started("minio", { bucket: { region: "minio" } });
  await probe(store({ region: "minio" }));
  expect(await failureOf(store().list("", 1))).toMatchObject({
    failure: "invalid",
    code: "AuthorizationHeaderMalformed",
    message: "The authorization header is malformed; the region is wrong; expecting 'minio'.",
  });
  expect(await store().bucketRegion()).toBe("minio");
});

test("users that a store of one's own does not let in", async () => {
  const store = await started("minio", { status: "Inactive" });
  expect(await failureOf(store().list("", 1))).toMatchObject({
    failure: "invalid-credentials",
    code: "InvalidAccessKeyId",
    message: "Your account is disabled; please contact your administrator.",
  });
  const nobody = credentialsOf({ id: "nobody", secret: "n".repeat(40) });
  expect(await failureOf(store({ credentials: nobody }).list("", 1))).toMatchObject({
    code: "InvalidAccessKeyId",
    message: "The Access Key Id you provided does not exist in our records.",
  });
});

test("a bucket in another region than the endpoint", async () => {
  const store = await started("aws", { bucket: { region: "eu-west-1" } });
  expect(await failureOf(store().list("", 1))).toMatchObject({
    failure: "invalid",
    action: "s3:ListBucket",
    code: "PermanentRedirect",
    status: 301,
    message: expect.stringMatching(
      /^The bucket you are attempting to access must be addressed using the specified endpoint\./,
    ),
  });
  expect(await store().bucketRegion()).toBe("eu-west-1");
  await probe(store({ region: "eu-west-1" }));
});

test("a signature for another region than the endpoint is of", async () => {
  const store = await started("aws", { bucket: { region: "eu-west-1" }, server: { region: "eu-west-1" } });
  expect(await failureOf(store().list("", 1))).toMatchObject({
    failure: "invalid",
    code: "AuthorizationHeaderMalformed",
    status: 400,
    message: "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
  });
  expect(await store().bucketRegion()).toBe("eu-west-1");
});

test("who may do nothing in a bucket is told its region all the same", async () => {
  const store = await started("aws", { actions: ["s3:GetObject"] });
  expect(await store().bucketRegion()).toBe("us-east-1");
});

test("a bucket of another account", async () => {
  const store = await started("aws", { bucket: { owner: "999988887777" } });
  expect(await failureOf(store().list("", 1))).toMatchObject({ failure: "denied", message: "Access Denied" });
});

test("a bucket that is to be of another account", async () => {
  const mine = await started("aws");
  expect(await failureOf(mine({ owner: "999988887777" }).list("", 1))).toMatchObject({
    failure: "denied",
    code: "AccessDenied",
  });
  expect(await mine({ owner: "123456789012" }).list("", 1)).toEqual([]);
});

test("a bucket whose key one may not use", async () => {
  const kmsKey = "arn:aws:kms:us-east-1:123456789012:key/1";
  const store = await started("aws", {
    bucket: { encryption: "aws:kms", kmsKey },
    actions: [...OBJECTS, "s3:GetEncryptionConfiguration"],
  });
  expect(await failureOf(store().put("p/x", Buffer.from("1")))).toMatchObject({
    failure: "denied",
    action: "s3:PutObject",
    message: expect.stringContaining(`is not authorized to perform: kms:GenerateDataKey on resource: "${kmsKey}"`),
  });
  expect(await store().encryption()).toEqual({ algorithm: "aws:kms", key: kmsKey });
});

test("a lock keeps a version, and not the object under its name", async () => {
  const bucket = { versioning: "Enabled", objectLock: true, retention: true } as const;
  const store = await started("aws", { bucket, actions: ["s3:*"] });
  const { versionId } = await store().put("p/x", Buffer.from("1"));
  expect(await failureOf(store().delete("p/x", versionId))).toMatchObject({
    failure: "denied",
    action: "s3:DeleteObjectVersion",
    message: "Access Denied because object protected by object lock.",
  });
  await store().delete("p/x");
  expect(await failureOf(store().get("p/x"))).toMatchObject({ failure: "not-found", code: "NoSuchKey", status: 404 });
});

test("a list goes on over pages, up to what is wanted", async () => {
  const objects = Object.fromEntries(Array.from({ length: 1_205 }, (_, i) => [`p/${String(i).padStart(5, "0")}`, ""]));
  const store = await started("aws", { bucket: { objects } });
  expect(await store().list("p/", 2_000)).toHaveLength(1_205);
  expect(await store().list("p/", 1_100)).toHaveLength(1_100);
  expect(await store().list("p/", 3)).toHaveLength(3);
});

test("an object that is larger than anything of the tool's is not read", async () => {
  const store = await started("aws", { bucket: { objects: { big: "x".repeat(1_100_000) } } });
  expect(await failureOf(store().get("big"))).toMatchObject({
    failure: "malformed",
    message: "the object is larger than 1 MiB",
  });
});
