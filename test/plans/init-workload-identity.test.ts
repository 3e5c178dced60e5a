import { describe, expect, test } from "vitest";

import type { Plan } from "../../src/domain/plan.ts";
import { planInitWorkloadIdentity } from "../../src/plans/init-workload-identity.ts";
import type { WorkloadIdentityInput } from "../../src/plans/workload-identity-input.ts";
import { ACCOUNT_NEW, ACCOUNT_SHARED, DIRECT } from "../support/workload-inputs.ts";

const ANNOTATION = "iam.gke.io/gcp-service-account";
const kinds = (plan: Plan): string[] => plan.steps.map((step) => step.do);

/** The cluster after the plan was carried out. */
function after(input: WorkloadIdentityInput): WorkloadIdentityInput {
  const { account, googleAccount, use } = input;
  const annotations: Record<string, string> = googleAccount === undefined ? {} : { [ANNOTATION]: googleAccount.email };
  return {
    ...input,
    cluster: { ...input.cluster, serviceAccount: account.name },
    spec: { ...input.spec, ...(use === undefined ? {} : { config: use.config }) },
    gke: { ...input.gke, poolIsOn: true, nodePools: [] },
    googleAccount: googleAccount && { ...googleAccount, existing: { etag: "new", isBound: true } },
    buckets: input.buckets.map((bucket) => ({ ...bucket, isBound: true })),
    account: { ...account, existing: { uid: "u-2", labels: {}, annotations } },
    use: use && { ...use, backups: [] },
  };
}

describe("init workload-identity", () => {
  test("from nothing: each step stands on the ones before it, and what rolls the pods comes after what they need", () => {
    const plan = planInitWorkloadIdentity(ACCOUNT_NEW);
    expect(kinds(plan)).toEqual([
      "google.pool.enable",
      "google.metadata.enable",
      "google.account.create",
      "google.account.bind",
      "google.bucket.bind",
      "service-account.apply",
      "cluster.patch",
    ]);
    expect(plan.basis).toEqual({
      "AntflyCluster search uid": "u-1",
      "AntflyCluster search generation": "3",
      "ServiceAccount search uid": "absent",
      "workload pool of GKE cluster prod": "off",
      "policy of Google service account antfly-production-search@acme-prod.iam.gserviceaccount.com": "absent",
      "policy of bucket acme-backups": "BwX=",
    });
  });

  test("that nodes are made anew stands in the plan", () => {
    const plan = planInitWorkloadIdentity(ACCOUNT_NEW);
    expect(plan.steps.find((step) => step.do === "google.metadata.enable")?.diff).toEqual([
      "- workload metadata: GCE_METADATA",
      "+ workload metadata: GKE_METADATA",
      "  ALL NODES of this pool are made anew, and every pod on them moves, not only those of this cluster;",
      "  pods there no longer have the identity of the node",
    ]);
  });

  test("an account that is there is bound, each bucket by itself, and the backups come last", () => {
    expect(kinds(planInitWorkloadIdentity(ACCOUNT_SHARED))).toEqual([
      "google.account.bind",
      "google.bucket.bind",
      "google.bucket.bind",
      "service-account.apply",
      "cluster.patch",
      "backup.patch",
    ]);
  });

  test("without an account the annotation goes, whoever has set it, and comes back with an undo", () => {
    const plan = planInitWorkloadIdentity(DIRECT);
    expect(kinds(plan)).toEqual(["google.bucket.bind", "service-account.patch", "cluster.patch", "backup.patch"]);
    const path = "/metadata/annotations/iam.gke.io~1gcp-service-account";
    const value = DIRECT.account.existing?.annotations[ANNOTATION];
    const step = plan.steps.find((one) => one.do === "service-account.patch");
    expect(step?.with.operations).toEqual([
      { op: "test", path: "/metadata/uid", value: "u-2" },
      { op: "test", path, value },
      { op: "remove", path },
    ]);
    expect(step?.with.inverse).toEqual([
      { op: "test", path: "/metadata/uid", value: "u-2" },
      { op: "add", path, value },
    ]);
  });

  test.each([
    ["from nothing", ACCOUNT_NEW],
    ["from something", ACCOUNT_SHARED],
    ["without an account", DIRECT],
  ])("twice is no change, %s", (_, input) => {
    expect(planInitWorkloadIdentity(after(input)).steps).toEqual([]);
  });

  test("a note of an earlier run goes when there is nothing else to do", () => {
    const note = { name: "antfly-creds-init-search", uid: "u-9" };
    expect(kinds(planInitWorkloadIdentity({ ...after(ACCOUNT_NEW), note }))).toEqual(["journal.remove"]);
    expect(kinds(planInitWorkloadIdentity({ ...ACCOUNT_NEW, note }))).not.toContain("journal.remove");
  });

  test("names of any length make texts that IAM takes", () => {
    const cluster = { ...ACCOUNT_NEW.cluster, namespace: "n".repeat(63), name: "c".repeat(200) };
    const step = planInitWorkloadIdentity({ ...ACCOUNT_NEW, cluster }).steps.find(
      (one) => one.do === "google.account.create",
    );
    expect(step?.with.displayName.length).toBeLessThanOrEqual(100);
    expect(step?.with.description.length).toBeLessThanOrEqual(200);
  });
});
