import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { UserError } from "../../src/domain/errors.ts";
import { Sensitive } from "../../src/domain/sensitive.ts";
import type { Google } from "../../src/ports.ts";
import { CANARY_SECRET } from "../support/canaries.ts";
import { googleFailure, googleOn } from "../support/google-client.ts";
import type { GoogleFaultKind } from "../support/google-server/faults.ts";
import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";

const EMAIL = "antfly@acme-prod.iam.gserviceaccount.com";
const CLUSTER = { project: "acme-prod", location: "europe-west1", name: "prod" };
const KEY = `GOOG1E${"A".repeat(55)}`;
const SEED = {
  clusters: [{ nodePools: { "default-pool": "" } }],
  accounts: [{ id: "antfly" }],
  buckets: [{ name: "acme", objects: { a: "1" } }],
  hmacKeys: [{ id: KEY, secret: CANARY_SECRET, account: EMAIL, state: "INACTIVE" as const }],
};

let google: InProcessGoogle;
beforeAll(async () => {
  google = await startGoogleServer();
});
afterAll(() => google.stop());
beforeEach(() => google.reset(SEED));

interface PortCall {
  readonly name: string;
  /** Permission, or operation where it takes none. */
  readonly action: string;
  /** It is asked after another call, whose fault would come first. */
  readonly follows?: true;
  readonly run: (tool: Google, token: Sensitive) => Promise<unknown>;
}

const policy = { version: 3, etag: undefined, bindings: [], rest: {} };
const store = (tool: Google, token: Sensitive): ReturnType<Google["objectStore"]> =>
  tool.objectStore({ bucket: "acme", token });

