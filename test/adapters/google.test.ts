import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { UserError } from "../../src/domain/errors.ts";
import { Sensitive } from "../../src/domain/sensitive.ts";
import { googleFailure, googleOn } from "../support/google-client.ts";
import type { GoogleFaultKind } from "../support/google-server/faults.ts";
import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import { CLUSTER, EMAIL, GOOGLE_CALLS, SEED } from "./google-calls.ts";

let google: InProcessGoogle;
beforeAll(async () => {
  google = await startGoogleServer();
});
afterAll(() => google.stop());
beforeEach(() => google.reset(SEED));

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
const MAY_BE_EMPTY = /^(delete|listClusters|listServiceAccountKeys)/;

/** What an object holds may be anything. */
function isFine(what: string, name: string): boolean {
  if (what === "an answer that says nothing" && MAY_BE_EMPTY.test(name)) return true;
  // An object that is not there is removed.
  if (what === "404" && name === "objectStore.delete") return true;
  return name === "objectStore.get" && /^(garbage|a page|an answer|a list)/.test(what);
}

describe("every call of the port meets", () => {
  test.each(FAULTS)("%s", async (what, how, failure) => {
    const token = new Sensitive(google.ownToken());
    const tool = await googleOn(google, { timeoutMs: how === "hang" ? 300 : 5_000 });
    // The tool's own token is there: it is the call itself that goes wrong.
    await tool.getProject("acme-prod");
    for (const batch of [
      GOOGLE_CALLS.filter(({ follows }) => follows),
      GOOGLE_CALLS.filter(({ follows }) => follows !== true),
    ]) {
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
