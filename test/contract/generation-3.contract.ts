import { createHash } from "node:crypto";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

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
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin } from "../support/run-bin.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const BACKUPS = "/apis/batch/v1";
const LOCATION = "s3://acme-backups/prod";

/**
 * What was read of the operator's third generation, row by row, asked of the stand-in: it keeps to what we know, and that
 * nobody ran.
 */
export function generation3(start: () => Promise<TestCluster>): void {
  let cluster: TestCluster;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let namespace: string;

  beforeAll(async () => {
    cluster = await start();
    node = await NodeStandIn.start(cluster.admin);
    operator = await OperatorStandIn.start(cluster, 3);
    namespace = await freshNamespace(cluster, "third");
    await create(cluster.admin, forGeneration(3, antflyCluster(namespace, "c1", [secretRef("keys")], 1)));
  });

  afterAll(async () => {
    await operator.stop();
    await node.stop();
    await cluster.stop();
  });

  const antfly = (kind: string, name: string): string => `/apis/antfly.io/v1/namespaces/${namespace}/${kind}/${name}`;
  const get = (path: string): Promise<AnyObject> => cluster.admin.must("GET", path);
  const merge = (path: string, body: AnyObject): Promise<AnyObject> =>
    cluster.admin.must("PATCH", path, { contentType: "application/merge-patch+json", body });
  const template = (name: string): Promise<AnyObject> =>
    eventually(`StatefulSet ${name}`, async () => {
      const { status, body } = await cluster.admin.get(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`);
      return status === 200 && body.spec.template;
    });
  const condition = (path: string, type: string, reason: string): Promise<AnyObject> =>
    eventually(`condition ${type} ${reason}`, async () => {
      const { status } = await get(path);
      return status?.conditions?.find((one: AnyObject) => one.type === type && one.reason === reason);
    });

  describe("an AntflyCluster", () => {
    test("names are hashed and Secrets are not read, as in generation 2; the configuration is hashed beside them", async () => {
      const { metadata } = await template("c1-data");
      const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
      expect(metadata.annotations["antfly.io/envfrom-hash"]).toBe(hash(`secret:${namespace}/keys`));
      expect(metadata.annotations["antfly.io/config-hash"]).toBe(hash("{}"));
      const ready = await condition(antfly("antflyclusters", "c1"), "SecretsReady", "AllSecretsFound");
      expect(ready.status).toBe("Unknown");
    });

    test("a changed configuration rolls the pods, and so does the rollout annotation", async () => {
      const path = antfly("antflyclusters", "c1");
      const before = await template("c1-data");
      await merge(path, { spec: { config: '{"log": 1}' } });
      await eventually("another config-hash", async () => {
        const { annotations } = (await template("c1-data")).metadata;
        return annotations["antfly.io/config-hash"] !== before.metadata.annotations["antfly.io/config-hash"];
      });
      const key = "cloud.antfly.io/compatibility-rollout-generation";
      await merge(path, { metadata: { annotations: { [key]: "7" } } });
      await eventually("the annotation on the pods", async () => {
        return (await template("c1-data")).metadata.annotations[key] === "7";
      });
    });

    test("the nodes' own key is a required reference to a Secret", async () => {
      const waiting = await eventually("CreateContainerConfigError", async () => {
        const [pod] = await podsOf(cluster.admin, namespace);
        return pod?.status?.containerStatuses?.[0]?.state?.waiting;
      });
      expect(waiting.message).toBe('secret "keys" not found');
      await create(cluster.admin, secret(namespace, "keys", { AWS_REGION: "us-east-1" }));
      await eventually("the key is missing", async () => {
        const pods = await podsOf(cluster.admin, namespace);
        const messages = pods.map((pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.message);
        return messages.every((message) => message === `secret "${INTERNAL_KEY}" not found`);
      });
      await create(cluster.admin, secret(namespace, INTERNAL_KEY, { secret: "x".repeat(32) }));
      await eventually("two ready pods", async () => allReady(await podsOf(cluster.admin, namespace), 2), 60_000);
    });

    test("without that reference it is not valid, and nothing is written", async () => {
      await create(cluster.admin, antflyCluster(namespace, "c2", [], 1));
      const invalid = await condition(antfly("antflyclusters", "c2"), "ConfigurationValid", "ValidationFailed");
      expect(invalid.message).toContain("spec.internalServiceAuth is required in Distributed mode");
      const set = `/apis/apps/v1/namespaces/${namespace}/statefulsets/c2-data`;
      expect((await cluster.admin.get(set)).status).toBe(404);
    });

    test("modes: one StatefulSet of standalone or swarm; Clustered is no mode any more", async () => {
      const one = { resources: { limits: {} }, envFrom: [secretRef("keys")] };
      const { metadataNodes: _, dataNodes: __, ...spec } = antflyCluster(namespace, "x", []).spec;
      const withMode = (name: string, more: AnyObject): AnyObject => ({
        ...antflyCluster(namespace, name, []),
        spec: { ...spec, ...more },
      });
      await create(cluster.admin, withMode("alone", { mode: "Standalone", standalone: one }));
      await create(cluster.admin, withMode("swarm", { mode: "Swarm", swarm: one }));
      expect((await template("alone-standalone")).spec.containers[0].envFrom).toEqual([secretRef("keys")]);
      expect((await template("swarm-swarm")).spec.containers[0].envFrom).toEqual([secretRef("keys")]);
      const refused = await cluster.admin.request("POST", `/apis/antfly.io/v1/namespaces/${namespace}/antflyclusters`, {
        body: withMode("c3", { mode: "Clustered" }),
      });
      expect(refused.status).toBe(422);
    });

    test("doctor takes it for generation 3", async () => {
      const run = await runBin(["doctor", "c1", "-o", "json"], { kubeconfig: cluster.kubeconfig({ namespace }) });
      expect(run.json.targets[0].operator.generation).toBe(3);
    });
  });

  describe("an AntflyBackup", () => {
    const path = (): string => antfly("antflybackups", "nightly");
    const cronJob = `/cronjobs/nightly-backup`;

    test("without a connection: pending, and the CronJob that was there is suspended", async () => {
      await create(cluster.admin, {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { name: "nightly-backup", namespace },
        spec: {
          schedule: "0 2 * * *",
          jobTemplate: {
            spec: {
              template: { spec: { restartPolicy: "OnFailure", containers: [{ name: "backup", image: "old" }] } },
            },
          },
        },
      });
      await create(cluster.admin, {
        apiVersion: "antfly.io/v1",
        kind: "AntflyBackup",
        metadata: { name: "nightly", namespace },
        spec: { clusterRef: { name: "c1" }, schedule: "0 2 * * *", destination: { location: LOCATION } },
      });
      const ready = await condition(path(), "ScheduleReady", "ConnectionRequired");
      expect(ready.status).toBe("False");
      expect(ready.message).toContain("A named external_io connection with backup.write is required");
      expect((await get(path())).status.phase).toBe("Pending");
      expect((await get(`${BACKUPS}/namespaces/${namespace}${cronJob}`)).spec.suspend).toBe(true);
    });

    test("a connection and a credentialsSecret exclude each other", async () => {
      const destination = { connection: "backup-store", credentialsSecret: { name: "keys" } };
      await merge(path(), { spec: { destination } });
      const ready = await condition(path(), "ScheduleReady", "ValidationFailed");
      expect(ready.message).toContain("are mutually exclusive");
    });

    test("with a connection the CronJob runs with its name, and without a ServiceAccount", async () => {
      await merge(path(), { spec: { destination: { credentialsSecret: null } } });
      await condition(path(), "ScheduleReady", "CronJobCreated");
      const { spec } = await get(`${BACKUPS}/namespaces/${namespace}${cronJob}`);
      expect(spec.suspend).toBe(false);
      const pod = spec.jobTemplate.spec.template.spec;
      expect(pod.serviceAccountName).toBeUndefined();
      expect(pod.containers[0].args[0]).toContain(`--location '${LOCATION}' --connection 'backup-store'`);
      const url = `http://c1-public-api.${namespace}.svc.cluster.local`;
      expect(pod.containers[0].env).toEqual([{ name: "ANTFLY_URL", value: url }]);
    });

    test("a Job that failed is recorded, and a later one that did not", async () => {
      await endedJob("nightly-1", 60, "Failed", "Job has reached the specified backoff limit");
      const failed = await condition(path(), "BackupRunHealthy", "BackupJobFailed");
      expect(failed.message).toContain("Job has reached the specified backoff limit");
      const { lastFailedBackup } = (await get(path())).status;
      expect(lastFailedBackup).toMatchObject({ backupId: "nightly-1", status: "Failed" });
      expect(lastFailedBackup.error).toBe("Job has reached the specified backoff limit");
      await endedJob("nightly-2", 30, "Complete", "");
      await condition(path(), "BackupRunHealthy", "BackupJobSucceeded");
      expect((await get(path())).status.lastSuccessfulBackup.backupId).toBe("nightly-2");
    });
  });

  test("an AntflyRestore without a connection makes no Job", async () => {
    await create(cluster.admin, {
      apiVersion: "antfly.io/v1",
      kind: "AntflyRestore",
      metadata: { name: "back", namespace },
      spec: { clusterRef: { name: "c1" }, source: { backupId: "b1", location: LOCATION } },
    });
    const path = antfly("antflyrestores", "back");
    const ready = await condition(path, "JobReady", "RestoreConnectionRequired");
    expect(ready.message).toContain("A named external_io connection with restore.read is required");
    const job = `${BACKUPS}/namespaces/${namespace}/jobs/back-restore`;
    expect((await cluster.admin.get(job)).status).toBe(404);
    await merge(path, { spec: { source: { connection: "backup-store" } } });
    await condition(path, "JobReady", "JobCreated");
    expect((await get(job)).spec.template.spec.containers[0].args).toContain("backup-store");
  });

  /** A Job of the backup that ended some seconds ago; nobody else writes its status. */
  async function endedJob(name: string, seconds: number, type: "Complete" | "Failed", message: string): Promise<void> {
    const container = { name: "backup", image: "x" };
    await create(cluster.admin, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name, namespace, labels: { "antfly.io/backup": "nightly" } },
      spec: {
        managedBy: "example.test/by-hand",
        template: { spec: { restartPolicy: "Never", containers: [container] } },
      },
    });
    const at = (ago: number): string => new Date(Date.now() - ago * 1000).toISOString().replace(/\.\d+/, "");
    const ended = (of: string): AnyObject => ({ type: of, status: "True", lastTransitionTime: at(seconds), message });
    const status =
      type === "Failed"
        ? { failed: 4, conditions: [ended("FailureTarget"), ended("Failed")] }
        : { succeeded: 1, completionTime: at(seconds), conditions: [ended("SuccessCriteriaMet"), ended("Complete")] };
    await merge(`${BACKUPS}/namespaces/${namespace}/jobs/${name}/status`, {
      status: { startTime: at(seconds + 10), ...status },
    });
  }
}