/** Every call of the port. */
const CALLS: readonly PortCall[] = [
  { name: "getCluster", action: "container.clusters.get", run: (tool) => tool.getCluster(CLUSTER) },
  {
    name: "listClusters",
    action: "container.clusters.list",
    run: (tool) => tool.listClusters("acme-prod"),
  },
  {
    name: "setWorkloadPool",
    action: "container.clusters.update",
    run: (tool) => tool.setWorkloadPool(CLUSTER, "acme-prod.svc.id.goog"),
  },
  {
    name: "setMetadataMode",
    action: "container.clusters.update",
    run: (tool) => tool.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA"),
  },
  {
    name: "setMetadataMode, followed",
    action: "container.operations.get",
    follows: true,
    run: (tool) => tool.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA"),
  },
  {
    name: "getProject",
    action: "resourcemanager.projects.get",
    run: (tool) => tool.getProject("acme-prod"),
  },
  {
    name: "getProjectPolicy",
    action: "resourcemanager.projects.getIamPolicy",
    run: (tool) => tool.getProjectPolicy("acme-prod"),
  },
  {
    name: "getService",
    action: "serviceusage.services.get",
    run: (tool) => tool.getService("acme-prod", "iam.googleapis.com"),
  },
  {
    name: "getServiceAccount",
    action: "iam.serviceAccounts.get",
    run: (tool) => tool.getServiceAccount(EMAIL),
  },
  {
    name: "createServiceAccount",
    action: "iam.serviceAccounts.create",
    run: (tool) => tool.createServiceAccount({ project: "acme-prod", id: "backup", displayName: "", description: "" }),
  },
  {
    name: "deleteServiceAccount",
    action: "iam.serviceAccounts.delete",
    run: (tool) => tool.deleteServiceAccount(EMAIL),
  },
  {
    name: "getServiceAccountPolicy",
    action: "iam.serviceAccounts.getIamPolicy",
    run: (tool) => tool.getServiceAccountPolicy(EMAIL),
  },
  {
    name: "setServiceAccountPolicy",
    action: "iam.serviceAccounts.setIamPolicy",
    run: (tool) => tool.setServiceAccountPolicy(EMAIL, policy),
  },
  {
    name: "listServiceAccountKeys",
    action: "iam.serviceAccountKeys.list",
    run: (tool) => tool.listServiceAccountKeys(EMAIL),
  },
  { name: "getRole", action: "iam.roles.get", run: (tool) => tool.getRole("roles/storage.admin") },
  {
    name: "exchangeToken",
    action: "sts.token",
    run: (tool, token) => tool.exchangeToken({ audience: "identitynamespace:x", token }),
  },
  {
    name: "generateAccessToken",
    action: "iam.serviceAccounts.getAccessToken",
    run: (tool, token) => tool.generateAccessToken({ account: EMAIL, token, lifetimeSeconds: 600 }),
  },
  { name: "getBucket", action: "storage.buckets.get", run: (tool) => tool.getBucket("acme") },
  {
    name: "getBucketPolicy",
    action: "storage.buckets.getIamPolicy",
    run: (tool) => tool.getBucketPolicy("acme"),
  },
  {
    name: "setBucketPolicy",
    action: "storage.buckets.setIamPolicy",
    run: (tool) => tool.setBucketPolicy("acme", policy),
  },
  {
    name: "testBucketPermissions",
    action: "storage.buckets.testIamPermissions",
    run: (tool, token) => tool.testBucketPermissions({ bucket: "acme", permissions: ["storage.objects.get"], token }),
  },
  {
    name: "getHmacKey",
    action: "storage.hmacKeys.get",
    run: (tool) => tool.getHmacKey("acme-prod", KEY),
  },
  {
    name: "listHmacKeys",
    action: "storage.hmacKeys.list",
    run: (tool) => tool.listHmacKeys("acme-prod", EMAIL),
  },
  {
    name: "createHmacKey",
    action: "storage.hmacKeys.create",
    run: (tool) => tool.createHmacKey("acme-prod", EMAIL),
  },
  {
    name: "setHmacKeyState",
    action: "storage.hmacKeys.update",
    run: (tool) => tool.setHmacKeyState("acme-prod", KEY, "ACTIVE", undefined),
  },
  {
    name: "deleteHmacKey",
    action: "storage.hmacKeys.delete",
    run: (tool) => tool.deleteHmacKey("acme-prod", KEY),
  },
  {
    name: "objectStore.bucketRegion",
    action: "storage.buckets.get",
    run: (tool, token) => store(tool, token).bucketRegion(),
  },
  {
    name: "objectStore.versioning",
    action: "storage.buckets.get",
    run: (tool, token) => store(tool, token).versioning(),
  },
  {
    name: "objectStore.encryption",
    action: "storage.buckets.get",
    run: (tool, token) => store(tool, token).encryption(),
  },
  {
    name: "objectStore.objectLock",
    action: "storage.buckets.get",
    run: (tool, token) => store(tool, token).objectLock(),
  },
  {
    name: "objectStore.list",
    action: "storage.objects.list",
    run: (tool, token) => store(tool, token).list("", 2),
  },
  {
    name: "objectStore.get",
    action: "storage.objects.get",
    run: (tool, token) => store(tool, token).get("a"),
  },
  {
    name: "objectStore.put",
    action: "storage.objects.create",
    run: (tool, token) => store(tool, token).put("b", Buffer.from("1")),
  },
  {
    name: "objectStore.delete",
    action: "storage.objects.delete",
    run: (tool, token) => store(tool, token).delete("a"),
  },
];

/** An answer with this status. */
const answer = (status: number, more: object = {}): GoogleFaultKind => ({ status, message: `no (${status})`, ...more });

