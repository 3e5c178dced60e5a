import { readFileSync } from "node:fs";

import { Storage, type Bucket } from "@google-cloud/storage";
import { IdentityPoolClient, OAuth2Client } from "google-auth-library";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { Sensitive } from "../../src/domain/sensitive.ts";
import type { Google, ObjectStore } from "../../src/ports.ts";
import { googleOn } from "../support/google-client.ts";
import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import { emailOf } from "../support/test-google.ts";

/*
 * Google's own client for storage as a witness: what it writes is read by the port, and the other way round, on the server
 * of the tests (docs/decisions/0017-one-transport-for-google.md).
 */
const NAME = "acme-backups";

let cloud: InProcessGoogle;
let google: Google;
let store: ObjectStore;
let storage: Storage;
let bucket: Bucket;
beforeAll(async () => (cloud = await startGoogleServer()));
afterAll(() => cloud.stop());
beforeEach(async () => {
  cloud.reset({ buckets: [{ name: NAME, versioning: true, retention: 60 }], accounts: [{ id: "backup-sa" }] });
  google = await googleOn(cloud);
  const token = await administratorsToken();
  store = google.objectStore({ bucket: NAME, token: new Sensitive(token) });
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: token });
  storage = new Storage({
    apiEndpoint: cloud.url,
    useAuthWithCustomEndpoint: true,
    projectId: cloud.project,
    authClient,
    retryOptions: { autoRetry: false },
  });
  bucket = storage.bucket(NAME);
  return () => google.close();
});

/** Of the identity that the tests' environment has. */
async function administratorsToken(): Promise<string> {
  const credentials = JSON.parse(readFileSync(cloud.env["GOOGLE_APPLICATION_CREDENTIALS"] ?? "", "utf8")) as object;
  const client = new IdentityPoolClient(credentials as never);
  return (await client.getAccessToken()).token ?? "";
}

test("objects", async () => {
  await bucket
    .file("of/theirs")
    .save("by Google's client", { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
  const { versionId } = await store.put("of/ours 1%", Buffer.from("by the port"));
  expect(Buffer.from(await store.get("of/theirs")).toString()).toBe("by Google's client");
  const [content] = await bucket.file("of/ours 1%").download();
  expect(content.toString()).toBe("by the port");
  const [files] = await bucket.getFiles({ prefix: "of/" });
  expect((await store.list("of/", 10)).map(({ key }) => key)).toEqual(files.map(({ name }) => name));
  expect(String(files.find(({ name }) => name === "of/ours 1%")?.metadata.generation)).toBe(versionId);
});

test("settings", async () => {
  const [metadata] = await bucket.getMetadata();
  expect(await store.bucketRegion()).toBe(metadata.location);
  expect(await store.versioning()).toBe(metadata.versioning?.enabled === true ? "Enabled" : "off");
  expect(await store.objectLock()).toBe(metadata.retentionPolicy !== undefined);
  expect(await store.encryption()).toBe(undefined);
  expect((await google.getBucket(NAME)).projectNumber).toBe(String(metadata.projectNumber));
});

test("who may do what", async () => {
  const policy = await google.getBucketPolicy(NAME);
  const binding = {
    role: "roles/storage.objectUser",
    members: [`serviceAccount:${emailOf(cloud, "backup-sa")}`],
    condition: {
      title: "ours",
      expression: 'resource.name.startsWith("projects/_/buckets/acme-backups/objects/search/")',
    },
  };
  await google.setBucketPolicy(NAME, { ...policy, bindings: [...policy.bindings, binding] });
  const [theirs] = await bucket.iam.getPolicy({ requestedPolicyVersion: 3 });
  expect(theirs).toMatchObject({ version: 3, bindings: [binding] });
  const asked = ["storage.objects.create", "storage.objects.get"];
  const [held] = await bucket.iam.testPermissions(asked);
  expect(Object.keys(held)).toEqual(asked);
});

test("HMAC keys", async () => {
  const { key } = await google.createHmacKey(cloud.project, emailOf(cloud, "backup-sa"));
  const [theirs] = await storage.getHmacKeys({ serviceAccountEmail: emailOf(cloud, "backup-sa") });
  expect(theirs.map(({ metadata }) => [metadata?.accessId, metadata?.state])).toEqual([[key.accessId, "ACTIVE"]]);
  await storage.hmacKey(key.accessId, { projectId: cloud.project }).setMetadata({ state: "INACTIVE" });
  expect(await google.getHmacKey(cloud.project, key.accessId)).toMatchObject({ state: "INACTIVE" });
});
