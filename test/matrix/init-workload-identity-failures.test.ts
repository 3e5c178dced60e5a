import { describe, expect, test as base } from "vitest";

import { initWorkloadIdentity } from "../../src/commands/init-workload-identity.ts";
import type { ExitCode, UserError } from "../../src/domain/errors.ts";
import type { GoogleFault } from "../support/google-server/faults.ts";
import { BUCKET, NS, type AppHooks } from "../support/identity-bed.ts";
import type { Fault, LoggedCall } from "../support/kube-server/faults.ts";
import type { TestApp } from "../support/test-app.ts";
import { EMAIL, OBJECT_USER, workloadBed, type WorkloadBed, type WorkloadBedOptions } from "../support/workload-bed.ts";

const OPTIONS = { wait: "0s", timeout: "10s", yes: true, enablePool: true };
const OFF: WorkloadBedOptions = {
  google: { clusters: [{ workloadPool: false, nodePools: { main: "GCE_METADATA" } }] },
};
const ANNOTATED: WorkloadBedOptions = {
  objects: [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "c1", namespace: NS, annotations: { "iam.gke.io/gcp-service-account": EMAIL } },
    },
  ],
};

/** Beds of its own, so that tests in which something has to be waited for wait side by side. */
const test = base.extend<{ start: typeof workloadBed }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of what a fixture needs here
  start: async ({}, use) => {
    const beds: WorkloadBed[] = [];
    await use(async (options) => {
      const bed = await workloadBed(options);
      beds.push(bed);
      return bed;
    });
    await Promise.all(beds.map((bed) => bed.stop()));
  },
});

interface Ended {
  readonly code: ExitCode;
  readonly app: TestApp;
  readonly error: UserError | undefined;
}

async function run(bed: WorkloadBed, hooks: AppHooks = {}, options: object = {}): Promise<Ended> {
  const app = bed.app(hooks);
  try {
    return { code: await initWorkloadIdentity("c1", { ...OPTIONS, ...options }, app), app, error: undefined };
  } catch (error) {
    const told = error as UserError;
    if (told.name !== "UserError") throw error;
    return { code: told.exit, app, error: told };
  }
}

