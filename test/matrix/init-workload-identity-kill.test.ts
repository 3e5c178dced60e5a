import { describe, expect, test as base } from "vitest";

import type { BinRun } from "../support/run-bin.ts";
import type { GoogleSeed } from "../support/test-google.ts";
import { EMAIL, PROJECT, workloadBed, type WorkloadBed } from "../support/workload-bed.ts";

/** A bed of its own: most of the time is waited. */
const test = base.extend<{ bed: WorkloadBed }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of what a fixture needs here
  bed: async ({}, use) => {
    const google: GoogleSeed = { clusters: [{ workloadPool: false, nodePools: { main: "GCE_METADATA" } }] };
    const bed = await workloadBed({ google });
    await use(bed);
    await bed.stop();
  },
});

const init = (bed: WorkloadBed, ...args: readonly string[]): Promise<BinRun> =>
  bed.run(["init", "workload-identity", "c1", "--enable-pool", "--yes", "--wait", "0s", ...args]);
const KUBE = ["configmaps", "serviceaccounts", "antflyclusters", "antflybackups"];
const POOL = "container.projects.locations.clusters.update";
const NODE_POOL = "container.projects.locations.clusters.nodePools.update";
const CREATE = "iam.projects.serviceAccounts.create";

/** Kills the tool while the answer to its write is on the way: the effect has taken place. */
async function killedAt(bed: WorkloadBed, step: string): Promise<void> {
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
  for (const operation of bed.google.state.operations.values()) if (operation.left > 0) finish(bed, operation);
}

function finish(
  bed: WorkloadBed,
  operation: { left: number; readonly work: () => void; readonly cluster: string },
): void {
  operation.left = 0;
  operation.work();
  const cluster = bed.google.state.clusters.get(operation.cluster);
  if (cluster !== undefined) cluster.status = "RUNNING";
}

describe.concurrent("killed", () => {
  test.for([
    "configmaps",
    POOL,
    NODE_POOL,
    CREATE,
    "iam.projects.serviceAccounts.setIamPolicy",
    "storage.buckets.setIamPolicy",
    "serviceaccounts",
    "antflyclusters",
    "antflybackups",
  ])("while it waits for the answer to %s: the next run names what is there, and goes on", async (step, { bed }) => {
    await killedAt(bed, step);
    expect(await bed.everything()).toMatchObject({ inCluster: { notes: ["antfly-creds-init-c1"] } });
    const next = await init(bed);
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
    const again = await init(bed);
    expect(again.stderr).toMatch(/^Nothing to change/);
  });

  test("an account that the next run does not use is named, with what removes it", async ({ bed }) => {
    await killedAt(bed, CREATE);
    const next = await init(bed, "--google-account", "another");
    expect(next.code).toBe(0);
    expect(next.stderr).toContain(
      `create Google service account ${EMAIL}: it is there, and nothing uses it; this removes it: gcloud iam service-accounts delete ${EMAIL} --project ${PROJECT}`,
    );
  });
});
