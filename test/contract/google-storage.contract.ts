import { describe, expect, test } from "vitest";

import type { ObjectStore } from "../../src/ports.ts";
import { googleFailure } from "../support/google-client.ts";
import { emailOf, type BindingSeed, type GoogleBucketSeed } from "../support/test-google.ts";
import { accountToken, federatedToken, fresh, memberOf, principalOf, raw, type GoogleBed } from "./google-bed.ts";

const ALL = [
  "storage.objects.create",
  "storage.objects.delete",
  "storage.objects.get",
  "storage.objects.list",
  "storage.buckets.get",
];
const USER = "roles/storage.objectUser";

/** Cloud Storage: buckets and their policies with the tool's identity, objects with the workload's. */
export function googleStorage(bed: () => GoogleBed): void {
  /** A bucket, and the workload on it, with these roles of its own. */
  const bucketFor = async (
    roles: readonly string[],
    more: Partial<GoogleBucketSeed> = {},
  ): Promise<{ bucket: string; store: ObjectStore }> => {
    const { google, tool } = bed();
    const bucket = fresh("bucket");
    const bindings: BindingSeed[] = roles.map((role) => ({ role, members: [principalOf(bed())] }));
    await google.seed({ buckets: [{ name: bucket, bindings, ...more }] });
    return { bucket, store: tool.objectStore({ bucket, token: await federatedToken(bed()) }) };
  };

  describe("a bucket", () => {
    test("what it is like", async () => {
      const { google, tool } = bed();
      const name = fresh("bucket");
      await google.seed({ buckets: [{ name, location: "us-east1", requesterPays: true }] });
      expect(await googleFailure(tool.getBucket(name))).toMatchObject({
        failure: "invalid",
        status: 400,
        message: "Bucket is a requester pays bucket but no user project provided.",
      });
      await google.seed({ buckets: [{ name, location: "us-east1" }] });
      expect(await tool.getBucket(name)).toEqual({
        name,
        projectNumber: google.number,
        location: "US-EAST1",
        requesterPays: false,
        retained: false,
        uniformAccess: true,
      });
    });

    test("one that is not there", async () => {
      const { tool } = bed();
      const none = fresh("none");
      for (const call of [tool.getBucket(none), tool.getBucketPolicy(none)])
        expect(await googleFailure(call)).toMatchObject({
          failure: "not-found",
          code: "notFound",
          status: 404,
          message: "The specified bucket does not exist.",
        });
    });

    test("its policy is replaced by who read it last, and keeps its conditions", async () => {
      const { google, tool } = bed();
      const name = fresh("bucket");
      const condition = {
        title: "team",
        expression: `resource.name.startsWith("projects/_/buckets/${name}/objects/team/")`,
      };
      const kept = { role: USER, members: [principalOf(bed())], condition };
      await google.seed({ buckets: [{ name, bindings: [kept] }] });
      const read = await tool.getBucketPolicy(name);
      expect(read).toMatchObject({ version: 3, bindings: [kept] });
      const more = { role: "roles/storage.objectViewer", members: [memberOf(bed())] };
      const written = await tool.setBucketPolicy(name, { ...read, bindings: [...read.bindings, more] });
      expect(written.bindings).toEqual([kept, more]);
      expect(await googleFailure(tool.setBucketPolicy(name, read))).toMatchObject({
        failure: "conflict",
        action: "storage.buckets.setIamPolicy",
        code: "conditionNotMet",
        status: 412,
      });
      expect((await raw(bed(), "GET", `/storage/v1/b/${name}/iam`)).body).toMatchObject({
        version: 1,
        bindings: [{ role: expect.stringContaining("roles/storage.objectUser_withcond_") }, more],
      });
    });

    test("takes no member that is not there", async () => {
      const { google, tool } = bed();
      const { bucket } = await bucketFor([]);
      const read = await tool.getBucketPolicy(bucket);
      const bindings = [{ role: USER, members: [`serviceAccount:${emailOf(google, "nobody")}`] }];
      expect(await googleFailure(tool.setBucketPolicy(bucket, { ...read, bindings }))).toMatchObject({
        failure: "invalid",
        status: 400,
        message: `Service account ${emailOf(google, "nobody")} does not exist.`,
      });
    });
  });

  describe("which permissions a workload has", () => {
    const granted = async (bucket: string): Promise<readonly string[]> =>
      bed().tool.testBucketPermissions({ bucket, permissions: ALL, token: await federatedToken(bed()) });

    test.each<[string, readonly string[], readonly string[]]>([
      ["none", [], []],
      ["those of one role", ["roles/storage.objectViewer"], ["storage.objects.get", "storage.objects.list"]],
      [
        "those of two",
        ["roles/storage.objectCreator", "roles/storage.bucketViewer"],
        ["storage.objects.create", "storage.buckets.get"],
      ],
    ])("%s", async (_, roles, expected) => {
      const { bucket } = await bucketFor(roles);
      expect(await granted(bucket)).toEqual(expected);
    });

    test("by the project as by the bucket, and by an account as by itself", async () => {
      const { google, tool } = bed();
      const project = fresh("p");
      const [bucket, id] = [fresh("bucket"), fresh("acts")];
      const member = `serviceAccount:${emailOf(google, id)}`;
      await google.seed({
        projects: [{ id: project, bindings: [{ role: "roles/storage.objectViewer", members: [principalOf(bed())] }] }],
        accounts: [{ id, bindings: [{ role: "roles/iam.workloadIdentityUser", members: [memberOf(bed())] }] }],
        buckets: [{ name: bucket, project, bindings: [{ role: "roles/storage.objectCreator", members: [member] }] }],
      });
      expect(await granted(bucket)).toEqual(["storage.objects.get", "storage.objects.list"]);
      const token = await accountToken(bed(), emailOf(google, id));
      expect(await tool.testBucketPermissions({ bucket, permissions: ALL, token })).toEqual(["storage.objects.create"]);
    });

    test("what a condition on objects gives is not had of the bucket, and of those objects alone", async () => {
      const { google, tool } = bed();
      const name = fresh("bucket");
      const condition = {
        title: "team",
        expression: `resource.name.startsWith("projects/_/buckets/${name}/objects/team/")`,
      };
      await google.seed({ buckets: [{ name, bindings: [{ role: USER, members: [principalOf(bed())], condition }] }] });
      expect(await granted(name)).toEqual([]);
      const store = tool.objectStore({ bucket: name, token: await federatedToken(bed()) });
      await store.put("team/a", Buffer.from("1"));
      expect((await googleFailure(store.put("b", Buffer.from("1"))))["failure"]).toBe("denied");
    });
  });

  describe("objects", () => {
    test("one is written, read, listed and removed", async () => {
      const { store } = await bucketFor([USER]);
      const { versionId } = await store.put("team/a", Buffer.from("antfly"));
      expect(versionId).toMatch(/^\d+$/);
      await store.put("other", Buffer.from(""));
      expect(Buffer.from(await store.get("team/a")).toString()).toBe("antfly");
      const found = await store.list("team/", 10);
      expect(found.map(({ key }) => key)).toEqual(["team/a"]);
      expect(Math.abs(Date.parse(found[0]?.modifiedAt ?? "") - Date.now())).toBeLessThan(600_000);
      await store.delete("team/a");
      expect(await store.list("team/", 10)).toEqual([]);
    });

    test("names that have to be encoded", async () => {
      const { store } = await bucketFor([USER]);
      for (const name of ["a b", "a+b", "a=b&c", "ü", "a'(b)*!", "%41", "~a/b", "a?b#c"]) {
        await store.put(name, Buffer.from(name));
        expect(Buffer.from(await store.get(name)).toString()).toBe(name);
        expect((await store.list(name, 2)).map(({ key }) => key)).toEqual([name]);
        await store.delete(name);
      }
    });

    test("more than stand on one page", async () => {
      const { store } = await bucketFor([USER]);
      for (const key of ["a", "b", "c"]) await store.put(key, Buffer.from(key));
      expect((await store.list("", 2)).map(({ key }) => key)).toEqual(["a", "b"]);
      expect(await store.list("", 10)).toHaveLength(3);
    });

    test("one that is there is not replaced", async () => {
      const { store } = await bucketFor([USER]);
      await store.put("a", Buffer.from("first"));
      expect(await googleFailure(store.put("a", Buffer.from("second")))).toMatchObject({
        failure: "exists",
        action: "storage.objects.create",
        code: "conditionNotMet",
        status: 412,
      });
      expect(Buffer.from(await store.get("a")).toString()).toBe("first");
    });

    test("what is not allowed is denied, and named", async () => {
      const { store } = await bucketFor(["roles/storage.objectViewer"]);
      const says = (permission: string, thing: string): string =>
        `${principalOf(bed())} does not have ${permission} access to the Google Cloud Storage ${thing}. Permission '${permission}' denied on resource (or it may not exist).`;
      expect(await googleFailure(store.put("a", Buffer.from("1")))).toMatchObject({
        failure: "denied",
        action: "storage.objects.create",
        code: "forbidden",
        status: 403,
        message: says("storage.objects.create", "object"),
      });
      expect(await googleFailure(store.versioning())).toMatchObject({
        failure: "denied",
        message: says("storage.buckets.get", "bucket"),
      });
    });

    test("that one is missing is told to who may list", async () => {
      const lister = await bucketFor(["roles/storage.objectViewer"]);
      expect(await googleFailure(lister.store.get("none"))).toMatchObject({
        failure: "not-found",
        code: "notFound",
        status: 404,
      });
      const reader = await bucketFor(["roles/storage.legacyObjectReader"]);
      expect(await googleFailure(reader.store.get("none"))).toMatchObject({
        failure: "denied",
        action: "storage.objects.list",
      });
    });

    test("of a bucket that keeps versions, one is removed by its generation", async () => {
      const { store } = await bucketFor([USER, "roles/storage.bucketViewer"], { versioning: true });
      expect([await store.versioning(), await store.objectLock()]).toEqual(["Enabled", false]);
      const { versionId } = await store.put("a", Buffer.from("1"));
      await store.delete("a", versionId);
      expect(await store.list("", 10)).toEqual([]);
      expect((await store.put("a", Buffer.from("2"))).versionId).not.toBe(versionId);
    });

    test("of a bucket with a retention policy, none is removed yet", async () => {
      const { store } = await bucketFor([USER, "roles/storage.bucketViewer"], { retention: 3600 });
      expect(await store.objectLock()).toBe(true);
      await store.put("a", Buffer.from("1"));
      expect(await googleFailure(store.delete("a"))).toMatchObject({
        failure: "denied",
        code: "retentionPolicyNotMet",
        message: expect.stringContaining("is subject to bucket's retention policy"),
      });
    });

    test("of a bucket whose reader pays", async () => {
      const { store } = await bucketFor([USER], { requesterPays: true });
      expect(await googleFailure(store.list("", 1))).toMatchObject({
        failure: "invalid",
        status: 400,
        message: "Bucket is a requester pays bucket but no user project provided.",
      });
    });
  });
}
