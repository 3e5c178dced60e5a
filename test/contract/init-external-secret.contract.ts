import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { allReady, antflyCluster, create, eventually, podsOf } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, CANARY_SECRET_2 } from "../support/canaries.ts";
import { ControllerAtWork } from "../support/external-secrets/at-work.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const NAME = "c1-backup-credentials";
const FROM = ["--from", "aws-secrets-manager", "--region", "us-east-1"];

/** `init external-secret` on whichever API server, with whichever CRDs of External Secrets: pods, operator and controller at work. */
export function initExternalSecretContract(
  start: () => Promise<TestCluster>,
  crdsOfExternalSecrets: () => Promise<readonly AnyObject[]>,
): void {
  let cluster: TestCluster;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let crds: readonly AnyObject[];
  let namespace: string;

  beforeAll(async () => {
    cluster = await start();
    node = await NodeStandIn.start(cluster.admin);
    operator = await OperatorStandIn.start(cluster, 2);
    // The old version as well, as 0.16 serves it: what is written has to be right in both.
    crds = (await crdsOfExternalSecrets()).map(({ spec, ...crd }: AnyObject) => ({
      ...crd,
      spec: { ...spec, versions: spec.versions.map((version: AnyObject) => ({ ...version, served: true })) },
    }));
    for (const crd of crds) await cluster.admin.apply(`${CRDS}/${crd.metadata.name}`, crd);
    for (const { spec } of crds) {
      await eventually(`${spec.names.plural} are served`, async () => {
        const { status } = await cluster.admin.get(`/apis/external-secrets.io/v1/${spec.names.plural}`);
        return status === 200;
      });
    }
  });

  afterAll(async () => {
    // Other suites share the server, and begin without External Secrets.
    for (const { metadata } of crds) await cluster.admin.request("DELETE", `${CRDS}/${metadata.name}`);
    await eventually("External Secrets is gone", async () => {
      const { status } = await cluster.admin.get("/apis/external-secrets.io");
      return status === 404;
    });
    await operator.stop();
    await node.stop();
    await cluster.stop();
  });

  const init = (args: readonly string[], options: BinOptions = {}): Promise<BinRun> =>
    runBin(["init", "external-secret", "c1", ...args], { kubeconfig: cluster.kubeconfig({ namespace }), ...options });

  describe("with the controller at work", () => {
    let controller: ControllerAtWork;
    beforeEach(async () => {
      namespace = await freshNamespace(cluster, "eso");
      controller = await ControllerAtWork.start(cluster.admin, namespace);
      await create(cluster.admin, antflyCluster(namespace, "c1", []));
      await eventually("six ready pods", async () => allReady(await podsOf(cluster.admin, namespace), 6));
    });
    afterEach(async () => {
      const path = `/apis/external-secrets.io/v1/namespaces/${namespace}`;
      for (const resource of ["externalsecrets", "secretstores"])
        await cluster.admin.request("DELETE", `${path}/${resource}/${NAME}`);
      await eventually("the finalizer is off", async () => {
        const { status } = await cluster.admin.get(`${path}/externalsecrets/${NAME}`);
        return status === 404;
      });
      await controller.stop();
    });
    const uids = async (): Promise<Set<string>> =>
      new Set((await podsOf(cluster.admin, namespace)).map(({ metadata }) => metadata.uid as string));
    const put = (secretAccessKey: string): void => {
      const entry = { access_key_id: CANARY_ID, secret_access_key: secretAccessKey };
      controller.provider.entries.set(`antfly/${namespace}/c1`, entry);
    };

    test("the pods get the keys, a second run changes nothing, and a refresh replaces no pod", async () => {
      put(CANARY_SECRET);
      const run = await init([...FROM, "--yes"]);
      expect(run.stderr).toContain(`done: wait until External Secrets has written Secret ${namespace}/${NAME}`);
      expect(run.code).toBe(0);
      await eventually("six ready pods", async () => allReady(await podsOf(cluster.admin, namespace), 6));
      for (const pod of ["c1-metadata-0", "c1-data-0"]) {
        const environment = node.environmentOf(namespace, pod, "antfly");
        expect(environment?.get("AWS_ENDPOINT_URL")).toBe("https://s3.us-east-1.amazonaws.com");
        expect(environment?.get("AWS_SECRET_ACCESS_KEY")).toBe(CANARY_SECRET);
      }
      expect((await init([...FROM, "--yes", "--wait", "0s"])).stderr).toContain("Nothing to change");

      const before = await uids();
      put(CANARY_SECRET_2);
      await cluster.admin.must(
        "PATCH",
        `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets/${NAME}`,
        {
          contentType: "application/merge-patch+json",
          body: { metadata: { annotations: { "force-sync": "1" } } },
        },
      );
      await eventually("the new value is in the Secret", async () => {
        const { body } = await cluster.admin.get(`/api/v1/namespaces/${namespace}/secrets/${NAME}`);
        return Buffer.from(body.data.AWS_SECRET_ACCESS_KEY, "base64").toString() === CANARY_SECRET_2;
      });
      expect(await uids()).toEqual(before);
      expect((await init([...FROM, "--yes", "--wait", "0s"])).stderr).toContain("Nothing to change");
    });

    test("an entry that is not there: all is taken back, and no pod was touched", async () => {
      const before = await uids();
      const run = await init([...FROM, "--yes"]);
      expect(run.stderr).toContain("err: Secret does not exist");
      expect(run.code).toBe(6);
      expect(await uids()).toEqual(before);
      expect((await cluster.admin.get(`/api/v1/namespaces/${namespace}/secrets/${NAME}`)).status).toBe(404);
    });
  });

  test.each([
    ["AWS", FROM],
    ["AWS by a ServiceAccount", [...FROM, "--store-service-account", "eso-reader"]],
    ["Google", ["--from", "gcp-secret-manager", "--google-project", "acme-prod", "--region", "us-east-1"]],
    [
      "Vault",
      [
        ...["--from", "vault", "--vault-server", "https://vault.example.com:8200", "--vault-role", "antfly"],
        ...["--provider", "minio", "--endpoint", "https://minio.example.com"],
      ],
    ],
  ])("what is written for %s has no field that the CRDs do not know", async (_, from) => {
    namespace = await freshNamespace(cluster, "eso");
    await create(cluster.admin, antflyCluster(namespace, "c1", []));
    const folder = mkdtempSync(join(tmpdir(), "antfly-creds-eso-"));
    try {
      expect((await init([...from, "--write-to", folder, "--overwrite"])).code).toBe(0);
      const manifests = readdirSync(folder).filter((name) => /^(secretstore|externalsecret)-/.test(name));
      expect(manifests).toHaveLength(2);
      for (const name of manifests) {
        const object = parse(readFileSync(join(folder, name), "utf8"));
        const resource = `${object.kind.toLowerCase()}s`;
        for (const apiVersion of [object.apiVersion, "external-secrets.io/v1beta1"]) {
          await cluster.admin.must("POST", `/apis/${apiVersion}/namespaces/${namespace}/${resource}`, {
            query: { dryRun: "All", fieldValidation: "Strict" },
            body: { ...object, apiVersion },
          });
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
