import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { CANARY_ID, expectNoCanary } from "../support/canaries.ts";
import { fixtureObjects } from "../support/fixture-objects.ts";
import type { AnyObject } from "../support/follow.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";
import { expectValid, SCHEMAS } from "../support/schemas.ts";
import { userWith, type PolicyRule } from "../support/test-cluster.ts";

const OBJECTS = `
- kind: AntflyCluster
  metadata: {name: search}
  spec:
    metadataNodes: {envFrom: [&keys {secretRef: {name: keys}}]}
    dataNodes: {envFrom: [*keys, {prefix: B_, secretRef: {name: more}}, {secretRef: {name: maybe, optional: true}}]}
- kind: Secret
  metadata: {name: keys}
  stringData: {AWS_ACCESS_KEY_ID: ${CANARY_ID}, AWS_SECRET_ACCESS_KEY: s, "B=": x, B_A: x, AWS_REGION: us-east-1}
- kind: Secret
  metadata: {name: more}
  stringData: {A: "1"}
- kind: AntflyCluster
  metadata: {name: fine}
  spec:
    metadataNodes: {envFrom: [&sound {secretRef: {name: sound}}]}
    dataNodes: {envFrom: [*sound]}
- kind: Secret
  metadata: {name: sound}
  stringData: {AWS_ACCESS_KEY_ID: ${CANARY_ID}, AWS_SECRET_ACCESS_KEY: s, AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com"}
- kind: AntflyBackup
  metadata: {name: nightly}
  spec: {clusterRef: {name: search}, schedule: 0 2 * * *, destination: {location: s3://bucket/prefix, credentialsSecret: {name: gone}}}
- kind: AntflyBackup
  metadata: {name: weekly}
  spec: {clusterRef: {name: fine}, schedule: 0 2 * * 0, destination: {location: s3://bucket/prefix}}
- kind: Pod
  metadata:
    name: search-data-0
    labels: {app.kubernetes.io/name: antfly-database, app.kubernetes.io/instance: search, app.kubernetes.io/component: data}
  spec: {containers: [{name: antfly, env: [{name: AWS_REGION, value: eu-west-1}], envFrom: [*keys]}]}
  status: {phase: Running, containerStatuses: [{name: antfly, ready: true, state: {running: {}}}]}
- kind: Pod
  metadata:
    name: fine-data-0
    labels: {app.kubernetes.io/name: antfly-database, app.kubernetes.io/instance: fine, app.kubernetes.io/component: data}
  spec: {containers: [{name: antfly, envFrom: [*sound]}]}
  status: {phase: Running, containerStatuses: [{name: antfly, ready: true, state: {running: {}}}]}
- kind: Pod
  metadata: {name: nightly-1, labels: {antfly.io/backup: nightly}}
  spec: {containers: [{name: backup, envFrom: [{secretRef: {name: gone}}]}]}
  status:
    phase: Pending
    containerStatuses:
      - {name: backup, ready: false, state: {waiting: {reason: CreateContainerConfigError, message: 'secret "gone" not found'}}}
- kind: Pod
  metadata: {name: weekly-1, labels: {antfly.io/backup: weekly}}
  spec: {containers: [{name: backup}]}
  status:
    phase: Succeeded
    containerStatuses: [{name: backup, ready: false, state: {terminated: {exitCode: 0, reason: Completed}}}]
`;

function reading(group: string, ...resources: string[]): PolicyRule {
  return { apiGroups: [group], resources, verbs: ["get", "list"] };
}

