import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import type { AnyObject } from "../support/follow.ts";
import { BUCKET, identityBed, NS, type BedOptions, type IdentityBed } from "../support/identity-bed.ts";
import type { BinOptions, BinRun } from "../support/run-bin.ts";
import type { AwsSeed, ClusterSeed } from "../support/test-cloud.ts";
import { keptFolder, type WrittenFolder } from "../support/write-to.ts";

const ROLE = "antfly-production-c1";
const ARN = `arn:aws:iam::123456789012:role/${ROLE}`;
const YES = ["--eks-cluster", "prod", "--yes", "--wait", "0s"];
const EKS: ClusterSeed = { name: "prod", issuer: "ISSUER", addOns: { "eks-pod-identity-agent": "ACTIVE" } };

let bed: IdentityBed;
afterEach(() => bed.stop());

const start = async (
  options: BedOptions = {},
  cluster: Partial<ClusterSeed> = {},
  aws: AwsSeed = {},
): Promise<void> => {
  bed = await identityBed({
    aws: { buckets: [{ name: BUCKET }], clusters: [{ ...EKS, ...cluster }], ...aws },
    ...options,
  });
};
/** In this process; `init irsa` shows that the bin does the same. */
const init = (args: readonly string[] = YES, options: BinOptions = {}): Promise<BinRun> =>
  bed.runHere(["init", "pod-identity", "c1", ...args], options);
const resultOf = (run: BinRun, code: string): AnyObject => run.json.results.find((one: AnyObject) => one.code === code);

test("from nothing: role, ServiceAccount, association, AntflyCluster and backup; twice changes nothing", async () => {
  await start();
  const run = await init([...YES, "-o", "json"]);
  expect(run.stderr).not.toContain("note:");
  const role = bed.cloud.state.actual.roles.get(ROLE);
  expect(JSON.parse(role?.trust ?? "").Statement).toEqual([
    {
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: {
        StringEquals: {
          "aws:SourceAccount": "123456789012",
          "aws:RequestTag/kubernetes-namespace": NS,
          "aws:RequestTag/kubernetes-service-account": "c1",
          "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:us-east-1:123456789012:cluster/prod",
        },
      },
    },
  ]);
  const after = await bed.everything();
  expect(after).toMatchObject({
    associations: [{ namespace: NS, serviceAccount: "c1", roleArn: ARN }],
    providers: [],
    notes: [],
    backups: [{ destination: { connection: "backup-store" } }],
  });
  const { spec } = await bed.kube.admin.must("GET", `/apis/antfly.io/v1/namespaces/${NS}/antflyclusters/c1`);
  expect(spec.serviceAccountName).toBe("c1");
  expect(JSON.parse(spec.config).connections["backup-store"].external_io.credentials).toEqual({ source: "default" });
  const { metadata } = await bed.kube.admin.must("GET", `/api/v1/namespaces/${NS}/serviceaccounts/c1`);
  expect(metadata.annotations["eks.amazonaws.com/role-arn"]).toBeUndefined();
  // The token is bound to a pod: there is none to be had from here.
  expect(resultOf(run, "ANT0601").status).toBe("skip");
  for (const code of ["ANT0307", "ANT0308", "ANT0309"])
    expect([code, resultOf(run, code)?.status]).toEqual([code, "pass"]);
  expect(run.code).toBe(0);

  const again = await init();
  expect(again.stderr).toMatch(/^Nothing to change/);
  expect(again.code).toBe(0);
  expect(await bed.everything()).toEqual(after);
});

describe("the agent", () => {
  test("that is missing is named, with what installs it", async () => {
    await start({}, { addOns: {} });
    const run = await init();
    expect(run.stderr).toContain(
      "note: the add-on eks-pod-identity-agent is not installed, and without the agent pods get no role: aws eks create-addon --cluster-name prod --addon-name eks-pod-identity-agent --region us-east-1",
    );
    expect(run.code).toBe(3);
    expect(run.stdout).toContain("ANT0307");
  });

  test("is part of the nodes of EKS Auto Mode", async () => {
    await start({}, { addOns: {}, autoMode: true });
    expect((await init()).stderr).not.toContain("note:");
  });
});

test("a ServiceAccount that has a role by its annotation keeps that one", async () => {
  await start();
  expect((await bed.run(["init", "irsa", "c1", ...YES, "--role", "mine"])).code).toBe(0);
  const run = await init();
  expect(run.stderr).toContain("done: add to the trust policy of IAM role mine");
  expect(run.code).toBe(0);
});

