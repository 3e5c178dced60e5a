import { describe, expect, test } from "vitest";

import type { Plan } from "../../src/domain/plan.ts";
import { planInitIrsa, type InitIrsaInput } from "../../src/plans/init-irsa.ts";
import { planInitPodIdentity } from "../../src/plans/init-pod-identity.ts";
import { permissionsOf } from "../../src/plans/role-steps.ts";
import { IRSA_NEW, IRSA_SHARED, POD_IDENTITY_NEW } from "../support/identity-inputs.ts";

const kinds = (plan: Plan): string[] => plan.steps.map((step) => step.do);

/** The cluster after the plan was carried out. */
function after(input: InitIrsaInput): InitIrsaInput {
  const { role, account, provider, use } = input;
  const annotations = { "eks.amazonaws.com/role-arn": role.arn };
  const { role: _, ...rest } = input;
  return {
    ...rest,
    cluster: { ...input.cluster, serviceAccount: account.name },
    spec: { ...input.spec, ...(use === undefined ? {} : { config: use.config }) },
    role: {
      ...role,
      existing: { trustPolicy: role.trustPolicy, ownPolicy: JSON.stringify(permissionsOf(role)) },
    },
    account: { ...account, existing: { uid: "u-2", labels: {}, annotations } },
    provider: { ...provider, clientIds: [...(provider.clientIds ?? []), provider.audience] },
    use: use === undefined ? undefined : { ...use, backups: [] },
  };
}

describe("init irsa", () => {
  test("from nothing: each step stands on the ones before it, and what rolls the pods comes after what they need", () => {
    const plan = planInitIrsa(IRSA_NEW);
    expect(kinds(plan)).toEqual([
      "aws.provider.create",
      "aws.role.create",
      "aws.role.policy",
      "service-account.apply",
      "cluster.patch",
    ]);
    expect(plan.basis).toEqual({
      "AntflyCluster search uid": "u-1",
      "AntflyCluster search generation": "3",
      "ServiceAccount search uid": "absent",
      "IAM role antfly-production-search trust policy": "absent",
      "IAM role antfly-production-search inline policy antfly-creds-production-search-0badcafe": "absent",
      [`OIDC provider ${IRSA_NEW.provider.arn}`]: "absent",
    });
  });

  test("what is there is added to, and the backups come last", () => {
    const plan = planInitIrsa(IRSA_SHARED);
    expect(kinds(plan)).toEqual([
      "aws.provider.add-client",
      "aws.role.trust",
      "aws.role.policy",
      "service-account.apply",
      "cluster.patch",
      "backup.patch",
    ]);
    const backup = plan.steps.at(-1);
    // The operator refuses a backup that has both.
    expect(backup?.do === "backup.patch" && backup.with.operations.at(-1)).toEqual({
      op: "add",
      path: "/spec/destination",
      value: { location: "s3://acme-backups/search", connection: "backup-store" },
    });
  });

  test.each([
    ["from nothing", IRSA_NEW],
    ["from something", IRSA_SHARED],
  ])("twice is no change, %s", (_, input) => {
    expect(planInitIrsa(after(input)).steps).toEqual([]);
  });

  test("a note of an earlier run goes when there is nothing else to do", () => {
    const note = { name: "antfly-creds-init-search", uid: "u-9" };
    expect(kinds(planInitIrsa({ ...after(IRSA_NEW), note }))).toEqual(["journal.remove"]);
    expect(kinds(planInitIrsa({ ...IRSA_NEW, note }))).not.toContain("journal.remove");
  });

  test("a policy of another order of keys is the same", () => {
    const existing = after(IRSA_NEW).role.existing;
    const shuffled = JSON.stringify(JSON.parse(existing?.trustPolicy ?? ""), (_, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toReversed())
        : value,
    );
    const input = after(IRSA_NEW);
    const role = { ...input.role, existing: { trustPolicy: shuffled, ownPolicy: existing?.ownPolicy } };
    expect(planInitIrsa({ ...input, role }).steps).toEqual([]);
  });

  test("the patches test what they were planned from, and the undo what was written", () => {
    const step = planInitIrsa(IRSA_SHARED).steps.find((one) => one.do === "cluster.patch");
    expect(step?.with.operations.slice(0, 2)).toEqual([
      { op: "test", path: "/metadata/uid", value: "u-1" },
      { op: "test", path: "/metadata/generation", value: 3 },
    ]);
    expect(step?.with.inverse).toEqual([
      { op: "test", path: "/metadata/uid", value: "u-1" },
      { op: "test", path: "/spec/serviceAccountName", value: "search" },
      { op: "remove", path: "/spec/serviceAccountName" },
      { op: "test", path: "/spec/config", value: IRSA_SHARED.use?.config },
      { op: "replace", path: "/spec/config", value: IRSA_SHARED.spec["config"] },
    ]);
  });

  test("eks.enabled is not set: it cannot be changed", () => {
    const text = JSON.stringify([planInitIrsa(IRSA_NEW), planInitIrsa(IRSA_SHARED)]);
    expect(text).not.toContain("/spec/eks");
  });
});

describe("init pod-identity", () => {
  test("from nothing: role, ServiceAccount, association, AntflyCluster", () => {
    const plan = planInitPodIdentity(POD_IDENTITY_NEW);
    expect(kinds(plan)).toEqual([
      "aws.role.create",
      "aws.role.policy",
      "service-account.apply",
      "aws.association.create",
      "cluster.patch",
    ]);
  });

  test("twice is no change", () => {
    const { cluster, account, role } = POD_IDENTITY_NEW;
    const again = planInitPodIdentity({
      ...POD_IDENTITY_NEW,
      associated: true,
      cluster: { ...cluster, serviceAccount: account.name },
      account: { ...account, existing: { uid: "u", labels: {}, annotations: {} } },
      role: {
        ...role,
        existing: { trustPolicy: role.trustPolicy, ownPolicy: JSON.stringify(permissionsOf(role)) },
      },
    });
    expect(again.steps).toEqual([]);
  });
});
