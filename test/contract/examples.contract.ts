import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

import { allReady, create, eventually, podsOf } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin } from "../support/run-bin.ts";
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

  const init = (keys: string): ReturnType<typeof runBin> =>
    runBin(["init", "secret", "search", "--from-env-file", "keys.env", "--yes"], {
      kubeconfig: cluster.kubeconfig({ namespace }),
      files: { "keys.env": keys },
    });

  test("the server takes every manifest", async () => {
    for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith(".yaml"))) {
      for (const document of parseAllDocuments(read(file))) {
        const object: AnyObject = document.toJS();
        await create(cluster.admin, { ...object, metadata: { ...object.metadata, namespace } });
      }
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
}
