import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bedAddresses, liveCluster } from "../bed/live-cluster.ts";
import { allReady, antflyCluster, create, eventually, podsOf, secret, secretRef } from "../support/antfly.ts";
import type { AnyObject } from "../support/follow.ts";
import { OBJECTS, VECTORS } from "../support/hash-vectors.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { startOperator, type RunningOperator } from "../support/operator/either.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const run = promisify(execFile);
const HASH = "antfly.io/envfrom-hash";
const DELEGATED = "Secret references are delegated to Kubernetes and are not read by the operator";
/** How long a thing must not happen before we say that it does not. */
const QUIET_MS = 3_000;

const only = process.env["ANTFLY_OPERATOR_GENERATION"];
const generations = ([1, 2] as const).filter((generation) => only === undefined || only === String(generation));

let cluster: TestCluster;
let node: NodeStandIn;

beforeAll(async () => {
  cluster = await liveCluster();
  node = await NodeStandIn.start(cluster.admin);
});

afterAll(() => node.stop());

/**
 * What was seen of the real operators, row by row. It runs on the stand-in, and on a real operator when
 * ANTFLY_OPERATOR_BIN and ANTFLY_OPERATOR_GENERATION name one: where they differ, the stand-in is wrong.
 */
describe.each(generations)("operator of generation %i", (generation) => {
  let operator: RunningOperator;

  beforeAll(async () => {
    operator = await startOperator(cluster, generation);
  });

  afterAll(() => operator.stop());

  const antfly = (namespace: string, name = "c1"): string =>
    `/apis/antfly.io/v1/namespaces/${namespace}/antflyclusters/${name}`;
  const statefulSet = (namespace: string, group: string): string =>
    `/apis/apps/v1/namespaces/${namespace}/statefulsets/c1-${group}`;
  const merge = (path: string, body: AnyObject): Promise<AnyObject> =>
    cluster.admin.must("PATCH", path, { contentType: "application/merge-patch+json", body });
  const touch = (namespace: string): Promise<AnyObject> =>
    merge(antfly(namespace), { metadata: { annotations: { touched: String(Date.now()) } } });
  const annotations = async (namespace: string): Promise<(string | undefined)[]> =>
    Promise.all(
      ["metadata", "data"].map(async (group) => {
        const { status, body } = await cluster.admin.get(statefulSet(namespace, group));
        return status === 200 ? body.spec.template.metadata.annotations?.[HASH] : "not there";
      }),
    );
  const secretsReady = async (namespace: string): Promise<AnyObject> => {
    const object = await eventually("condition SecretsReady", async () => {
      const { body } = await cluster.admin.get(antfly(namespace));
      return (
        body.status?.conditions?.some((condition: AnyObject) => condition.type === "SecretsReady") === true && body
      );
    });
    const { status, reason, message } = object.status.conditions.find(
      (condition: AnyObject) => condition.type === "SecretsReady",
    );
    return { status, reason, message };
  };
  const delegated = { status: "Unknown", reason: "AllSecretsFound", message: DELEGATED };
  const pods = async (namespace: string): Promise<Record<string, string>> =>
    Object.fromEntries((await podsOf(cluster.admin, namespace)).map((pod) => [pod.metadata.name, pod.metadata.uid]));
  const sixReady = (namespace: string): Promise<boolean> =>
    eventually("six ready pods", async () => allReady(await podsOf(cluster.admin, namespace), 6), 60_000);
  /** Every roll-out is complete, and the events that it caused have been dealt with. */
  const quiet = async (namespace: string): Promise<void> => {
    await eventually("complete roll-outs", async () => {
      const sets = await Promise.all(
        ["metadata", "data"].map((group) => cluster.admin.must("GET", statefulSet(namespace, group))),
      );
      return sets.every(
        ({ status }) =>
          status.currentRevision === status.updateRevision &&
          status.updatedReplicas === 3 &&
          status.readyReplicas === 3,
      );
    });
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  };
  const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
    Object.keys(before)
      .filter((name) => before[name] !== after[name])
      .sort();

  /** A fresh namespace with a cluster that reads these sources, and the objects that exist. */
  async function setUp(envFrom: readonly AnyObject[], objects: readonly string[]): Promise<string> {
    const namespace = await freshNamespace(cluster, "parity");
    for (const key of objects) {
      const [kind = "", name = ""] = key.split("/");
      const values = OBJECTS[key] ?? {};
      const object =
        kind === "Secret"
          ? secret(namespace, name, values)
          : { apiVersion: "v1", kind, metadata: { name, namespace }, data: values };
      await create(cluster.admin, object);
    }
    await create(cluster.admin, antflyCluster(namespace, "c1", envFrom));
    return namespace;
  }

  describe("hash vectors on the pod template", () => {
    // The reference hash covers the namespace, which is `default` in the vectors.
    const wanted = new Set(["V2", "V4", "V7", "V13", "V16", "V17", "V18", "V21"]);
    test.each(VECTORS.filter((vector) => wanted.has(vector.id)))(
      "$id $title",
      async ({ id, sources, content, reference }) => {
        for (const { kind, name } of sources) {
          const values = OBJECTS[`${kind}/${name}`];
          if (values === undefined) continue;
          const path = `/api/v1/namespaces/default/${kind.toLowerCase()}s`;
          const object =
            kind === "Secret"
              ? secret("default", name, values)
              : { apiVersion: "v1", kind, metadata: { name }, data: values };
          await cluster.admin.request("POST", path, { body: object });
        }
        const more = id === "V21" ? { prefix: "BACKUP_" } : {};
        const envFrom = sources.map(({ kind, name }) => ({
          ...more,
          [kind === "Secret" ? "secretRef" : "configMapRef"]: { name, ...(id === "V21" ? { optional: true } : {}) },
        }));
        const name = `${id.toLowerCase()}-g${generation}`;
        await create(cluster.admin, antflyCluster("default", name, envFrom, 1));
        const template = await eventually(`${name}-data`, async () => {
          const { status, body } = await cluster.admin.get(
            `/apis/apps/v1/namespaces/default/statefulsets/${name}-data`,
          );
          return status === 200 && body.spec.template;
        });
        expect(template.metadata.annotations[HASH]).toBe(generation === 1 ? content : reference);
        await cluster.admin.must("DELETE", antfly("default", name));
      },
    );
  });

  test("no envFrom: no annotation", async () => {
    const namespace = await setUp([], []);
    expect(await secretsReady(namespace)).toEqual(
      generation === 1 ? { status: "True", reason: "AllSecretsFound", message: "No secrets referenced" } : delegated,
    );
    await eventually("StatefulSets without annotation", async () =>
      (await annotations(namespace)).every((hash) => hash === undefined),
    );
  });

  test("Secret missing (metadata and data): the StatefulSets are written all the same", async () => {
    const namespace = await setUp([secretRef("missing")], []);
    expect(await secretsReady(namespace)).toEqual(
      generation === 1
        ? { status: "False", reason: "SecretNotFound", message: "Secret(s) not found: [missing missing]" }
        : delegated,
    );
    await eventually("six pods", async () => (await podsOf(cluster.admin, namespace)).length === 6);
    expect(new Set(await annotations(namespace)).size).toBe(1);
  });

  test("the same with optional: true", async () => {
    const namespace = await setUp([secretRef("missing", { optional: true })], []);
    const ready = await secretsReady(namespace);
    expect(ready.status).toBe(generation === 1 ? "False" : "Unknown");
  });

  describe("a running cluster", () => {
    let namespace: string;
    beforeAll(async () => {
      namespace = await setUp([secretRef("backup-credentials")], ["Secret/backup-credentials", "Secret/extra"]);
      await sixReady(namespace);
    });

    test("Secret present", async () => {
      expect(await secretsReady(namespace)).toEqual(
        generation === 1
          ? { status: "True", reason: "AllSecretsFound", message: "All referenced secrets exist" }
          : delegated,
      );
    });

    test("pod securityContext", async () => {
      const { spec } = (await cluster.admin.must("GET", statefulSet(namespace, "data"))).spec.template;
      expect(spec.securityContext ?? {}).toEqual(
        generation === 1 ? {} : { fsGroup: 10001, fsGroupChangePolicy: "OnRootMismatch" },
      );
    });

    test("one data pod deleted: only that one is replaced", async () => {
      const before = await pods(namespace);
      await cluster.admin.must("DELETE", `/api/v1/namespaces/${namespace}/pods/c1-data-1`);
      await eventually("another c1-data-1", async () => changed(before, await pods(namespace)).includes("c1-data-1"));
      await sixReady(namespace);
      expect(changed(before, await pods(namespace))).toEqual(["c1-data-1"]);
    });

    test("kubectl rollout restart: erased, some of the pods restarted, and rollout status says complete", async () => {
      const before = await pods(namespace);
      const { bin, folder } = bedAddresses().plane;
      const home = mkdtempSync(join(tmpdir(), "antfly-creds-kubectl-"));
      try {
        const kubeconfig = join(home, "config");
        writeFileSync(kubeconfig, cluster.kubeconfig({ namespace }));
        const kubectl = (...args: string[]): Promise<{ stdout: string }> =>
          run(join(bin, "kubectl"), ["--kubeconfig", kubeconfig, ...args], { cwd: folder, env: { HOME: home } });
        await kubectl("rollout", "restart", "statefulset/c1-data");
        await eventually("restartedAt is gone", async () => {
          const { metadata } = (await cluster.admin.must("GET", statefulSet(namespace, "data"))).spec.template;
          return metadata.annotations?.["kubectl.kubernetes.io/restartedAt"] === undefined;
        });
        const { stdout } = await kubectl("rollout", "status", "statefulset/c1-data", "--timeout=30s");
        expect(stdout).toContain("complete");
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
      await sixReady(namespace);
      const restarted = changed(before, await pods(namespace)).filter((name) => name.startsWith("c1-data"));
      expect(restarted.length).toBeLessThan(3);
    });

    test("Secret changed in place: same hash, same pods", async () => {
      await quiet(namespace);
      const before = await pods(namespace);
      const hashes = await annotations(namespace);
      const values = OBJECTS["Secret/rotated"] ?? {};
      await merge(`/api/v1/namespaces/${namespace}/secrets/backup-credentials`, {
        data: secret(namespace, "x", values).data,
      });
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      expect(changed(before, await pods(namespace))).toEqual([]);
      expect(await annotations(namespace)).toEqual(hashes);
    });

    test("then any annotation put on the CR: V3 and all six pods on 1, nothing on 2", async () => {
      const before = await pods(namespace);
      const hashes = await annotations(namespace);
      await touch(namespace);
      if (generation === 1) {
        await eventually("V3 on both", async () =>
          (await annotations(namespace)).every((hash) => hash === "815daa465ee3e4da"),
        );
        await eventually("six other pods", async () => changed(before, await pods(namespace)).length === 6, 60_000);
      } else {
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
        expect(await annotations(namespace)).toEqual(hashes);
        expect(changed(before, await pods(namespace))).toEqual([]);
      }
      await sixReady(namespace);
    });

    test("envFrom switched to a new Secret name in both groups: all six pods replaced, highest ordinal first", async () => {
      const before = await pods(namespace);
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const { metadata } = await cluster.admin.must("GET", path);
      const abort = new AbortController();
      const order: string[] = [];
      const watching = (async () => {
        const events = cluster.admin.watch(path, { resourceVersion: metadata.resourceVersion }, abort.signal);
        for await (const { type, object } of events) if (type === "ADDED") order.push(object.metadata.name);
      })().catch(() => {});
      await cluster.admin.must("PATCH", antfly(namespace), {
        contentType: "application/json-patch+json",
        body: ["metadataNodes", "dataNodes"].map((field) => ({
          op: "replace",
          path: `/spec/${field}/envFrom`,
          value: [secretRef("extra")],
        })),
      });
      await eventually("six other pods", async () => changed(before, await pods(namespace)).length === 6, 60_000);
      await sixReady(namespace);
      abort.abort();
      await watching;
      for (const group of ["metadata", "data"]) {
        const names = order.filter((name) => name.startsWith(`c1-${group}`));
        expect(names).toEqual([2, 1, 0].map((ordinal) => `c1-${group}-${ordinal}`));
      }
    });

    test("AntflyBackup with a missing credentialsSecret: active, and nothing tells", async () => {
      const location = "s3://bucket/prefix";
      await create(cluster.admin, {
        apiVersion: "antfly.io/v1",
        kind: "AntflyBackup",
        metadata: { name: "nightly", namespace },
        spec: {
          clusterRef: { name: "c1" },
          schedule: "0 2 * * *",
          destination: { location, credentialsSecret: { name: "nowhere" } },
        },
      });
      const cronJob = await eventually("CronJob nightly-backup", async () => {
        const { status, body } = await cluster.admin.get(
          `/apis/batch/v1/namespaces/${namespace}/cronjobs/nightly-backup`,
        );
        return status === 200 && body;
      });
      const { spec } = cronJob.spec.jobTemplate.spec.template;
      expect(spec.containers[0].envFrom).toEqual([secretRef("nowhere")]);
      expect(spec.serviceAccountName).toBeUndefined();
      const { command, args } = spec.containers[0];
      const words = [...(command ?? []), ...(args ?? [])];
      expect(words.slice(0, 2)).toEqual(["/bin/sh", "-c"]);
      expect(words[2]).toContain(`/antfly backup --url 'http://c1-public-api.${namespace}.svc.cluster.local'`);
      const backup = `/apis/antfly.io/v1/namespaces/${namespace}/antflybackups/nightly`;
      const { status } = await eventually("phase Active", async () => {
        const { body } = await cluster.admin.get(backup);
        return body.status?.phase === "Active" && body;
      });
      const ready = status.conditions.find((condition: AnyObject) => condition.type === "ScheduleReady");
      expect({ status: ready.status, reason: ready.reason }).toEqual({ status: "True", reason: "CronJobCreated" });
    });

    test("gs:// destination is refused by the API", async () => {
      const { status, body } = await cluster.admin.request(
        "POST",
        `/apis/antfly.io/v1/namespaces/${namespace}/antflybackups`,
        {
          body: {
            apiVersion: "antfly.io/v1",
            kind: "AntflyBackup",
            metadata: { name: "gs", namespace },
            spec: { clusterRef: { name: "c1" }, schedule: "0 2 * * *", destination: { location: "gs://b/p" } },
          },
        },
      );
      expect(status).toBe(422);
      expect(body.message).toContain('spec.destination.location: Invalid value: "gs://b/p"');
      expect(body.message).toContain("should match '^(s3://|file://).+'");
    });
  });

  test("CRDs", async () => {
    const { items } = await cluster.admin.must("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
    const names = items
      .map((item: AnyObject) => item.metadata.name)
      .filter((name: string) => name.endsWith(".antfly.io"));
    const base = ["antflybackups", "antflyclusters", "antflyrestores"];
    const wanted = generation === 1 ? base : [...base, "externalinferencepools", "inferencepools", "inferenceproxies"];
    expect(names).toEqual(expect.arrayContaining(wanted.map((name) => `${name}.antfly.io`)));
  });
});