describe("what is no report is what its schema says", () => {
  let cluster: InProcessCluster;
  let limited = "";
  const kubeconfig = (token?: string): string =>
    cluster.kubeconfig({ namespace: "production", ...(token === undefined ? {} : { token }) });
  const run = (args: readonly string[], options: BinOptions = {}): Promise<BinRun> =>
    runBin([...args, "-o", "json"], { kubeconfig: kubeconfig(), ...options });

  beforeAll(async () => {
    cluster = await startKubeServer({
      controllers: false,
      objects: fixtureObjects({ name: "", objects: parse(OBJECTS) }),
    });
    limited = await userWith(cluster, "production", "limited", [
      reading("antfly.io", "antflyclusters", "antflybackups", "antflyrestores"),
      reading("", "secrets"),
    ]);
  });
  afterAll(() => cluster.stop());

  const environment = ({ json, code }: BinRun, exit: number): AnyObject => {
    expectValid(json, "antfly-creds.env/v1");
    expect([json.exitCode, code]).toEqual([exit, exit]);
    return Object.fromEntries(json.environments.map((one: AnyObject) => [one.of, one]));
  };

  test("doctor --show env: nodes and the Jobs of backups; what is hidden, left out and missing", async () => {
    const shown = environment(await run(["doctor", "search", "--show", "env"]), 0);
    expect(Object.keys(shown)).toEqual(["metadata", "data", "AntflyBackup/nightly"]);
    const variable = (name: string): AnyObject => shown.data.variables.find((one: AnyObject) => one.name === name);
    expect(variable("B_A")).toMatchObject({
      from: "Secret more (prefix B_), key A",
      looks: ["1 byte"],
      shadowed: ["Secret keys, key B_A"],
    });
    expect(variable("AWS_REGION")).toMatchObject({
      from: "env of every pod",
      shadowed: ["Secret keys, key AWS_REGION"],
    });
    expect(shown.data.dropped.map(({ name }: AnyObject) => name)).toEqual(["B="]);
    expect(shown.data.missingOptional).toEqual(["Secret maybe"]);
    expect(shown["AntflyBackup/nightly"].missing).toEqual(["Secret gone"]);
  });

  test("doctor --show env, of saved facts as well", async () => {
    let facts = "";
    const saved = await run(["doctor", "search", "--save", "facts.json"], {
      after: (cwd) => (facts = readFileSync(join(cwd, "facts.json"), "utf8")),
    });
    expectValid(saved.json, "antfly-creds.report/v1");
    expectValid(JSON.parse(facts), "antfly-creds.facts/v1");
    expectNoCanary(facts, "the saved facts");
    const files = { "facts.json": facts };
    const live = await run(["doctor", "search", "--show", "env"]);
    const again = await runBin(["doctor", "--from", "facts.json", "--show", "env", "-o", "json"], { files });
    expect(again.json).toEqual(live.json);
    for (const args of [
      ["doctor", "--from", "facts.json"],
      ["validate", "facts.json"],
    ]) {
      const { json, code } = await runBin([...args, "-o", "json"], { files });
      expectValid(json, "antfly-creds.report/v1");
      expect([json.source.mode, json.exitCode]).toEqual(["snapshot", code]);
    }
  });

  test("doctor --show env, where the Secrets or the pods could not be read", async () => {
    const nothing = await userWith(cluster, "production", "lister", [
      reading("antfly.io", "antflyclusters", "antflybackups", "antflyrestores"),
    ]);
    const blind = environment(await run(["doctor", "search", "--show", "env"], { kubeconfig: kubeconfig(nothing) }), 5);
    expect(blind.metadata.unread).toEqual(["Secret keys", "env of the pods"]);
    const without = environment(
      await run(["doctor", "search", "--show", "env"], { kubeconfig: kubeconfig(limited) }),
      5,
    );
    expect(without.data.unread).toEqual(["env of the pods"]);
    expect(without["AntflyBackup/nightly"].unread).toEqual([]);
    const jobless = await userWith(cluster, "production", "jobless", [
      reading("antfly.io", "antflyclusters", "antflybackups"),
      reading("", "secrets", "pods"),
    ]);
    const shown = environment(await run(["doctor", "fine", "--show", "env"], { kubeconfig: kubeconfig(jobless) }), 5);
    expect(shown["AntflyRestore/*"].unread).toEqual(["AntflyRestores"]);
  });

  test.each<[string, readonly string[], number, boolean]>([
    ["a text that it knows", ["--error", 'secret "keys" not found'], 0, false],
    ["a text that it does not know", ["--error", "the printer is out of paper"], 5, false],
    ["a text with several causes", ["--error", `AccessDenied: 403 SignatureDoesNotMatch no such host`], 0, false],
    ["a pod of a cluster that is well", ["pod/fine-data-0"], 0, true],
    ["a pod of a cluster that is not", ["pod/search-data-0"], 0, false],
    ["a pod that cannot start", ["pod/nightly-1"], 0, false],
    ["a pod that has done its work", ["pod/weekly-1"], 0, true],
    ["a backup that fails", ["backup/nightly"], 0, false],
    ["a backup that worked", ["backup/weekly"], 0, true],
  ])("why, asked about %s", async (_, args, exit, healthy) => {
    const { json, code } = await run(["why", ...args]);
    expectValid(json, "antfly-creds.why/v1");
    expect([json.exitCode, code, json.healthy]).toEqual([exit, exit, healthy]);
  });

  test("why says that it is well of nothing that it could not look at wholly", async () => {
    const watcher = await userWith(cluster, "production", "watcher", [reading("", "pods")]);
    for (const [object, token] of [
      ["pod/weekly-1", watcher],
      ["backup/weekly", limited],
    ] as const) {
      const { json, code } = await run(["why", object], { kubeconfig: kubeconfig(token) });
      expectValid(json, "antfly-creds.why/v1");
      expect([json.healthy, json.unknown.length > 0, code]).toEqual([false, true, 5]);
    }
  });

  test("the example of saved facts holds what a report is made of", async () => {
    const files = { "facts.json": readFileSync(`${SCHEMAS}examples/facts.v1.json`, "utf8") };
    const { json } = await runBin(["doctor", "--from", "facts.json", "-o", "json"], { files });
    expectValid(json, "antfly-creds.report/v1");
  });
});