/** How a call goes wrong → what the port makes of it. */
const FAULTS: readonly (readonly [string, GoogleFaultKind, RegExp])[] = [
  ["400", answer(400, { code: "INVALID_ARGUMENT" }), /^invalid$/],
  ["401", answer(401, { code: "UNAUTHENTICATED" }), /^invalid-credentials$/],
  ["403", answer(403, { code: "PERMISSION_DENIED" }), /^denied$/],
  ["404", answer(404, { code: "NOT_FOUND" }), /^not-found$/],
  ["409", answer(409, { code: "ABORTED" }), /^conflict$/],
  ["412", answer(412, { code: "conditionNotMet" }), /^(conflict|exists)$/],
  ["429", answer(429, { code: "RESOURCE_EXHAUSTED" }), /^throttled$/],
  ["500", answer(500, { code: "INTERNAL" }), /^server-error$/],
  ["503", answer(503, { code: "UNAVAILABLE" }), /^server-error$/],
  ["a cut connection", "reset", /^unreachable$/],
  ["no answer in time", "hang", /^timeout$/],
  ["garbage", "garbage", /^malformed$/],
  ["a page to sign in", "page", /^malformed$/],
  ["half an answer", "half", /^(malformed|unreachable)$/],
  ["an answer that says nothing", { body: "{}" }, /^malformed$/],
  ["a list instead of an object", { body: "[]" }, /^malformed$/],
];

/** Whose answer may be empty: nothing was found, or nothing is there any more. */
const MAY_BE_EMPTY = /^(delete|listClusters|listServiceAccountKeys|objectStore\.delete)/;

/** What an object holds may be anything. */
function isFine(what: string, name: string): boolean {
  if (what === "an answer that says nothing" && MAY_BE_EMPTY.test(name)) return true;
  return name === "objectStore.get" && /^(garbage|a page|an answer|a list)/.test(what);
}

describe("every call of the port meets", () => {
  test.each(FAULTS)("%s", async (what, how, failure) => {
    const token = new Sensitive(google.ownToken());
    const tool = await googleOn(google, { timeoutMs: how === "hang" ? 300 : 5_000 });
    // The tool's own token is there: it is the call itself that goes wrong.
    await tool.getProject("acme-prod");
    for (const batch of [CALLS.filter(({ follows }) => follows), CALLS.filter(({ follows }) => follows !== true)]) {
      google.heal();
      for (const { action } of batch) google.fail({ match: action, how });
      await Promise.all(
        batch.map(async ({ name, run }) => {
          if (isFine(what, name)) {
            await run(tool, token);
            return;
          }
          const failed = await googleFailure(run(tool, token));
          expect([name, failed["failure"]]).toEqual([name, expect.stringMatching(failure)]);
          expect(failed["message"]).toMatch(/^[^\n]+$/);
          expect(failed["message"]).not.toContain("ya29");
        }),
      );
    }
    tool.close();
  });
});

describe("how often a call is sent", () => {
  const sent = (action: string): number => google.calls.filter((call) => call.action === action).length;
  const passing: readonly (readonly [string, GoogleFaultKind])[] = [
    ["500", answer(500)],
    ["503", answer(503)],
    ["a cut connection", "reset"],
    ["429", answer(429, { code: "RESOURCE_EXHAUSTED" })],
  ];

  test.each(passing)("a read is repeated after %s, three times at most", async (_, how) => {
    const tool = await googleOn(google);
    google.fail({ match: "iam.serviceAccounts.get", times: 2, how });
    expect((await tool.getServiceAccount(EMAIL)).email).toBe(EMAIL);
    expect(sent("iam.serviceAccounts.get")).toBe(3);
    google.fail({ match: "iam.serviceAccounts.get", how });
    await googleFailure(tool.getServiceAccount(EMAIL));
    expect(sent("iam.serviceAccounts.get")).toBe(6);
    expect(tool.calls()).toBe(6);
    tool.close();
  });

  test.each(passing.slice(0, 3))("a write is not after %s: it may have taken effect", async (_, how) => {
    const tool = await googleOn(google);
    google.fail({ match: "iam.serviceAccounts.create", how, after: true, times: 1 });
    const wanted = { project: "acme-prod", id: "backup", displayName: "", description: "" };
    await googleFailure(tool.createServiceAccount(wanted));
    expect(sent("iam.serviceAccounts.create")).toBe(1);
    expect((await tool.getServiceAccount("backup@acme-prod.iam.gserviceaccount.com")).disabled).toBe(false);
    tool.close();
  });

  test("a write is that was throttled: nobody looked at it", async () => {
    const tool = await googleOn(google);
    google.fail({ match: "storage.hmacKeys.create", how: answer(429, { code: "rateLimitExceeded" }), times: 2 });
    expect((await tool.createHmacKey("acme-prod", EMAIL)).key.state).toBe("ACTIVE");
    expect(sent("storage.hmacKeys.create")).toBe(3);
    tool.close();
  });

  test("a refusal is not", async () => {
    await google.seed({ denied: ["iam.*"] });
    const tool = await googleOn(google);
    expect(await googleFailure(tool.getServiceAccount(EMAIL))).toMatchObject({ failure: "denied", status: 403 });
    expect(sent("iam.serviceAccounts.get")).toBe(1);
    tool.close();
  });

  test("not before the time that Google asks for, and not after the deadline", async () => {
    const tool = await googleOn(google, { timeoutMs: 3_000 });
    google.fail({ match: "iam.roles.get", how: answer(429, { retryAfter: 1 }), times: 1 });
    const before = Date.now();
    await tool.getRole("roles/storage.admin");
    expect(Date.now() - before).toBeGreaterThan(950);
    google.fail({ match: "iam.roles.get", how: answer(429, { retryAfter: 60 }) });
    expect((await googleFailure(tool.getRole("roles/storage.admin")))["failure"]).toBe("throttled");
    expect(Date.now() - before).toBeLessThan(10_000);
    tool.close();
  });
});

