import { afterEach, beforeEach, expect, test } from "vitest";

import type { AnyObject } from "../support/follow.ts";
import { NS } from "../support/identity-bed.ts";
import { runBin } from "../support/run-bin.ts";
import { userWith } from "../support/test-cluster.ts";
import { workloadBed, type WorkloadBed } from "../support/workload-bed.ts";

let bed: WorkloadBed;
beforeEach(async () => {
  bed = await workloadBed();
});
afterEach(() => bed.stop());

/** `doctor` as somebody who has exactly the Role that `permissions` prints for the cluster, less one resource. */
async function doctorWithPrinted(without?: string): Promise<AnyObject> {
  const printed = await bed.run(["permissions", "c1", "-o", "json"]);
  const role = printed.json.documents.find(({ kind }: AnyObject) => kind === "Role");
  const rules = role.rules.filter(({ resources }: AnyObject) => !resources.includes(without));
  const token = await userWith(bed.kube, NS, `reader-${without ?? "all"}`, rules);
  const run = await runBin(["doctor", "c1", "--gke-cluster", "acme-prod/europe-west1/prod", "-o", "json"], {
    kubeconfig: bed.kube.kubeconfig({ namespace: NS, token }),
    env: { ...bed.google.env, ANTFLY_CREDS_CLOUD: "" },
  });
  return { code: run.code, ...run.json };
}

test("the Role that permissions prints for a cluster of GKE is enough for doctor to end with 0", async () => {
  expect((await bed.run(["init", "workload-identity", "c1", "--yes", "--wait", "0s"])).code).toBe(0);
  const { code, results } = await doctorWithPrinted();
  const unknown = results.filter((result: AnyObject) => result["required"] && result["unknown"].length > 0);
  expect(unknown).toEqual([]);
  expect(results.find((result: AnyObject) => result["code"] === "ANT0406")).toMatchObject({ status: "pass" });
  expect(code).toBe(0);
});

test("without the right to list NetworkPolicies that is what is missing", async () => {
  expect((await bed.run(["init", "workload-identity", "c1", "--yes", "--wait", "0s"])).code).toBe(0);
  const { results } = await doctorWithPrinted("networkpolicies");
  const of = (code: string): AnyObject => results.find((result: AnyObject) => result["code"] === code);
  expect(of("ANT0406")).toMatchObject({ status: "unknown" });
  expect(of("ANT0102")).toMatchObject({ findings: [{ message: expect.stringContaining("list networkpolicies") }] });
});
