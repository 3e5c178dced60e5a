import { afterEach, describe, expect, test } from "vitest";

import { initIrsa } from "../../src/commands/init-irsa.ts";
import type { ExitCode, UserError } from "../../src/domain/errors.ts";
import type { AwsFault } from "../support/aws-server/faults.ts";
import type { AnyObject } from "../support/follow.ts";
import { BUCKET, identityBed, NS, type AppHooks, type BedOptions, type IdentityBed } from "../support/identity-bed.ts";
import type { Fault, LoggedCall } from "../support/kube-server/faults.ts";
import type { TestApp } from "../support/test-app.ts";

const OTHER = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
/** A role and a provider that are added to: the other steps that there are. */
const SHARED: BedOptions = {
  aws: {
    buckets: [{ name: BUCKET }],
    providers: [{ issuer: "ISSUER", clientIds: ["other"] }],
    roles: [{ name: "antfly-production-c1", trust: OTHER, inline: { theirs: OTHER } }],
  },
  objects: [{ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "c1", namespace: NS } }],
};
const OPTIONS = { role: "antfly-production-c1", wait: "0s", timeout: "10s", yes: true };

let bed: IdentityBed;
afterEach(() => bed.stop());

interface Ended {
  readonly code: ExitCode;
  readonly app: TestApp;
  readonly error: UserError | undefined;
}

async function run(hooks: AppHooks = {}, options: object = {}): Promise<Ended> {
  const app = bed.app(hooks);
  try {
    return { code: await initIrsa("c1", { ...OPTIONS, ...options }, app), app, error: undefined };
  } catch (error) {
    const told = error as UserError;
    if (told.name !== "UserError") throw error;
    return { code: told.exit, app, error: told };
  }
}

/** Everything or nothing, and if something in between it is said: exit 0, 6, or 7 with what is left. */
async function expectWhole(before: object, { code, error, app }: Ended): Promise<void> {
  const after = await bed.everything();
  if (code === 0) {
    expect(after).not.toEqual(before);
    expect(after).toMatchObject({ notes: [] });
    return;
  }
  if (code === 7) {
    expect(error?.message).toMatch(/not undone: |whether this took effect is not known: /);
    // The note stays: it is how the next run knows of this one.
    expect(after).toMatchObject({ notes: ["antfly-creds-init-c1"] });
    return;
  }
  expect(`${code} ${error?.message} ${app.printed.out}`).toMatch(/^6 /);
  expect(after).toEqual(before);
}

const wrote =
  (resource: string, verb = "patch") =>
  (call: LoggedCall): boolean =>
    call.resource === resource && call.verb === verb && !call.dryRun;

const KUBE_STEPS = ["configmaps", "serviceaccounts", "antflyclusters", "antflybackups"] as const;
const AWS_STEPS = [
  ["CreateOpenIDConnectProvider", {}],
  ["CreateRole", {}],
  ["PutRolePolicy", {}],
  ["AddClientIDToOpenIDConnectProvider", SHARED],
  ["UpdateAssumeRolePolicy", SHARED],
] as const;
const KUBE_FAULTS: Readonly<Record<string, Fault>> = {
  "403": { kind: "status", code: 403, reason: "Forbidden", message: "no" },
  "409": { kind: "status", code: 409, reason: "Conflict", message: "changed" },
  "500": { kind: "status", code: 500, message: "away" },
  "a cut connection": { kind: "reset" },
  "a lost answer": { kind: "reset", after: true },
  "half an answer": { kind: "half" },
  "no answer": { kind: "hang" },
};
const AWS_FAULTS: Readonly<Record<string, Pick<AwsFault, "how" | "after">>> = {
  "403": { how: { status: 403, code: "AccessDenied", message: "no" } },
  "409": { how: { status: 409, code: "EntityTemporarilyUnmodifiable", message: "not now" } },
  "500": { how: { status: 500, code: "ServiceFailure" } },
  "a cut connection": { how: "reset" },
  "a lost answer": { how: "reset", after: true },
  "half an answer": { how: "half" },
  garbage: { how: "garbage" },
  "no answer": { how: "hang" },
};

/** Undone; an answer that is lost is not taken for a failure; of no answer at all nobody knows what comes. */
const CODES: Readonly<Record<string, number>> = {
  "403": 6,
  "409": 6,
  "500": 6,
  "a cut connection": 6,
  "a lost answer": 0,
  "half an answer": 0,
  garbage: 6,
  "no answer": 7,
};

describe("everything or nothing", () => {
  test.each(
    AWS_STEPS.flatMap(([action, options]) =>
      Object.entries(AWS_FAULTS).map(([name, fault]) => ({ action, options, name, fault })),
    ),
  )("when $action meets $name", async ({ action, options, name, fault }) => {
    bed = await identityBed(options);
    const before = await bed.everything();
    bed.cloud.fail({ action, times: 1, ...fault });
    const ended = await run({}, name === "no answer" ? { timeout: "1500ms" } : {});
    await expectWhole(before, ended);
    expect(ended.code).toBe(CODES[name]);
  });

  test.each(
    KUBE_STEPS.flatMap((resource) => Object.entries(KUBE_FAULTS).map(([name, fault]) => ({ resource, name, fault }))),
  )("when a write of $resource meets $name", async ({ resource, name, fault }) => {
    bed = await identityBed();
    const before = await bed.everything();
    bed.kube.faults.add({ when: wrote(resource), times: 1, fault });
    const ended = await run({}, name === "no answer" ? { timeout: "1500ms" } : {});
    await expectWhole(before, ended);
    expect(ended.code).toBe(resource === "configmaps" ? 6 : CODES[name]);
  });
});

