import { afterEach, beforeEach, expect, test } from "vitest";

import { identityBed, NS, type IdentityBed } from "../support/identity-bed.ts";
import type { BinRun } from "../support/run-bin.ts";

let bed: IdentityBed;
beforeEach(async () => {
  bed = await identityBed();
});
afterEach(() => bed.stop());

const init = (...args: readonly string[]): Promise<BinRun> =>
  bed.run(["init", "irsa", "c1", "--yes", "--wait", "0s", ...args]);
const ROLE = "antfly-production-c1";
const KUBE = { configmaps: 0, serviceaccounts: 1, antflyclusters: 2, antflybackups: 3 } as const;

/** Kills the tool while the answer to its write is on the way: the effect has taken place. */
async function killedAt(step: string): Promise<void> {
  let arrived = false;
  if (step in KUBE) {
    bed.kube.faults.add({
      when: ({ resource, verb, dryRun }) => resource === step && verb === "patch" && !dryRun && (arrived = true),
      fault: { kind: "hang", after: true },
    });
  } else {
    bed.cloud.fail({ action: step, how: "hang", after: true });
  }
  const hangs = (): boolean => arrived || bed.cloud.calls.some(({ operation }) => operation === step);
  const run = await bed.run(["init", "irsa", "c1", "--yes", "--wait", "0s", "--timeout", "60s"], {
    during: (child) => {
      const look = setInterval(() => {
        if (!hangs()) return;
        clearInterval(look);
        setTimeout(() => child.kill("SIGKILL"), 100);
      }, 20);
      child.on("exit", () => clearInterval(look));
    },
  });
  expect(run.code).toBeNull();
  bed.kube.faults.clear();
  bed.cloud.heal();
}

test.each([
  "configmaps",
  "CreateOpenIDConnectProvider",
  "CreateRole",
  "PutRolePolicy",
  "serviceaccounts",
  "antflyclusters",
  "antflybackups",
])("killed while it waits for the answer to %s: the next run names what is there, and goes on", async (step) => {
  await killedAt(step);
  expect(await bed.everything()).toMatchObject({ notes: ["antfly-creds-init-c1"] });
  const next = await init();
  expect(next.stderr).toMatch(
    /note: a run that began at \d{4}-\S+Z was cut off, or is still at work\. It had set out to:/,
  );
  const role = /create IAM role antfly-production-c1: (.*)/.exec(next.stderr)?.[1];
  const made = step in KUBE ? step !== "configmaps" : step !== "CreateOpenIDConnectProvider";
  expect(role).toBe(made ? "done, or no longer needed" : "not done");
  expect(next.stderr).not.toContain("NOT removed");
  expect(next.code).toBe(0);
  expect(next.stdout).toContain("Proof       5 passed");
  expect(await bed.everything()).toMatchObject({ notes: [], roles: [{ name: ROLE }], providers: [{}] });
  const again = await init();
  expect(again.stderr).toMatch(/^Nothing to change/);
});

test("a role that the next run does not use is named, with what removes it", async () => {
  await killedAt("PutRolePolicy");
  const next = await init("--role", "another");
  expect(next.code).toBe(0);
  const [policy] = bed.cloud.state.actual.roles.get(ROLE)?.inline.keys() ?? [];
  expect(next.stderr).toContain(
    `create IAM role ${ROLE}: it is there, and nothing uses it; this removes it: aws iam delete-role-policy --role-name ${ROLE} --policy-name ${policy} && aws iam delete-role --role-name ${ROLE}`,
  );
});

test("a ConfigMap of somebody else in the note's place is not taken for one", async () => {
  await bed.kube.admin.must("POST", `/api/v1/namespaces/${NS}/configmaps`, {
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "antfly-creds-init-c1" }, data: { run: "x" } },
  });
  const before = await bed.everything();
  const run = await init();
  expect(run.stderr).toContain("ConfigMap production/antfly-creds-init-c1 is not of this tool");
  expect(run.code).toBe(2);
  expect(await bed.everything()).toEqual(before);
});
