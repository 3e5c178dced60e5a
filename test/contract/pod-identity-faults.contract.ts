import { afterAll, beforeAll, expect, test } from "vitest";

import { resultOf, shown, type Fault } from "../support/mending/fault.ts";
import { isProven, mendingSuite } from "../support/mending/mending-suite.ts";
import { AGENT, EKS_CLUSTER, PodIdentityWorld } from "../support/mending/pod-identity-world.ts";
import { BUCKET } from "../support/mending/world.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { associationsOf } from "../support/pod-identity-webhook/associations.ts";
import { PodIdentityWebhook } from "../support/pod-identity-webhook/webhook.ts";
import type { TestBed } from "../support/test-bed.ts";

const CHECKED = ["ANT0307", "ANT0308", "ANT0309", "ANT0310", "ANT0311"];

/**
 * `init pod-identity` from nothing; then each fault gives its cause first, and the printed fix mends it. Nobody takes on
 * the role: the token that does is bound to a pod.
 */
export function podIdentityFaults(start: () => Promise<TestBed>, faults: readonly Fault<PodIdentityWorld>[]): void {
  const worlds: PodIdentityWorld[] = [];
  let bed: TestBed;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let webhook: PodIdentityWebhook;

  beforeAll(async () => {
    bed = await start();
    const { cloud, cluster } = bed;
    const eks = { name: EKS_CLUSTER, issuer: "ISSUER", addOns: { [AGENT]: "ACTIVE" } };
    await cloud.seed({ buckets: [{ name: BUCKET }], clusters: [eks] });
    node = await NodeStandIn.start(cluster.admin);
    operator = await OperatorStandIn.start(cluster, 3);
    webhook = await PodIdentityWebhook.start(cluster.admin, { associated: associationsOf(cloud.env, EKS_CLUSTER) });
  });

  afterAll(async () => {
    for (const world of worlds) world.stop();
    await webhook.stop();
    await operator.stop();
    await node.stop();
    await Promise.all([bed.cloud.stop(), bed.cluster.stop()]);
  });

  async function fromNothing(): ReturnType<typeof PodIdentityWorld.start> {
    const started = await PodIdentityWorld.start(bed);
    worlds.push(started.world);
    return started;
  }

  let first: PodIdentityWorld | undefined;
  test("init pod-identity, from nothing: all is checked, and the proof says why there is none", async () => {
    const { world, made } = await fromNothing();
    expect(made.code, made.stderr).toBe(0);
    expect(isProven(made.json, CHECKED), shown(made.json)).toBe(true);
    const { status, skipReason } = resultOf(made.json, "ANT0601");
    expect(status).toBe("skip");
    expect(skipReason).toContain("a token that is bound to a pod: it cannot be had from here");
    first = world;
  });

  mendingSuite(faults, {
    start: async () => {
      const world = first ?? (await fromNothing()).world;
      first = undefined;
      return world;
    },
    proof: CHECKED,
    agrees: async () => {},
  });
}