/** Everything or nothing, and if something in between it is said: exit 0, 6, or 7 with what is left. */
async function expectWhole(bed: WorkloadBed, before: object, { code, error, app }: Ended): Promise<void> {
  const after = await bed.everything();
  if (code === 0) {
    expect(after).not.toEqual(before);
    expect(after).toMatchObject({ inCluster: { notes: [] } });
    return;
  }
  if (code === 7) {
    expect(error?.message).toMatch(/not undone: |whether this took effect is not known: /);
    // The note stays: it is how the next run knows of this one.
    expect(after).toMatchObject({ inCluster: { notes: ["antfly-creds-init-c1"] } });
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
const POOL_STEPS = [
  "container.projects.locations.clusters.update",
  "container.projects.locations.clusters.nodePools.update",
] as const;
const POLICY_STEPS = ["iam.projects.serviceAccounts.setIamPolicy", "storage.buckets.setIamPolicy"] as const;
const CREATE = "iam.projects.serviceAccounts.create";
const KUBE_FAULTS: Readonly<Record<string, Fault>> = {
  "403": { kind: "status", code: 403, reason: "Forbidden", message: "no" },
  "409": { kind: "status", code: 409, reason: "Conflict", message: "changed" },
  "500": { kind: "status", code: 500, message: "away" },
  "a cut connection": { kind: "reset" },
  "a lost answer": { kind: "reset", after: true },
  "half an answer": { kind: "half" },
  "no answer": { kind: "hang" },
};
const GOOGLE_FAULTS: Readonly<Record<string, Pick<GoogleFault, "how" | "after">>> = {
  "403": { how: { status: 403, code: "PERMISSION_DENIED", reason: "IAM_PERMISSION_DENIED", message: "no" } },
  "409": { how: { status: 409, code: "ABORTED", message: "There were concurrent policy changes." } },
  "500": { how: { status: 500, code: "INTERNAL" } },
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

describe.concurrent("everything or nothing", () => {
  const cases = (matches: readonly string[]) =>
    matches.flatMap((match) => Object.entries(GOOGLE_FAULTS).map(([name, fault]) => ({ match, name, fault })));
  const codeOf = async (
    start: typeof workloadBed,
    options: WorkloadBedOptions,
    match: string,
    name: string,
    fault: object,
  ): Promise<number> => {
    const bed = await start(options);
    const before = await bed.everything();
    bed.google.fail({ match, times: 1, ...(fault as Pick<GoogleFault, "how">) });
    const ended = await run(bed, {}, name === "no answer" ? { timeout: "1500ms" } : {});
    await expectWhole(bed, before, ended);
    return ended.code;
  };

  test.for(cases([CREATE]))("when $match meets $name", async ({ match, name, fault }, { start }) => {
    expect(await codeOf(start, {}, match, name, fault)).toBe(CODES[name]);
  });

  test.for(cases(POLICY_STEPS))("when $match meets $name", async ({ match, name, fault }, { start }) => {
    // Somebody else was faster: it is read and written once more.
    expect(await codeOf(start, {}, match, name, fault)).toBe(name === "409" ? 0 : CODES[name]);
  });

  test.for(cases(POOL_STEPS))("when $match meets $name", async ({ match, name, fault }, { start }) => {
    // A change that was begun goes on by itself, and it is not known to where.
    const isLost = name === "a lost answer" || name === "half an answer";
    expect(await codeOf(start, OFF, match, name, fault)).toBe(isLost ? 7 : CODES[name]);
  });

  test.for(
    KUBE_STEPS.flatMap((resource) => Object.entries(KUBE_FAULTS).map(([name, fault]) => ({ resource, name, fault }))),
  )("when a write of $resource meets $name", async ({ resource, name, fault }, { start }) => {
    const bed = await start(OFF);
    const before = await bed.everything();
    bed.kube.faults.add({ when: wrote(resource), times: 1, fault });
    const ended = await run(bed, {}, name === "no answer" ? { timeout: "1500ms" } : {});
    await expectWhole(bed, before, ended);
    expect(ended.code).toBe(resource === "configmaps" ? 6 : CODES[name]);
  });

  test.for(Object.entries(KUBE_FAULTS))("when taking the annotation off meets %s", async ([name, fault], { start }) => {
    const bed = await start(ANNOTATED);
    const before = await bed.everything();
    bed.kube.faults.add({ when: wrote("serviceaccounts"), times: 1, fault });
    const ended = await run(bed, {}, { direct: true, ...(name === "no answer" ? { timeout: "1500ms" } : {}) });
    await expectWhole(bed, before, ended);
    expect(ended.code).toBe(CODES[name]);
  });
});

describe.concurrent("a policy that others change, too", () => {
  const theirs = { role: OBJECT_USER, members: ["user:a@acme.com"] };
  const SOON = {
    role: OBJECT_USER,
    members: ["user:b@acme.com"],
    condition: { title: "soon", expression: 'request.time < timestamp("2030-01-01T00:00:00Z")' },
  };

  test("between the read and the write: nobody's change is lost, theirs or ours", async ({ start }) => {
    const bed = await start();
    let times = 0;
    const { code } = await run(bed, {
      before: (name) => {
        const policy = bed.google.state.buckets.get(BUCKET)?.policy;
        if (name !== "setBucketPolicy" || policy === undefined || times === 3) return;
        times += 1;
        policy.replace({
          version: 3,
          bindings: times === 1 ? [theirs] : [theirs, SOON],
          auditConfigs: [{ service: "s" }],
        });
      },
    });
    expect(code).toBe(0);
    const { bindings } = bed.google.state.buckets.get(BUCKET)?.policy ?? {};
    expect(bindings).toEqual([{ ...theirs, members: [...theirs.members, `serviceAccount:${EMAIL}`] }, SOON]);
    expect(bed.google.state.buckets.get(BUCKET)?.policy.shown(3)).toMatchObject({ auditConfigs: [{ service: "s" }] });
  });

  test("without end: all is undone, and nothing of theirs", async ({ start }) => {
    const bed = await start();
    let n = 0;
    const { code, error } = await run(bed, {
      before: (name) => {
        const member = `user:${n++}@acme.com`;
        if (name === "setBucketPolicy")
          bed.google.state.buckets
            .get(BUCKET)
            ?.policy.replace({ version: 3, bindings: [{ ...theirs, members: [member] }] });
      },
    });
    expect(code).toBe(6);
    expect(error?.message).toContain("storage.buckets.setIamPolicy");
    expect(bed.google.state.accounts.size).toBe(0);
  });

  test("an undo takes away what was added, and leaves what came meanwhile", async ({ start }) => {
    const bed = await start();
    bed.kube.faults.add({ when: wrote("antflyclusters"), times: 1, fault: KUBE_FAULTS["403"] as Fault });
    const { code } = await run(bed, {
      before: (name) => {
        const policy = bed.google.state.buckets.get(BUCKET)?.policy;
        if (name === "patch") policy?.replace({ version: 3, bindings: [...policy.bindings, SOON] });
      },
    });
    expect(code).toBe(6);
    expect(bed.google.state.buckets.get(BUCKET)?.policy.bindings).toEqual([SOON]);
  });

  test("a member that somebody else has added meanwhile is theirs: the plan is stale", async ({ start }) => {
    const bed = await start();
    const bindings = [{ role: OBJECT_USER, members: [`serviceAccount:${EMAIL}`] }];
    const confirm = async (): Promise<boolean> => {
      bed.google.state.buckets.get(BUCKET)?.policy.replace({ version: 3, bindings });
      return true;
    };
    const { code, error } = await run(bed, { confirm }, { yes: false });
    expect(code).toBe(6);
    expect(error?.hint).toContain("run the command again");
    expect(bed.google.state.buckets.get(BUCKET)?.policy.bindings).toEqual(bindings);
  });

  test("an account that was made again meanwhile is not deleted", async ({ start }) => {
    const bed = await start();
    bed.kube.faults.add({ when: wrote("antflyclusters"), times: 1, fault: KUBE_FAULTS["403"] as Fault });
    const { code, error } = await run(bed, {
      before: (name) => {
        if (name === "patch") void bed.google.seed({ accounts: [{ id: "antfly-production-c1", uniqueId: "999" }] });
      },
    });
    expect(code).toBe(7);
    expect(error?.message).toContain(`not undone: create Google service account ${EMAIL}`);
    expect(bed.google.state.accounts.get(EMAIL)?.uniqueId).toBe("999");
  });
});

test("declined: nothing is done, exit 2", async ({ start }) => {
  const bed = await start();
  const before = await bed.everything();
  const { code, error } = await run(bed, { confirm: () => Promise.resolve(false) }, { yes: false });
  expect(error?.message).toBe("nothing was changed");
  expect(code).toBe(2);
  expect(await bed.everything()).toEqual(before);
});

describe.concurrent("what Google shows only after a while", () => {
  const unknown = { status: 400, code: "invalid", message: `Service account ${EMAIL} does not exist.` };
  test.for([
    ["the account, to its own policy", "iam.projects.serviceAccounts.getIamPolicy", { status: 404, code: "NOT_FOUND" }],
    ["the account, to the bucket's policy", "storage.buckets.setIamPolicy", unknown],
    [
      "the pool, to the account's policy",
      "iam.projects.serviceAccounts.setIamPolicy",
      { ...unknown, message: "Identity Pool does not exist (acme-prod.svc.id.goog)." },
    ],
  ] as const)("is waited for: %s", async ([, match, how], { start }) => {
    const bed = await start();
    bed.google.fail({ match, times: 3, how });
    expect((await run(bed)).code).toBe(0);
  });

  test("and not without end", async ({ start }) => {
    const bed = await start();
    const before = await bed.everything();
    bed.google.fail({ match: "storage.buckets.setIamPolicy", how: unknown });
    const { code, error } = await run(bed);
    expect(error?.message).toContain("does not exist");
    expect(code).toBe(6);
    expect(await bed.everything()).toEqual(before);
  });
});

describe.concurrent("what Google does not allow", () => {
  test.for(["iam.serviceAccounts.create", "iam.serviceAccounts.setIamPolicy", "storage.buckets.setIamPolicy"])(
    "%s: all is undone, and the permission is named",
    async (permission, { start }) => {
      const bed = await start({ google: { denied: [permission] } });
      const before = await bed.everything();
      const { code, error } = await run(bed);
      expect(error?.message).toContain(permission);
      expect(error?.hint).toContain("--init-workload-identity");
      expect(code).toBe(6);
      expect(await bed.everything()).toEqual(before);
    },
  );

  test("an undo: what is left is named, exit 7, and the next run goes on from it", async ({ start }) => {
    const bed = await start({ google: { denied: ["iam.serviceAccounts.delete"] } });
    bed.kube.faults.add({ when: wrote("antflyclusters"), times: 1, fault: KUBE_FAULTS["403"] as Fault });
    const { code, error } = await run(bed);
    expect(code).toBe(7);
    expect(error?.message).toContain(`not undone: create Google service account ${EMAIL}`);
    const again = await run(bed);
    expect(again.app.printed.err).toContain("was cut off, or is still at work. It had set out to:\n");
    expect(again.app.printed.err).toContain(`create Google service account ${EMAIL}: done, or no longer needed`);
    expect(again.code).toBe(0);
    expect(await bed.everything()).toMatchObject({ inCluster: { notes: [] } });
  });
});

describe.concurrent("an interruption", () => {
  const CALLS = [
    "setWorkloadPool",
    "setMetadataMode",
    "createServiceAccount",
    "setServiceAccountPolicy",
    "setBucketPolicy",
    "apply",
    "patch",
  ] as const;

  test.for(CALLS)("while %s is sent: it is waited for and taken back, exit 130", async (call, { start }) => {
    const bed = await start(OFF);
    const before = await bed.everything();
    const interrupt = new AbortController();
    const { code, error } = await run(bed, {
      signal: interrupt.signal,
      before: (name) => name === call && interrupt.abort(),
    });
    expect(error?.message).toMatch(/^interrupted; (what had been done was undone|nothing was changed)$/);
    expect(code).toBe(130);
    expect(await bed.everything()).toEqual(before);
  });

  test("while it proves: what was applied stays, and it says so", async ({ start }) => {
    const bed = await start();
    const interrupt = new AbortController();
    const { code, error } = await run(bed, {
      signal: interrupt.signal,
      before: (name) => name === "exchangeToken" && interrupt.abort(),
    });
    expect(error?.message).toContain("interrupted while proving the identity; what was applied stays");
    expect(code).toBe(130);
    expect(await bed.everything()).toMatchObject({
      inCluster: { notes: [] },
      googleAccounts: [[EMAIL, expect.anything()]],
    });
  });
});
