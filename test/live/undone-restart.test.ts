import { afterAll, beforeAll, expect, test } from "vitest";

import { liveCluster } from "../bed/live-cluster.ts";
import { allReady, antflyCluster, create, eventually, podsOf, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn, READY_DELAY } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin } from "../support/run-bin.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
/** Pods that differ less in age are taken for made together. */
const OLD_MS = 7_000;

let cluster: TestCluster;
let node: NodeStandIn;
let operator: OperatorStandIn;
let namespace: string;

beforeAll(async () => {
  cluster = await liveCluster();
  node = await NodeStandIn.start(cluster.admin);
  operator = await OperatorStandIn.start(cluster, 2);
  namespace = await freshNamespace(cluster, "restart");
  const values = { AWS_ACCESS_KEY_ID: CANARY_ID, AWS_SECRET_ACCESS_KEY: CANARY_SECRET };
  await create(cluster.admin, secret(namespace, "keys", values));
  await create(cluster.admin, antflyCluster(namespace, "c1", [secretRef("keys")]));
  await eventually("six ready pods", async () => allReady(await podsOf(cluster.admin, namespace), 6));
});

afterAll(async () => {
  await operator.stop();
  await node.stop();
  await cluster.stop();
});

const rotation = async (): Promise<AnyObject> => {
  const run = await runBin(["doctor", "c1", "--only", "ANT0704", "-o", "json"], {
    kubeconfig: cluster.kubeconfig({ namespace }),
  });
  return { calls: run.json.calls.kubernetes, ...run.json.results.find(({ code }: AnyObject) => code === "ANT0704") };
};
const causes = ({ findings }: AnyObject): string[] => findings.map(({ cause }: AnyObject) => cause);

test("a restart that the operator undid is found when its pods are long replaced again", async () => {
  const before = await rotation();
  expect(causes(before)).toEqual(["antfly.hash-names-only"]);
  await new Promise((resolve) => setTimeout(resolve, OLD_MS));

  // The operator may be quicker than the StatefulSet controller, and then no pod is replaced: again, until one is.
  const old = new Set((await podsOf(cluster.admin, namespace)).map((pod) => pod["metadata"].uid));
  await eventually("a pod that the restart has replaced", async () => {
    const pods = await podsOf(cluster.admin, namespace);
    if (pods.some((pod) => !old.has(pod["metadata"].uid))) return true;
    const set = `/apis/apps/v1/namespaces/${namespace}/statefulsets/c1-data`;
    const { spec } = await cluster.admin.must("GET", set);
    if (spec.template.metadata.annotations?.[RESTARTED_AT] !== undefined) return false;
    // The first new pod takes its time, as a real one does: the operator writes before the roll-out is through.
    const annotations = { [RESTARTED_AT]: new Date().toISOString().replace(/\.\d+/, ""), [READY_DELAY]: "3000" };
    await cluster.admin.must("PATCH", set, {
      contentType: "application/strategic-merge-patch+json",
      body: { spec: { template: { metadata: { annotations } } } },
    });
    return false;
  });
  await eventually("ready pods without its mark", async () => {
    const pods = await podsOf(cluster.admin, namespace);
    return allReady(pods, 6) && pods.every((pod) => pod["metadata"].annotations?.[RESTARTED_AT] === undefined);
  });
  const after = await rotation();
  expect(causes(after)).toEqual(["antfly.rollout-restart-reverted", "antfly.hash-names-only"]);
  expect(after["calls"]).toBe(before["calls"] + 1);

  for (const name of ["c1-data-0", "c1-data-1"])
    await cluster.admin.must("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`);
  await eventually("newer pods, and nothing to find", async () => {
    const pods = await podsOf(cluster.admin, namespace);
    return allReady(pods, 6) && causes(await rotation()).length === 1;
  });
});