describe("what AWS does not allow", () => {
  test.each(["iam:CreateOpenIDConnectProvider", "iam:CreateRole", "iam:PutRolePolicy"])(
    "%s: all is undone, and the action is named",
    async (action) => {
      bed = await identityBed({ aws: { buckets: [{ name: BUCKET }], denied: [action] } });
      const before = await bed.everything();
      const { code, error } = await run();
      expect(error?.message).toContain(`your AWS identity is not allowed ${action}`);
      expect(error?.hint).toContain("--init-irsa");
      expect(code).toBe(6);
      expect(await bed.everything()).toEqual(before);
    },
  );

  test("an undo: what is left is named, exit 7, and the next run goes on from it", async () => {
    bed = await identityBed({ aws: { buckets: [{ name: BUCKET }], denied: ["iam:DeleteRole"] } });
    bed.kube.faults.add({ when: wrote("antflyclusters"), times: 1, fault: KUBE_FAULTS["403"] as Fault });
    const { code, error } = await run();
    expect(code).toBe(7);
    expect(error?.message).toContain("not undone: create IAM role antfly-production-c1");
    const again = await run();
    expect(again.app.printed.err).toContain("was cut off, or is still at work. It had set out to:\n");
    expect(again.app.printed.err).toContain("create IAM role antfly-production-c1: done, or no longer needed");
    expect(again.app.printed.err).toContain("give IAM role antfly-production-c1");
    expect(again.code).toBe(0);
    expect(await bed.everything()).toMatchObject({ notes: [] });
  });
});

describe("an interruption", () => {
  const CALLS = [
    "createOidcProvider",
    "createRole",
    "putRolePolicy",
    "apply",
    "patch",
    "addClientId",
    "updateTrustPolicy",
  ] as const;
  test.each(CALLS)("while %s is sent: it is waited for and taken back, exit 130", async (call) => {
    bed = await identityBed(call === "addClientId" || call === "updateTrustPolicy" ? SHARED : {});
    const before = await bed.everything();
    const interrupt = new AbortController();
    const { code, error } = await run({
      signal: interrupt.signal,
      before: (name) => name === call && interrupt.abort(),
    });
    expect(error?.message).toMatch(/^interrupted; (what had been done was undone|nothing was changed)$/);
    expect(code).toBe(130);
    expect(await bed.everything()).toEqual(before);
  });

  test("while it waits for the pods or proves: what was applied stays, and it says so", async () => {
    bed = await identityBed();
    const interrupt = new AbortController();
    const { code, error } = await run({
      signal: interrupt.signal,
      before: (name) => name === "assumeRoleWithWebIdentity" && interrupt.abort(),
    });
    expect(error?.message).toContain("interrupted while proving the role; what was applied stays");
    expect(code).toBe(130);
    expect(await bed.everything()).toMatchObject({ notes: [], objects: [[]], providers: [{}], roles: [{}] });
  });
});

describe("a plan that has become stale", () => {
  const changes: Readonly<Record<string, () => Promise<void>>> = {
    "the trust policy": async () => {
      const role = bed.cloud.state.actual.roles.get("antfly-production-c1");
      if (role !== undefined)
        role.trust = JSON.stringify({ ...OTHER, Statement: [...OTHER.Statement, ...OTHER.Statement] });
    },
    "the provider": async () => {
      const [provider] = bed.cloud.state.actual.providers.values();
      provider?.clientIds.push("sts.amazonaws.com");
    },
    "the AntflyCluster": async () => {
      await bed.kube.admin.must("PATCH", `/apis/antfly.io/v1/namespaces/${NS}/antflyclusters/c1`, {
        contentType: "application/merge-patch+json",
        body: { spec: { image: "ghcr.io/antflydb/antfly:next" } },
      });
    },
    "the ServiceAccount": async () => {
      const path = `/api/v1/namespaces/${NS}/serviceaccounts`;
      await bed.kube.admin.must("DELETE", `${path}/c1`);
      await bed.kube.admin.must("POST", path, {
        body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "c1" } },
      });
    },
  };

  test.each(Object.keys(changes))(
    "since %s changed while it was looked at: refused, and nothing is done",
    async (what) => {
      bed = await identityBed(SHARED);
      let changed: AnyObject = {};
      const confirm = async (): Promise<boolean> => {
        await changes[what]?.();
        changed = await bed.everything();
        return true;
      };
      const { code, error } = await run({ confirm }, { yes: false });
      expect(code).toBe(6);
      expect(error?.hint).toContain("run the command again");
      expect(await bed.everything()).toEqual(changed);
    },
  );

  test("an undo leaves a trust policy alone that somebody has changed meanwhile", async () => {
    bed = await identityBed(SHARED);
    bed.kube.faults.add({ when: wrote("antflyclusters"), times: 1, fault: KUBE_FAULTS["403"] as Fault });
    const theirs = JSON.stringify({ ...OTHER, Statement: [] });
    const { code, error } = await run({
      before: (name) => {
        const role = bed.cloud.state.actual.roles.get("antfly-production-c1");
        if (name === "patch" && role !== undefined) role.trust = theirs;
      },
    });
    expect(code).toBe(7);
    expect(error?.message).toContain("not undone: add to the trust policy of IAM role antfly-production-c1");
    expect(bed.cloud.state.actual.roles.get("antfly-production-c1")?.trust).toBe(theirs);
  });
});
