import { afterEach, beforeEach, expect, test } from "vitest";

import type { BinRun } from "../support/run-bin.ts";
import { EMAIL, PROJECT, workloadBed, type WorkloadBed } from "../support/workload-bed.ts";

let bed: WorkloadBed;
beforeEach(async () => {
  bed = await workloadBed({ google: { clusters: [{ workloadPool: false, nodePools: { main: "GCE_METADATA" } }] } });
});
afterEach(() => bed.stop());

const init = (...args: readonly string[]): Promise<BinRun> =>
  bed.run(["init", "workload-identity", "c1", "--enable-pool", "--yes", "--wait", "0s", ...args]);
const KUBE = ["configmaps", "serviceaccounts", "antflyclusters", "antflybackups"];
const POOL = "container.projects.locations.clusters.update";
const NODE_POOL = "container.projects.locations.clusters.nodePools.update";
const CREATE = "iam.projects.serviceAccounts.create";

/** Kills the tool while the answer to its write is on the way: the effect has taken place. */
async function killedAt(step: string): Promise<void> {
  let arrived = false;
  if (KUBE.includes(step)) {
    bed.kube.faults.add({
      when: ({ resource, verb, dryRun }) => resource === step && verb === "patch" && !dryRun && (arrived = true),
      fault: { kind: "hang", after: true },
    });
  } else {
    bed.google.fail({ match: step, how: "hang", after: true });
  }
  const hangs = (): boolean => arrived || bed.google.calls.some(({ operation }) => operation === step);
  const run = await bed.run(
    ["init", "workload-identity", "c1", "--enable-pool", "--yes", "--wait", "0s", "--timeout", "60s"],
    {
      during: (child) => {
        const look = setInterval(() => {
          if (!hangs()) return;
          clearInterval(look);
          setTimeout(() => child.kill("SIGKILL"), 100);
        }, 20);
        child.on("exit", () => clearInterval(look));
      },
    },
  );
  expect(run.code).toBeNull();
  bed.kube.faults.clear();
  bed.google.heal();
  // GKE goes on with what was begun.
  for (const operation of bed.google.state.operations.values()) if (operation.left > 0) finish(operation);
}

function finish(operation: { left: number; readonly work: () => void; readonly cluster: string }): void {
  operation.left = 0;
  operation.work();
  const cluster = bed.google.state.clusters.get(operation.cluster);
  if (cluster !== undefined) cluster.status = "RUNNING";
}

test.each([
  "configmaps",
  POOL,
  NODE_POOL,
  CREATE,
  "iam.projects.serviceAccounts.setIamPolicy",
  "storage.buckets.setIamPolicy",
  "serviceaccounts",
  "antflyclusters",
  "antflybackups",
])("killed while it waits for the answer to %s: the next run names what is there, and goes on", async (step) => {
  await killedAt(step);
  expect(await bed.everything()).toMatchObject({ inCluster: { notes: ["antfly-creds-init-c1"] } });
  const next = await init();
  expect(next.stderr).toMatch(
    /note: a run that began at \d{4}-\S+Z was cut off, or is still at work\. It had set out to:/,
  );
  const account = new RegExp(`create Google service account ${EMAIL}: (.*)`).exec(next.stderr)?.[1];
  const made = ![...KUBE.slice(0, 1), POOL, NODE_POOL].includes(step);
  expect(account).toBe(made ? "done, or no longer needed" : "not done");
  expect(next.stderr).not.toContain("NOT removed");
  expect(next.code, next.stderr + next.stdout).toBe(0);
  expect(next.stdout).toContain("Proof       6 passed");
  expect(await bed.everything()).toMatchObject({
    inCluster: { notes: [] },
    googleAccounts: [[EMAIL, [{ members: [expect.anything()] }]]],
  });
  const again = await init();
  expect(again.stderr).toMatch(/^Nothing to change/);
});

test("an account that the next run does not use is named, with what removes it", async () => {
  await killedAt(CREATE);
  const next = await init("--google-account", "another");
  expect(next.code).toBe(0);
  expect(next.stderr).toContain(
    `create Google service account ${EMAIL}: it is there, and nothing uses it; this removes it: gcloud iam service-accounts delete ${EMAIL} --project ${PROJECT}`,
  );
});