describe("an interruption", () => {
  test("ends a read, and not a write", async () => {
    const interrupt = new AbortController();
    const tool = await googleOn(google, { signal: interrupt.signal });
    await tool.getProject("acme-prod");
    google.fail({ match: "iam.serviceAccounts.get", how: "hang" });
    const read = tool.getServiceAccount(EMAIL);
    const write = tool.deleteServiceAccount(EMAIL);
    interrupt.abort();
    await expect(read).rejects.toThrow(UserError);
    await write;
    expect(google.state.accounts.has(EMAIL)).toBe(false);
    tool.close();
  });

  test("does not reach what is shielded", async () => {
    const interrupt = new AbortController();
    const tool = await googleOn(google, { signal: interrupt.signal });
    const work = tool.shielded(async () => {
      interrupt.abort();
      return tool.getServiceAccount(EMAIL);
    });
    expect((await work).email).toBe(EMAIL);
    tool.close();
  });

  test("of a change of a cluster says that GKE goes on", async () => {
    const interrupt = new AbortController();
    const tool = await googleOn(google, { signal: interrupt.signal });
    const body = JSON.stringify({ name: "operation-1", status: "RUNNING" });
    google.fail({ match: "container.operations.get", how: { body } });
    const change = tool.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA");
    const ended = expect(change).rejects.toThrow(/GKE goes on with operation operation-/);
    while (!google.calls.some(({ action }) => action === "container.operations.get"))
      await new Promise((resolve) => setTimeout(resolve, 10));
    interrupt.abort();
    await ended;
    tool.close();
  });
});

test("an operation of GKE that fails says why", async () => {
  const tool = await googleOn(google);
  const error = { code: 8, message: "Insufficient quota" };
  const body = JSON.stringify({ name: "operation-1", status: "DONE", error });
  google.fail({ match: "container.operations.get", how: { body } });
  expect(await googleFailure(tool.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA"))).toMatchObject({
    failure: "server-error",
    message: expect.stringContaining("Insufficient quota"),
  });
  tool.close();
});

test("what a server says can be printed, and holds none of the secrets", async () => {
  const tool = await googleOn(google);
  const token = new Sensitive(google.ownToken());
  const echoed = Buffer.from(token.reveal()).toString("utf8");
  google.fail({
    match: "iam.serviceAccounts.getAccessToken",
    how: answer(403, { code: "PERMISSION_DENIED", message: `\u001b[31mno\nfor Bearer ${echoed}` }),
  });
  const failed = await googleFailure(tool.generateAccessToken({ account: EMAIL, token, lifetimeSeconds: 600 }));
  expect(failed["message"]).toMatch(/^[ -~]+$/);
  tool.close();
});
