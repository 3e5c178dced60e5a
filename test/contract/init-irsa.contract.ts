import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { Aws } from "../../src/ports.ts";
import {
  allReady,
  antflyCluster,
  create,
  eventually,
  forGeneration,
  INTERNAL_KEY,
  podsOf,
  secret,
  secretRef,
} from "../support/antfly.ts";
import { failureOf, toolOn } from "../support/aws-client.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { PodIdentityWebhook } from "../support/pod-identity-webhook/webhook.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";
import type { TestBed } from "../support/test-bed.ts";
import { roleArn } from "../support/test-cloud.ts";
import { freshNamespace } from "../support/test-cluster.ts";
import { keptFolder, type WrittenFolder } from "../support/write-to.ts";

const BUCKET = "acme-migrated";
const S3 = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };

/**
 * `init irsa` beside what is there: a database with static keys comes to a role, keeps its keys until it is told how to do
 * without them, and does without them; and what --write-to writes does the same.
 */
export function initIrsaContract(start: () => Promise<TestBed>): void {
  let bed: TestBed;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let webhook: PodIdentityWebhook;
  let aws: Aws;
  let namespace: string;
  let keys: Readonly<Record<string, string>>;
  let first: BinRun;

  const tool = (args: readonly string[], options: BinOptions = {}): Promise<BinRun> =>
    runBin(args, {
      kubeconfig: bed.cluster.kubeconfig({ namespace }),
      env: { ...bed.cloud.env, ANTFLY_CREDS_CLOUD: "" },
      ...options,
    });
  const init = (...args: string[]): Promise<BinRun> => tool(["init", "irsa", "c1", ...args]);
  const path = (): string => `/apis/antfly.io/v1/namespaces/${namespace}/antflyclusters/c1`;
  const role = (): string => `antfly-${namespace}-c1`;
  const environment = (pod: string): ReadonlyMap<string, string> | undefined =>
    node.environmentOf(namespace, pod, "antfly");

  beforeAll(async () => {
    bed = await start();
    const { admin } = bed.cluster;
    aws = await toolOn(bed.cloud);
    node = await NodeStandIn.start(admin);
    operator = await OperatorStandIn.start(bed.cluster, 3);
    webhook = await PodIdentityWebhook.start(admin);
    await bed.cloud.seed({ buckets: [{ name: BUCKET }], users: [{ name: "backup", inline: { all: S3 } }] });
    const { id, secret: own } = await bed.cloud.createKey("backup");
    keys = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: own, AWS_REGION: "us-east-1" };
    await database();
    first = await init("--yes");
  });

  afterAll(async () => {
    aws.close();
    await webhook.stop();
    await operator.stop();
    await node.stop();
    await Promise.all([bed.cloud.stop(), bed.cluster.stop()]);
  });

  /** A database with static keys, at work. */
  async function database(): Promise<void> {
    const { admin } = bed.cluster;
    namespace = await freshNamespace(bed.cluster, "init");
    await create(admin, secret(namespace, INTERNAL_KEY, { secret: "x".repeat(32) }));
    const held = secret(namespace, "keys", keys);
    const annotations = { "antfly-creds/suppress": "ANT0212: the real store makes keys of another form than AWS" };
    await create(admin, { ...held, metadata: { ...held.metadata, annotations } });
    await create(admin, forGeneration(3, antflyCluster(namespace, "c1", [secretRef("keys")], 1)));
    await create(admin, {
      apiVersion: "antfly.io/v1",
      kind: "AntflyBackup",
      metadata: { name: "nightly", namespace },
      spec: {
        clusterRef: { name: "c1" },
        schedule: "0 2 * * *",
        destination: { location: `s3://${BUCKET}/search`, credentialsSecret: { name: "keys" } },
      },
    });
    await eventually("two pods", async () => allReady(await podsOf(admin, namespace), 2));
  }

  test("the role is proven, the new pods have it, and the keys are as they were", async () => {
    expect(first.code, first.stderr + first.stdout).toBe(0);
    const pod = environment("c1-data-0");
    expect(pod?.get("AWS_ROLE_ARN")).toBe(roleArn(bed.cloud, role()));
    expect(pod?.get("AWS_ACCESS_KEY_ID")).toBeDefined();
    const { spec } = await bed.cluster.admin.must(
      "GET",
      `/apis/antfly.io/v1/namespaces/${namespace}/antflybackups/nightly`,
    );
    expect(spec.destination).toEqual({ location: `s3://${BUCKET}/search`, connection: "backup-store" });
    expect((await aws.listAccessKeys("backup")).map(({ status }) => status)).toEqual(["Active"]);
  });

  test("twice changes nothing", async () => {
    const before = await bed.cluster.admin.must("GET", path());
    const again = await init("--yes");
    expect(again.stderr).toMatch(/^Nothing to change/);
    expect(again.code, again.stdout).toBe(0);
    expect((await bed.cluster.admin.must("GET", path())).metadata.generation).toBe(before.metadata.generation);
  });

  test("the way that is printed leads away from the keys, and the role is still proven", async () => {
    const patch = /kubectl patch antflycluster c1 -n \S+ --type json -p '(.*)'/.exec(first.stderr)?.[1] ?? "none";
    await bed.cluster.admin.must("PATCH", path(), {
      contentType: "application/json-patch+json",
      body: JSON.parse(patch),
    });
    await eventually("pods without keys", async () => {
      const pods = await podsOf(bed.cluster.admin, namespace);
      return allReady(pods, 2) && environment("c1-data-0")?.get("AWS_ACCESS_KEY_ID") === undefined;
    });
    const doctor = await tool(["doctor", "c1", "--prove", "--wait", "1m"]);
    expect(doctor.code, doctor.stdout).toBe(0);
  });

  test("what --write-to writes does it in AWS, as often as it is run; the rest is the cluster's", async () => {
    await database();
    let folder: WrittenFolder | undefined;
    const args = ["init", "irsa", "c1", "--write-to", "out"];
    const written = await tool(args, { after: (cwd) => (folder = keptFolder(join(cwd, "out"))) });
    expect(written.code, written.stderr).toBe(0);
    expect((await failureOf(aws.getRole(role()))).failure).toBe("not-found");
    try {
      const env = { ...bed.cloud.env, AWS_DEFAULT_REGION: "us-east-1" };
      for (const _ of ["once", "twice"]) {
        const run = await folder?.runScript(env, bed.tools);
        expect(run?.code, run?.stderr).toBe(0);
      }
    } finally {
      folder?.remove();
    }
    const plan = await init("--dry-run", "-o", "json");
    expect(plan.json.steps.map((step: AnyObject) => step.do)).toEqual([
      "service-account.apply",
      "cluster.patch",
      "backup.patch",
    ]);
  });

  test("a step that AWS refuses: nothing is left of those before it", async () => {
    await database();
    const before = await bed.cluster.admin.must("GET", path());
    await bed.cloud.seed({ denied: ["iam:PutRolePolicy"] });
    const run = await init("--yes");
    expect(run.stderr).toContain("your AWS identity is not allowed iam:PutRolePolicy");
    expect(run.stderr).toContain(`undone: create IAM role ${role()}`);
    expect(run.code).toBe(6);
    expect((await failureOf(aws.getRole(role()))).failure).toBe("not-found");
    expect((await bed.cluster.admin.must("GET", path())).metadata.generation).toBe(before.metadata.generation);
    const notes = await bed.cluster.admin.must("GET", `/api/v1/namespaces/${namespace}/configmaps`);
    expect(notes.items.map((note: AnyObject) => note.metadata.name)).not.toContain("antfly-creds-init-c1");
  });
}