describe("a ServiceAccount that is associated already", () => {
  const associated = {
    associations: [{ namespace: NS, serviceAccount: "c1", role: "theirs" }],
  };
  const roles = [
    {
      name: "theirs",
      trust: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "pods.eks.amazonaws.com" },
            Action: ["sts:AssumeRole", "sts:TagSession"],
          },
        ],
      },
    },
  ];

  test("keeps its role, which gets what is missing", async () => {
    await start({}, associated, { roles });
    const before = bed.cloud.state.actual.roles.get("theirs")?.trust;
    const run = await init();
    expect(run.code).toBe(0);
    const role = bed.cloud.state.actual.roles.get("theirs");
    expect(role?.trust).toBe(before);
    expect([...(role?.inline.keys() ?? [])]).toEqual([expect.stringContaining("antfly-creds-production-c1-")]);
  });

  test("with another role than the one that was asked for is not changed", async () => {
    await start({}, associated, { roles });
    const before = await bed.everything();
    const run = await init([...YES, "--role", "mine"]);
    expect(run.stderr).toContain(
      "ServiceAccount production/c1 is associated with role arn:aws:iam::123456789012:role/theirs",
    );
    expect(run.stderr).toContain("aws eks delete-pod-identity-association --cluster-name prod --association-id a-");
    expect(run.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
  });
});

test.each([
  ["refused", { how: { status: 400, code: "InvalidParameterException", message: "no" } }, 6],
  ["cut", { how: "reset" }, 6],
  ["answered, and the answer is lost", { how: "reset", after: true }, 0],
] as const)("an association that is %s: everything or nothing", async (_, fault, code) => {
  await start();
  const before = await bed.everything();
  bed.cloud.fail({ action: "CreatePodIdentityAssociation", times: 1, ...fault });
  const run = await init();
  expect(run.code).toBe(code);
  if (code === 6) expect(await bed.everything()).toEqual(before);
  else expect(await bed.everything()).toMatchObject({ associations: [{ roleArn: ARN }], notes: [] });
});

test("a later step that fails takes the association back", async () => {
  await start();
  const before = await bed.everything();
  bed.kube.faults.add({
    when: ({ resource, verb, dryRun }) => resource === "antflyclusters" && verb === "patch" && !dryRun,
    fault: { kind: "status", code: 500, message: "away" },
  });
  const run = await init();
  expect(run.stderr).toContain("undone: associate ServiceAccount production/c1 with IAM role antfly-production-c1");
  expect(run.code).toBe(6);
  expect(await bed.everything()).toEqual(before);
});

test.each([1, 2] as const)("generation %i: exit 3 before anything is asked of AWS", async (generation) => {
  await start({ generation });
  const run = await init();
  expect(run.stderr).toContain("EKS Pod Identity would give the pods a role that no backup uses");
  expect(run.code).toBe(3);
  expect(bed.cloud.calls).toEqual([]);
});

test("a cluster that is none of EKS", async () => {
  await start();
  const run = await init(["--yes"]);
  expect(run.stderr).toContain("nothing says that this cluster is one of EKS");
  expect(run.stderr).toContain("antfly-creds init irsa");
  expect(run.code).toBe(2);
});

test("--write-to writes all of it, and touches nothing; the script does it in AWS, once and no more", async () => {
  await start();
  const before = await bed.everything();
  let folder: WrittenFolder | undefined;
  const run = await init(["--eks-cluster", "prod", "--write-to", "out"], {
    after: (cwd) => {
      folder = keptFolder(join(cwd, "out"));
      const read = (name: string): string => readFileSync(join(cwd, "out", name), "utf8");
      expect(read("role.tf")).toContain('resource "aws_eks_pod_identity_association" "antfly"');
      expect(read("aws.sh")).toContain("create-pod-identity-association");
      expect(JSON.parse(read("trust.json")).Statement[0].Principal).toEqual({ Service: "pods.eks.amazonaws.com" });
    },
  });
  expect(run.code).toBe(0);
  expect(await bed.everything()).toEqual(before);
  try {
    for (const _ of ["once", "twice"]) expect(await folder?.runScript(bed.cloud.env)).toEqual({ code: 0, stderr: "" });
    expect(await bed.everything()).toMatchObject({ associations: [{ serviceAccount: "c1", roleArn: ARN }] });
  } finally {
    folder?.remove();
  }
});
