import { randomUUID } from "node:crypto";

import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { SERVICE_ACCOUNT } from "../../src/domain/resources.ts";
import type { Kube, KubeError } from "../../src/ports.ts";
import { eventually } from "../support/antfly.ts";
import type { AnyObject } from "../support/follow.ts";
import type { KubeAnswer, KubeClient } from "../support/kube-client.ts";
import { testApp } from "../support/test-app.ts";
import { freshNamespace, userWith, type TestCluster } from "../support/test-cluster.ts";

const APPLY = "application/apply-patch+yaml";
const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/**
 * What the tool and its stand-ins rely on of a Kubernetes API server. The expectations were read off the real one; the
 * in-process one is held to them, so that a test on it says something about Kubernetes.
 */
export function kubeContract(start: () => Promise<TestCluster>): void {
  let cluster: TestCluster;
  let admin: KubeClient;
  let ns: string;

  beforeAll(async () => {
    cluster = await start();
    ({ admin } = cluster);
    ns = await freshNamespace(cluster, "contract");
  });
  afterAll(() => cluster.stop());

  const path = (resource: string, name = "", namespace = ns): string =>
    `/api/v1/namespaces/${namespace}/${resource}${name === "" ? "" : `/${name}`}`;
  const secretObject = (name: string, data: AnyObject = { A: "MQ==" }): AnyObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    data,
  });
  const makeSecret = (name: string, data?: AnyObject): Promise<AnyObject> =>
    admin.must("POST", path("secrets"), { body: secretObject(name, data) });
  const refusal = ({ status, body }: KubeAnswer): AnyObject => ({
    status,
    kind: body.kind,
    reason: body.reason,
    code: body.code,
    message: body.message,
  });
  const failure = (code: number, reason: string, message: unknown): AnyObject => ({
    status: code,
    kind: "Status",
    reason,
    code,
    message,
  });

  describe("discovery and unknown paths", () => {
    test("/version", async () => {
      const { status, body } = await admin.get("/version");
      expect(status).toBe(200);
      expect(body).toMatchObject({ major: "1", minor: "36", gitVersion: "v1.36.3" });
    });

    test("a resource that is not served is a 404 without a name", async () => {
      const answer = await admin.get(`/apis/nothing.example/v1/namespaces/${ns}/things`);
      expect(answer.status).toBe(404);
      // No Status, but text.
      expect(answer.body).toBe("404 page not found\n");
    });

    test("a resource that a served group does not have", async () => {
      expect(refusal(await admin.get(path("things")))).toEqual(
        failure(404, "NotFound", "the server could not find the requested resource"),
      );
    });
  });

  describe("get, list and create", () => {
    test("a missing object is a 404 that names it", async () => {
      const answer = await admin.get(path("secrets", "missing"));
      expect(refusal(answer)).toEqual(failure(404, "NotFound", 'secrets "missing" not found'));
      expect(answer.body.details).toEqual({ name: "missing", kind: "secrets" });
    });

    test("a list in a namespace that does not exist is empty", async () => {
      const { status, body } = await admin.get(path("secrets", "", "no-such-namespace"));
      expect(status).toBe(200);
      expect(body.kind).toBe("SecretList");
      expect(body.items).toEqual([]);
    });

    test("creating in a namespace that does not exist", async () => {
      const answer = await admin.request("POST", path("secrets", "", "no-such-namespace"), { body: secretObject("x") });
      expect(refusal(answer)).toEqual(failure(404, "NotFound", 'namespaces "no-such-namespace" not found'));
    });

    test("creating what is there", async () => {
      await makeSecret("twice");
      const answer = await admin.request("POST", path("secrets"), { body: secretObject("twice") });
      expect(refusal(answer)).toEqual(failure(409, "AlreadyExists", 'secrets "twice" already exists'));
    });

    test("what the server adds to an object", async () => {
      const { metadata, type } = await makeSecret("added");
      expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Number(metadata.resourceVersion)).toBeGreaterThan(0);
      expect(type).toBe("Opaque");
    });

    test("pages of a list", async () => {
      for (const i of [1, 2, 3])
        await admin.must("POST", path("configmaps"), {
          body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `page-${i}`, labels: { page: "yes" } } },
        });
      const first = await admin.must("GET", path("configmaps"), { query: { limit: "2", labelSelector: "page=yes" } });
      expect(first.items.map((item: AnyObject) => item.metadata.name)).toEqual(["page-1", "page-2"]);
      const second = await admin.must("GET", path("configmaps"), {
        query: { limit: "2", labelSelector: "page=yes", continue: first.metadata.continue },
      });
      expect(second.items.map((item: AnyObject) => item.metadata.name)).toEqual(["page-3"]);
      expect(second.metadata.continue ?? "").toBe("");
    });

    test("a continue token that is none", async () => {
      const { status, body } = await admin.get(path("configmaps"), { limit: "1", continue: "nonsense" });
      expect(status).toBe(400);
      expect(body.reason).toBe("BadRequest");
    });

    test("selecting by label, and by name across namespaces", async () => {
      const other = await freshNamespace(cluster, "other");
      const name = `same-${randomUUID().slice(0, 8)}`;
      await makeSecret(name);
      await admin.must("POST", path("secrets", "", other), { body: secretObject(name) });
      const { items } = await admin.must("GET", "/api/v1/secrets", {
        query: { fieldSelector: `metadata.name=${name}` },
      });
      expect(items.map((item: AnyObject) => item.metadata.namespace).sort()).toEqual([ns, other].sort());
      const none = await admin.must("GET", path("configmaps"), { query: { labelSelector: "page=no" } });
      expect(none.items).toEqual([]);
    });

    test("metadata alone: no data crosses the wire", async () => {
      await makeSecret("partial", { KEY: "c2VjcmV0" });
      const list = await admin.request("GET", path("secrets"), {
        accept: METADATA_LIST,
        query: { fieldSelector: "metadata.name=partial" },
      });
      expect(list.body.kind).toBe("PartialObjectMetadataList");
      expect(list.body.items).toHaveLength(1);
      expect(list.body.items[0].data).toBeUndefined();
      expect(Object.keys(list.body.items[0].metadata.managedFields[0].fieldsV1["f:data"])).toContain("f:KEY");
      const one = await admin.request("GET", path("secrets", "partial"), { accept: METADATA });
      expect(one.body.kind).toBe("PartialObjectMetadata");
      expect(one.body.data).toBeUndefined();
    });
  });

  describe("Secrets", () => {
    test("stringData is stored as data", async () => {
      const body = { ...secretObject("strings", { A: "MQ==", B: "MQ==" }), stringData: { B: "two" } };
      const stored = await admin.must("POST", path("secrets"), { body });
      expect(stored.data).toEqual({ A: "MQ==", B: Buffer.from("two").toString("base64") });
      expect(stored.stringData).toBeUndefined();
    });

    test("data that is no base64", async () => {
      const answer = await admin.request("POST", path("secrets"), { body: secretObject("bad", { A: "plain text" }) });
      expect(refusal(answer)).toEqual(
        failure(
          400,
          "BadRequest",
          'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 5',
        ),
      );
    });

    test("a key that is no key", async () => {
      const { status, body } = await admin.request("POST", path("secrets"), {
        body: secretObject("badkey", { "a b": "MQ==" }),
      });
      expect({ status, reason: body.reason }).toEqual({ status: 422, reason: "Invalid" });
      expect(body.message).toContain(
        'Secret "badkey" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist of',
      );
    });

    test("a name that is no name", async () => {
      const { status, body } = await admin.request("POST", path("secrets"), { body: secretObject("Bad_Name") });
      expect({ status, reason: body.reason }).toEqual({ status: 422, reason: "Invalid" });
      expect(body.message).toContain(
        'Secret "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of',
      );
    });

    test("an immutable Secret cannot be changed", async () => {
      await admin.must("POST", path("secrets"), { body: { ...secretObject("fixed"), immutable: true } });
      const answer = await admin.request("PATCH", path("secrets", "fixed"), {
        contentType: MERGE_PATCH,
        body: { data: { A: "Mg==" } },
      });
      expect(refusal(answer)).toEqual(
        failure(
          422,
          "Invalid",
          'Secret "fixed" is invalid: data: Forbidden: field is immutable when `immutable` is set',
        ),
      );
    });

    test("the type cannot be changed", async () => {
      await makeSecret("typed");
      const answer = await admin.request("PATCH", path("secrets", "typed"), {
        contentType: MERGE_PATCH,
        body: { type: "other" },
      });
      expect(refusal(answer)).toEqual(
        failure(422, "Invalid", 'Secret "typed" is invalid: type: Invalid value: "other": field is immutable'),
      );
    });

    test("a value with a NUL byte is stored", async () => {
      const { data } = await makeSecret("nul", { A: Buffer.from("a\0b").toString("base64") });
      expect(Buffer.from(data.A, "base64").toString()).toBe("a\0b");
    });
  });

  describe("managed fields", () => {
    const entry = (object: AnyObject, manager: string): AnyObject =>
      object.metadata.managedFields.find((one: AnyObject) => one.manager === manager);

    test("who set a key of a Secret, and when", async () => {
      const created = await admin.must("POST", path("secrets"), {
        body: secretObject("owned", { A: "MQ==" }),
        query: { fieldManager: "one" },
      });
      expect(entry(created, "one").operation).toBe("Update");
      expect(entry(created, "one").fieldsV1["f:data"]["f:A"]).toEqual({});
      expect(entry(created, "one").time).toBe(created.metadata.creationTimestamp);
    });

    test("changing a value moves the field and its time to whoever did it", async () => {
      await admin.must("POST", path("secrets"), {
        body: secretObject("moved", { A: "MQ==", B: "MQ==" }),
        query: { fieldManager: "one" },
      });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const patched = await admin.must("PATCH", path("secrets", "moved"), {
        contentType: MERGE_PATCH,
        body: { data: { A: "Mg==" } },
        query: { fieldManager: "two" },
      });
      expect(entry(patched, "two").fieldsV1["f:data"]["f:A"]).toEqual({});
      expect(entry(patched, "one").fieldsV1["f:data"]["f:A"]).toBeUndefined();
      expect(entry(patched, "one").fieldsV1["f:data"]["f:B"]).toEqual({});
      expect(Date.parse(entry(patched, "two").time)).toBeGreaterThan(Date.parse(entry(patched, "one").time));
    });

    test("a label does not touch the entry that owns the data", async () => {
      await admin.must("POST", path("secrets"), { body: secretObject("labelled"), query: { fieldManager: "one" } });
      const patched = await admin.must("PATCH", path("secrets", "labelled"), {
        contentType: MERGE_PATCH,
        body: { metadata: { labels: { a: "b" } } },
        query: { fieldManager: "two" },
      });
      expect(entry(patched, "two").fieldsV1["f:data"]).toBeUndefined();
      expect(entry(patched, "one").fieldsV1["f:data"]["f:A"]).toEqual({});
    });

    test("writing the same again changes nothing", async () => {
      const before = await makeSecret("same");
      const after = await admin.must("PATCH", path("secrets", "same"), {
        contentType: MERGE_PATCH,
        body: { data: { A: "MQ==" } },
      });
      expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    });
  });

  describe("server-side apply", () => {
    const apply = (name: string, data: AnyObject, query: AnyObject): Promise<KubeAnswer> =>
      admin.request("PATCH", path("secrets", name), { contentType: APPLY, body: secretObject(name, data), query });

    test("creates, then changes nothing, then changes", async () => {
      const first = await apply("applied", { A: "MQ==" }, { fieldManager: "me" });
      expect(first.status).toBe(201);
      expect(first.body.metadata.managedFields[0]).toMatchObject({ manager: "me", operation: "Apply" });
      const second = await apply("applied", { A: "MQ==" }, { fieldManager: "me" });
      expect(second.status).toBe(200);
      expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
      const third = await apply("applied", { A: "Mg==" }, { fieldManager: "me" });
      expect(third.body.data).toEqual({ A: "Mg==" });
    });

    test("without a field manager", async () => {
      const { status, body } = await apply("nobody", {}, {});
      expect({ status, reason: body.reason }).toEqual({ status: 422, reason: "Invalid" });
      expect(body.message).toContain("fieldManager: Required value: is required for apply patch");
    });

    test("a field that another manager owns is a conflict that names it", async () => {
      await admin.must("POST", path("secrets"), {
        body: secretObject("disputed"),
        query: { fieldManager: "kubectl-create" },
      });
      const { status, body } = await apply("disputed", { A: "Mg==" }, { fieldManager: "me", force: "false" });
      expect({ status, reason: body.reason }).toEqual({ status: 409, reason: "Conflict" });
      expect(body.message).toContain('Apply failed with 1 conflict: conflict with "kubectl-create" using v1');
      expect(body.message).toContain(".data.A");
      expect(body.details.causes).toEqual([
        {
          reason: "FieldManagerConflict",
          message: expect.stringContaining('conflict with "kubectl-create" using v1'),
          field: ".data.A",
        },
      ]);
    });

    test("with force the field changes hands", async () => {
      await admin.must("POST", path("secrets"), {
        body: secretObject("forced"),
        query: { fieldManager: "kubectl-create" },
      });
      const { status, body } = await apply("forced", { A: "Mg==" }, { fieldManager: "me", force: "true" });
      expect(status).toBe(200);
      const mine = body.metadata.managedFields.find((one: AnyObject) => one.manager === "me");
      expect(mine.fieldsV1["f:data"]["f:A"]).toEqual({});
    });

    test("the same value as another manager's is shared, not disputed", async () => {
      await admin.must("POST", path("secrets"), { body: secretObject("shared"), query: { fieldManager: "other" } });
      expect((await apply("shared", { A: "MQ==" }, { fieldManager: "me", force: "false" })).status).toBe(200);
    });

    test("what one no longer applies is removed", async () => {
      await apply("shrunk", { A: "MQ==", B: "MQ==" }, { fieldManager: "me" });
      const { body } = await apply("shrunk", { A: "MQ==" }, { fieldManager: "me" });
      expect(body.data).toEqual({ A: "MQ==" });
    });
  });

  describe("JSON patch", () => {
    const patch = (name: string, body: AnyObject, query: AnyObject = {}): Promise<KubeAnswer> =>
      admin.request("PATCH", path("secrets", name), { contentType: JSON_PATCH, body, query });

    test("tests that hold, and a change", async () => {
      const { metadata } = await makeSecret("patched");
      const { status, body } = await patch("patched", [
        { op: "test", path: "/metadata/uid", value: metadata.uid },
        { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
        { op: "add", path: "/data/B", value: "Mg==" },
      ]);
      expect(status).toBe(200);
      expect(body.data).toEqual({ A: "MQ==", B: "Mg==" });
    });

    test("a test that does not hold changes nothing", async () => {
      await makeSecret("unpatched");
      const answer = await patch("unpatched", [
        { op: "test", path: "/metadata/uid", value: "another" },
        { op: "add", path: "/data/B", value: "Mg==" },
      ]);
      expect(refusal(answer)).toMatchObject({ status: 422, reason: "Invalid" });
      expect((await admin.must("GET", path("secrets", "unpatched"))).data).toEqual({ A: "MQ==" });
    });

    test("a path that is not there", async () => {
      await makeSecret("pathless");
      expect((await patch("pathless", [{ op: "remove", path: "/data/Z" }])).status).toBe(422);
    });

    test("an object that is not there", async () => {
      expect(refusal(await patch("absent", [{ op: "add", path: "/data/A", value: "MQ==" }]))).toEqual(
        failure(404, "NotFound", 'secrets "absent" not found'),
      );
    });
  });

  describe("conflicts, preconditions and dry runs", () => {
    test("an update of an old version", async () => {
      const old = await makeSecret("raced");
      await admin.must("PATCH", path("secrets", "raced"), { contentType: MERGE_PATCH, body: { data: { A: "Mg==" } } });
      const answer = await admin.request("PUT", path("secrets", "raced"), { body: { ...old, data: { A: "Mw==" } } });
      expect(refusal(answer)).toEqual(
        failure(
          409,
          "Conflict",
          'Operation cannot be fulfilled on secrets "raced": the object has been modified; please apply your changes to the latest version and try again',
        ),
      );
    });

    test("deleting another object of the same name", async () => {
      const { metadata } = await makeSecret("reborn");
      const answer = await admin.request("DELETE", path("secrets", "reborn"), {
        body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: "other" } },
      });
      expect(refusal(answer)).toEqual(
        failure(
          409,
          "Conflict",
          `Operation cannot be fulfilled on Secret "reborn": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
        ),
      );
      expect(
        (
          await admin.request("DELETE", path("secrets", "reborn"), {
            body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: metadata.uid } },
          })
        ).status,
      ).toBe(200);
      expect((await admin.get(path("secrets", "reborn"))).status).toBe(404);
    });

    test("a dry run answers as the write would and stores nothing", async () => {
      const created = await admin.request("POST", path("secrets"), {
        body: secretObject("dry"),
        query: { dryRun: "All" },
      });
      expect(created.status).toBe(201);
      expect((await admin.get(path("secrets", "dry"))).status).toBe(404);
      await makeSecret("wet");
      const patched = await admin.request("PATCH", path("secrets", "wet"), {
        contentType: MERGE_PATCH,
        body: { data: { A: "Mg==" } },
        query: { dryRun: "All" },
      });
      expect(patched.body.data).toEqual({ A: "Mg==" });
      expect((await admin.must("GET", path("secrets", "wet"))).data).toEqual({ A: "MQ==" });
      const bad = await admin.request("POST", path("secrets"), {
        body: secretObject("Bad_Name"),
        query: { dryRun: "All" },
      });
      expect(bad.status).toBe(422);
    });
  });

  describe("custom resources", () => {
    const group = `contract-${randomUUID().slice(0, 8)}.example`;
    const things = (name = ""): string => `/apis/${group}/v1/namespaces/${ns}/things${name === "" ? "" : `/${name}`}`;
    const thing = (name: string, spec: AnyObject): AnyObject => ({
      apiVersion: `${group}/v1`,
      kind: "Thing",
      metadata: { name },
      spec,
    });

    beforeAll(async () => {
      const text = { type: "string" };
      const spec = {
        type: "object",
        required: ["image"],
        properties: {
          image: text,
          mode: { type: "string", enum: ["A", "B"], default: "A" },
          location: { type: "string", pattern: "^(s3://|file://).+" },
          list: { type: "array", items: { type: "object", properties: { name: { type: "string", default: "" } } } },
          free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      };
      const schema = {
        type: "object",
        properties: { spec, status: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      };
      await admin.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
        body: {
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name: `things.${group}` },
          spec: {
            group,
            scope: "Namespaced",
            names: { kind: "Thing", listKind: "ThingList", plural: "things", singular: "thing" },
            versions: [
              {
                name: "v1",
                served: true,
                storage: true,
                subresources: { status: {} },
                schema: { openAPIV3Schema: schema },
              },
            ],
          },
        },
      });
      const deadline = Date.now() + 15_000;
      while ((await admin.get(things())).status !== 200) {
        if (Date.now() > deadline) throw new Error("the CRD is not served");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });

    test("defaults are filled in and unknown fields are dropped", async () => {
      const { spec, metadata } = await admin.must("POST", things(), {
        body: thing("a", { image: "i", unknown: 1, list: [{}], free: { x: 1 } }),
      });
      expect(spec).toEqual({ image: "i", mode: "A", list: [{ name: "" }], free: { x: 1 } });
      expect(metadata.generation).toBe(1);
    });

    test.each([
      [
        "a pattern",
        { image: "i", location: "gs://b/p" },
        "spec.location: Invalid value: \"gs://b/p\": spec.location in body should match '^(s3://|file://).+'",
      ],
      ["a required field", {}, "spec.image: Required value"],
      ["an enum", { image: "i", mode: "C" }, 'spec.mode: Unsupported value: "C": supported values: "A", "B"'],
      [
        "a type",
        { image: 3 },
        'spec.image: Invalid value: "integer": spec.image in body must be of type string: "integer"',
      ],
    ])("the schema refuses %s", async (_, spec, text) => {
      const { status, body } = await admin.request("POST", things(), { body: thing("bad", spec) });
      expect({ status, reason: body.reason }).toEqual({ status: 422, reason: "Invalid" });
      expect(body.message).toBe(`Thing.${group} "bad" is invalid: ${text}`);
    });

    test("status is written through its own path, and moves no generation", async () => {
      await admin.must("POST", things(), { body: { ...thing("b", { image: "i" }), status: { ignored: true } } });
      const before = await admin.must("GET", things("b"));
      expect(before.status).toBeUndefined();
      const status = await admin.must("PATCH", `${things("b")}/status`, {
        contentType: MERGE_PATCH,
        body: { status: { phase: "Up" }, spec: { image: "other" } },
      });
      expect(status.status).toEqual({ phase: "Up" });
      expect(status.spec.image).toBe("i");
      expect(status.metadata.generation).toBe(1);
      const spec = await admin.must("PATCH", things("b"), {
        contentType: MERGE_PATCH,
        body: { spec: { image: "new" } },
      });
      expect(spec.metadata.generation).toBe(2);
      expect(spec.status).toEqual({ phase: "Up" });
    });

    test("a JSON patch with tests of values", async () => {
      const { metadata, spec } = await admin.must("POST", things(), { body: thing("c", { image: "i" }) });
      const operations = [
        { op: "test", path: "/metadata/uid", value: metadata.uid },
        { op: "test", path: "/spec", value: spec },
        { op: "add", path: "/spec/list", value: [{ name: "x" }] },
      ];
      const first = await admin.request("PATCH", things("c"), { contentType: JSON_PATCH, body: operations });
      expect(first.body.spec.list).toEqual([{ name: "x" }]);
      expect((await admin.request("PATCH", things("c"), { contentType: JSON_PATCH, body: operations })).status).toBe(
        422,
      );
    });

    test("a missing one is a 404 that names it", async () => {
      const answer = await admin.get(things("nope"));
      expect(refusal(answer)).toEqual(failure(404, "NotFound", `things.${group} "nope" not found`));
    });
  });

  describe("users", () => {
    test("a token that is none", async () => {
      const answer = await cluster.client("nonsense").get(path("secrets"));
      expect(refusal(answer)).toEqual(failure(401, "Unauthorized", "Unauthorized"));
    });

    test("a user without rights is told what is missing", async () => {
      const user = cluster.client(await userWith(cluster, ns, "nothing", []));
      const name = `system:serviceaccount:${ns}:nothing`;
      expect(refusal(await user.get(path("secrets", "x")))).toEqual(
        failure(
          403,
          "Forbidden",
          `secrets "x" is forbidden: User "${name}" cannot get resource "secrets" in API group "" in the namespace "${ns}"`,
        ),
      );
      expect(refusal(await user.get(path("pods")))).toEqual(
        failure(
          403,
          "Forbidden",
          `pods is forbidden: User "${name}" cannot list resource "pods" in API group "" in the namespace "${ns}"`,
        ),
      );
      expect(refusal(await user.get("/api/v1/secrets"))).toEqual(
        failure(
          403,
          "Forbidden",
          `secrets is forbidden: User "${name}" cannot list resource "secrets" in API group "" at the cluster scope`,
        ),
      );
      expect((await user.get("/version")).status).toBe(200);
    });

    test("a right on one name is a right on no other", async () => {
      await makeSecret("named");
      const rules = [{ apiGroups: [""], resources: ["secrets"], resourceNames: ["named"], verbs: ["get"] }];
      const user = cluster.client(await userWith(cluster, ns, "byname", rules));
      expect((await user.get(path("secrets", "named"))).status).toBe(200);
      // RBAC is asked before the object is looked for: a refusal says nothing about what exists.
      expect((await user.get(path("secrets", "missing"))).status).toBe(403);
      expect((await user.get(path("secrets"))).status).toBe(403);
    });

    test("one's own rights, listed", async () => {
      const rules = [{ apiGroups: ["antfly.io"], resources: ["antflyclusters"], verbs: ["list"] }];
      const user = cluster.client(await userWith(cluster, ns, "reviewer", rules));
      const review = await user.must("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {
        body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace: ns } },
      });
      expect(review.status.incomplete).toBe(false);
      expect(review.status.resourceRules).toContainEqual(rules[0]);
    });

    test("may I?", async () => {
      const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }];
      const user = cluster.client(await userWith(cluster, ns, "asker", rules));
      const ask = async (verb: string): Promise<boolean> => {
        const resourceAttributes = { namespace: ns, verb, group: "", resource: "pods" };
        const review = await user.must("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
          body: {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SelfSubjectAccessReview",
            spec: { resourceAttributes },
          },
        });
        return review.status.allowed;
      };
      expect([await ask("list"), await ask("delete")]).toEqual([true, false]);
    });
  });

  describe("tokens", () => {
    test("the keys are served as a key set only", async () => {
      expect((await admin.get("/openid/v1/jwks")).status).toBe(406);
    });

    const request = (spec: AnyObject): Promise<KubeAnswer> =>
      admin.request("POST", `${path("serviceaccounts", "default")}/token`, {
        body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec },
      });

    test("a token for an audience verifies against the published keys", async () => {
      const { status, body } = await request({ audiences: ["sts.amazonaws.com"], expirationSeconds: 600 });
      expect(status).toBe(201);
      const keys = await admin.must("GET", "/openid/v1/jwks", { accept: "application/jwk-set+json" });
      const { issuer } = await admin.must("GET", "/.well-known/openid-configuration");
      const { payload, protectedHeader } = await jwtVerify(body.status.token, createLocalJWKSet(keys), {
        issuer,
        audience: "sts.amazonaws.com",
      });
      expect(protectedHeader.alg).toBe("RS256");
      expect(payload.aud).toEqual(["sts.amazonaws.com"]);
      expect(payload.sub).toBe(`system:serviceaccount:${ns}:default`);
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    });

    test("a token for another audience is no login", async () => {
      const { body } = await request({ audiences: ["sts.amazonaws.com"] });
      expect((await cluster.client(body.status.token).get("/version")).status).toBe(401);
    });

    test("ten minutes are the least", async () => {
      const { status, body } = await request({ expirationSeconds: 60 });
      expect({ status, reason: body.reason }).toEqual({ status: 422, reason: "Invalid" });
      expect(body.message).toContain(
        "spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
      );
    });

    test("anonymous discovery is refused until it is bound", async () => {
      expect((await cluster.client().get("/.well-known/openid-configuration")).status).toBe(403);
      const name = `discovery-${randomUUID().slice(0, 8)}`;
      const rbac = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
      await admin.must("POST", rbac, {
        body: {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRoleBinding",
          metadata: { name },
          subjects: [{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "system:unauthenticated" }],
          roleRef: {
            apiGroup: "rbac.authorization.k8s.io",
            kind: "ClusterRole",
            name: "system:service-account-issuer-discovery",
          },
        },
      });
      const deadline = Date.now() + 10_000;
      let status = 0;
      while (status !== 200 && Date.now() < deadline)
        ({ status } = await cluster.client().get("/.well-known/openid-configuration"));
      expect(status).toBe(200);
      await admin.must("DELETE", `${rbac}/${name}`);
    });
  });

  describe("what only the tool's own client does", () => {
    const port = (token?: string): Promise<Kube> =>
      testApp(cluster.kubeconfig(token === undefined ? {} : { token })).kube({ timeoutMs: 10_000 });
    const failed = (call: Promise<unknown>): Promise<AnyObject> =>
      call.then(
        () => ({ failure: "none" }),
        ({ failure: why, status, message }: KubeError) => ({ failure: why, status, message }),
      );
    const account = (name: string, annotations: AnyObject): AnyObject => ({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, namespace: ns, annotations },
    });

    test("any user may ask which versions of a group are served, the preferred one first", async () => {
      const token = await userWith(cluster, ns, "asks-for-versions", []);
      const user = await testApp(cluster.kubeconfig({ namespace: ns, token })).kube({ timeoutMs: 10_000 });
      expect(await user.servedVersions("apps")).toEqual(["v1"]);
      expect((await failed(user.servedVersions("nobody.example")))["failure"]).toBe("not-served");
      await user.close();
    });

    test("a token of a ServiceAccount", async () => {
      const kube = await port();
      const token = await kube.createToken(ns, "default", "sts.amazonaws.com", 600);
      const { sub, aud, iss, iat = 0, exp = 0 } = decodeJwt(Buffer.from(token.reveal()).toString());
      expect({ sub, aud, seconds: exp - iat }).toEqual({
        sub: `system:serviceaccount:${ns}:default`,
        aud: ["sts.amazonaws.com"],
        seconds: 600,
      });
      expect((await kube.openIdConfiguration())["issuer"]).toBe(iss);
      await kube.close();
    });

    test("is a secret from then on", async () => {
      const app = testApp(cluster.kubeconfig());
      const kube = await app.kube({ timeoutMs: 10_000 });
      const token = await kube.createToken(ns, "default", "sts.amazonaws.com", 600);
      const text = Buffer.from(token.reveal()).toString();
      expect(app.redactor.clean(`token ${text}`)).toBe("token [secret]");
      await kube.close();
    });

    test("tokens that are not given out", async () => {
      const kube = await port();
      const mint = (name: string, seconds = 600): Promise<unknown> =>
        kube.createToken(ns, name, "sts.amazonaws.com", seconds);
      expect(await failed(mint("missing"))).toEqual({
        failure: "not-found",
        status: 404,
        message: 'serviceaccounts "missing" not found',
      });
      expect(await failed(mint("default", 60))).toMatchObject({ failure: "invalid", status: 422 });
      const user = await port(await userWith(cluster, ns, "no-tokens", []));
      expect(await failed(user.createToken(ns, "default", "sts.amazonaws.com", 600))).toEqual({
        failure: "forbidden",
        status: 403,
        message: `serviceaccounts "default" is forbidden: User "system:serviceaccount:${ns}:no-tokens" cannot create resource "serviceaccounts/token" in API group "" in the namespace "${ns}"`,
      });
      // Every ServiceAccount may read the discovery document; who is nobody may not.
      expect((await user.openIdConfiguration())["jwks_uri"]).toEqual(expect.any(String));
      const nobody = await port("nonsense");
      expect((await failed(nobody.openIdConfiguration()))["failure"]).toBe("unauthorized");
      for (const one of [kube, user, nobody]) await one.close();
    });

    test("one of the server's own metrics", async () => {
      const kube = await port();
      const name = "apiserver_storage_envelope_transformation_cache_misses_total";
      expect(await kube.metric(name)).toEqual([`${name} 0`]);
      // The name is the whole name.
      expect(await kube.metric(name.slice(0, -1))).toEqual([]);
      const user = await port(await userWith(cluster, ns, "no-metrics", []));
      expect(await failed(user.metric(name))).toMatchObject({
        failure: "forbidden",
        message: `forbidden: User "system:serviceaccount:${ns}:no-metrics" cannot get path "/metrics"`,
      });
      for (const one of [kube, user]) await one.close();
    });

    test("an object is applied, in a dry run first", async () => {
      const kube = await port();
      const wanted = account("applied", { a: "1" });
      const apply = (object: AnyObject, dryRun: boolean): Promise<AnyObject> =>
        kube.apply(SERVICE_ACCOUNT, ns, "applied", object, { dryRun });
      expect((await apply(wanted, true))["metadata"].annotations).toEqual({ a: "1" });
      expect((await admin.get(path("serviceaccounts", "applied"))).status).toBe(404);
      const made = await apply(wanted, false);
      expect(made["metadata"].managedFields[0]).toMatchObject({ manager: "antfly-creds", operation: "Apply" });
      expect((await apply(wanted, false))["metadata"].resourceVersion).toBe(made["metadata"].resourceVersion);
      // What is no longer in it goes, since nobody else wants it.
      expect((await apply(account("applied", { b: "2" }), false))["metadata"].annotations).toEqual({ b: "2" });
      await kube.close();
    });

    test("what another manager owns is a conflict, also in a dry run", async () => {
      const kube = await port();
      const query = { fieldManager: "helm" };
      await admin.must("POST", path("serviceaccounts"), { body: account("owned", { a: "1" }), query });
      for (const dryRun of [true, false]) {
        const conflict = await failed(
          kube.apply(SERVICE_ACCOUNT, ns, "owned", account("owned", { a: "2" }), { dryRun }),
        );
        expect(conflict).toMatchObject({ failure: "conflict", status: 409 });
        expect(conflict["message"]).toContain('conflict with "helm" using v1');
      }
      const { metadata } = await admin.must("GET", path("serviceaccounts", "owned"));
      expect(metadata.annotations).toEqual({ a: "1" });
      await kube.close();
    });
  });

  describe("pods, budgets and watches", () => {
    const pod = (name: string): AnyObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels: { app: name } },
      spec: { containers: [{ name: "main", image: "none" }] },
    });

    test("a pod is bound through its own path", async () => {
      const { status } = await admin.must("POST", path("pods"), { body: pod("bound") });
      expect(status.phase).toBe("Pending");
      const target = { apiVersion: "v1", kind: "Node", name: "node-x" };
      const answer = await admin.request("POST", `${path("pods", "bound")}/binding`, {
        body: { apiVersion: "v1", kind: "Binding", metadata: { name: "bound" }, target },
      });
      expect(answer.status).toBe(201);
      expect((await admin.must("GET", path("pods", "bound"))).spec.nodeName).toBe("node-x");
      const gone = await admin.must("DELETE", path("pods", "bound"));
      expect(gone.metadata.deletionTimestamp).toBeDefined();
      await admin.must("DELETE", path("pods", "bound"), {
        body: { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0 },
      });
      expect((await admin.get(path("pods", "bound"))).status).toBe(404);
    });

    test("an eviction that a budget forbids", async () => {
      await admin.must("POST", path("pods"), { body: pod("guarded") });
      // Running and Ready: a pod that is not counts against no budget.
      await admin.must("PATCH", `${path("pods", "guarded")}/status`, {
        contentType: MERGE_PATCH,
        body: { status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } },
      });
      const budgets = `/apis/policy/v1/namespaces/${ns}/poddisruptionbudgets`;
      await admin.must("POST", budgets, {
        body: {
          apiVersion: "policy/v1",
          kind: "PodDisruptionBudget",
          metadata: { name: "guard" },
          spec: { minAvailable: 1, selector: { matchLabels: { app: "guarded" } } },
        },
      });
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "guarded" } };
      const deadline = Date.now() + 10_000;
      let answer = await admin.request("POST", `${path("pods", "guarded")}/eviction`, { body: eviction });
      // The real controller needs a moment to see the new budget.
      while (answer.body?.message?.includes("being processed") === true && Date.now() < deadline)
        answer = await admin.request("POST", `${path("pods", "guarded")}/eviction`, { body: eviction });
      expect(refusal(answer)).toEqual(
        failure(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."),
      );
    });

    test("an eviction that nothing forbids", async () => {
      await admin.must("POST", path("pods"), { body: pod("free") });
      const answer = await admin.request("POST", `${path("pods", "free")}/eviction`, {
        body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "free" } },
      });
      expect(answer.status).toBe(201);
    });

    test("a watch from a resource version sees what comes after", async () => {
      const { metadata } = await admin.must("GET", path("configmaps"));
      const abort = new AbortController();
      const seen: string[] = [];
      const done = (async () => {
        for await (const { type, object } of admin.watch(
          path("configmaps"),
          { resourceVersion: metadata.resourceVersion },
          abort.signal,
        )) {
          if (object.metadata.name !== "watched") continue;
          seen.push(type);
          if (type === "DELETED") return;
        }
      })();
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "watched" }, data: { a: "1" } };
      await admin.must("POST", path("configmaps"), { body });
      await admin.must("PATCH", path("configmaps", "watched"), {
        contentType: MERGE_PATCH,
        body: { data: { a: "2" } },
      });
      await admin.must("DELETE", path("configmaps", "watched"));
      await done;
      abort.abort();
      expect(seen).toEqual(["ADDED", "MODIFIED", "DELETED"]);
    });
  });

  describe("revisions of a StatefulSet's template", () => {
    const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
    const labels = { app: "rolled" };

    /** By their number; a test waits until the newest has it. */
    const revisions = (newest: number): Promise<AnyObject[]> =>
      eventually(`revision ${newest}`, async () => {
        const { items } = await admin.must("GET", `/apis/apps/v1/namespaces/${ns}/controllerrevisions`, {
          query: { labelSelector: "app=rolled" },
        });
        const sorted = items.sort((a: AnyObject, b: AnyObject) => a.revision - b.revision);
        return sorted.at(-1)?.revision === newest && sorted;
      });
    const annotate = (annotations: AnyObject): Promise<AnyObject> =>
      admin.must("PATCH", `/apis/apps/v1/namespaces/${ns}/statefulsets/rolled`, {
        contentType: MERGE_PATCH,
        body: { spec: { template: { metadata: { annotations } } } },
      });
    const restartedAt = ({ data }: AnyObject): unknown => data.spec.template.metadata.annotations?.[RESTARTED_AT];

    test("a template that comes back is the revision that it was, with the next number", async () => {
      const set = await admin.must("POST", `/apis/apps/v1/namespaces/${ns}/statefulsets`, {
        body: {
          apiVersion: "apps/v1",
          kind: "StatefulSet",
          metadata: { name: "rolled" },
          spec: {
            replicas: 0,
            serviceName: "rolled",
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "none" }] } },
          },
        },
      });
      const [first] = await revisions(1);
      expect(first?.["metadata"].name).toMatch(/^rolled-[0-9a-z]+$/);
      expect(first?.["metadata"].labels).toMatchObject(labels);
      expect(first?.["metadata"].ownerReferences).toEqual([
        {
          apiVersion: "apps/v1",
          kind: "StatefulSet",
          name: "rolled",
          uid: set.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ]);

      await annotate({ [RESTARTED_AT]: "2026-08-01T11:00:00Z" });
      const restarted = await revisions(2);
      expect(restarted.map(restartedAt)).toEqual([undefined, "2026-08-01T11:00:00Z"]);

      await annotate({ [RESTARTED_AT]: null });
      const reverted = await revisions(3);
      expect(reverted.map(({ revision }) => revision)).toEqual([2, 3]);
      expect(reverted.map(restartedAt)).toEqual(["2026-08-01T11:00:00Z", undefined]);
      expect(reverted[1]?.["metadata"]).toMatchObject({
        name: first?.["metadata"].name,
        uid: first?.["metadata"].uid,
        creationTimestamp: first?.["metadata"].creationTimestamp,
      });
    });
  });
}
