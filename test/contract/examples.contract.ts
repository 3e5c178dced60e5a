import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

import { allReady, create, eventually, podsOf } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin } from "../support/run-bin.ts";
import { runScript, type ScriptOptions, type ScriptRun } from "../support/run-script.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const read = (file: string): string => readFileSync(EXAMPLES + file, "utf8");

/** The manifests under examples/ are accepted by the server, and with a filled-in keys.env they make a healthy cluster. */
export function examplesContract(start: () => Promise<TestCluster>): void {
  let cluster: TestCluster;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let namespace: string;

  beforeAll(async () => {
    cluster = await start();
    node = await NodeStandIn.start(cluster.admin);
    operator = await OperatorStandIn.start(cluster, 2);
    namespace = await freshNamespace(cluster, "examples");
  });

  afterAll(async () => {
    await operator.stop();
    await node.stop();
    await cluster.stop();
  });

  /** As they stand there, in a namespace of our own. */
  const objectsIn = (file: string): AnyObject[] =>
    parseAllDocuments(read(file).replaceAll("production", namespace)).map((document) => document.toJS());
  const rbac = (objects: readonly AnyObject[]): AnyObject[] => objects.filter(({ kind }) => kind.startsWith("Role"));

  const init = (keys: string): ReturnType<typeof runBin> =>
    runBin(["init", "secret", "search", "--from-env-file", "keys.env", "--yes"], {
      kubeconfig: cluster.kubeconfig({ namespace }),
      files: { "keys.env": keys },
    });

  test("the server takes every manifest", async () => {
    for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith(".yaml"))) {
      for (const object of objectsIn(file)) await create(cluster.admin, object);
    }
  });

  test("the placeholders of keys.env are refused", async () => {
    const run = await init(read("keys.env"));
    expect(run.stderr).toContain("the value of AWS_ACCESS_KEY_ID is a placeholder");
    expect(run.code).toBe(2);
  });

  test("with keys in their place the cluster is healthy", async () => {
    const keys = read("keys.env").replace("<access key id>", CANARY_ID).replace("<secret access key>", CANARY_SECRET);
    expect((await init(keys)).code).toBe(0);
    await eventually("six ready pods", async () => allReady(await podsOf(cluster.admin, namespace), 6));
    const doctor = await runBin(["doctor"], { kubeconfig: cluster.kubeconfig({ namespace }) });
    expect(doctor.code).toBe(0);
  });

  test("the Role of the CronJob is the one that permissions prints", async () => {
    const args = ["permissions", "search", "--service-account", "antfly-creds-doctor"];
    const { stdout } = await runBin(args, { kubeconfig: cluster.kubeconfig({ namespace }) });
    const printed = parseAllDocuments(stdout).map((document): AnyObject => document.toJS());
    expect(rbac(objectsIn("doctor-cronjob.yaml"))).toEqual(printed);
  });

  test("with exactly the identity of the CronJob every check of its command can tell", async () => {
    const objects = objectsIn("doctor-cronjob.yaml");
    const account = objects.find(({ kind }) => kind === "ServiceAccount")?.metadata.name;
    const pod = objects.find(({ kind }) => kind === "CronJob")?.spec.jobTemplate.spec.template.spec;
    expect(pod.serviceAccountName).toBe(account);
    const url = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const { status } = await cluster.admin.must("POST", url, { body: request });
    const kubeconfig = cluster.kubeconfig({ namespace, token: status.token });
    const { json, code } = await eventually("the Role is in force", async () => {
      const run = await runBin([...pod.containers[0].args, "-o", "json"], { kubeconfig });
      return run.code === 0 && run;
    });
    expect(json.results.filter((result: AnyObject) => result.unknown.length > 0)).toEqual([]);
    const judged = json.results.filter((result: AnyObject) => result.status !== "skip");
    expect(judged.length).toBeGreaterThan(20);
    expect(code).toBe(0);
  });

  describe("examples/ci/preflight.sh", () => {
    const script = (args: readonly string[], options: ScriptOptions): Promise<ScriptRun> =>
      runScript(`${EXAMPLES}ci/preflight.sh`, args, { kubeconfig: cluster.kubeconfig({ namespace }), ...options });

    test("good manifests: exit 0, and a report in each format", async () => {
      const files = { "deploy/cluster.yaml": read("antflycluster.yaml").replaceAll("production", namespace) };
      const run = await script(["deploy"], { files });
      expect(run.stdout).toContain("exit 0");
      expect(run.code).toBe(0);
      expect(run.reports).toEqual(["preflight.json", "preflight.md", "preflight.sarif", "preflight.xml"]);
      expect(run.summary).toContain("antfly-creds");
    });

    test("a Secret that is not there: exit 3, with the line in the SARIF", async () => {
      const text = read("antflycluster.yaml")
        .replaceAll("production", namespace)
        .replaceAll("backup-credentials", "nope");
      const run = await script(["deploy"], { files: { "deploy/cluster.yaml": text } });
      expect(run.code).toBe(3);
      const [result] = JSON.parse(run.sarif).runs[0].results;
      expect(result.ruleId).toBe("ANT0201");
      expect(result.locations[0].physicalLocation).toMatchObject({
        artifactLocation: { uri: "deploy/cluster.yaml" },
        region: { startLine: 21 },
      });
    });

    test("offline, and what it does not know", async () => {
      const files = { "deploy/cluster.yaml": read("antflycluster.yaml") };
      expect((await script(["deploy"], { files, env: { MODE: "offline" } })).code).toBe(0);
      expect((await script(["deploy"], { files, env: { MODE: "cloud" } })).code).toBe(2);
      expect((await script([], { files })).code).toBe(2);
    });
  });
}
