import { afterAll, beforeAll, expect } from "vitest";

import type { AnyObject } from "../support/follow.ts";
import { resultOf, shown, type Fault } from "../support/mending/fault.ts";
import { KeysWorld } from "../support/mending/keys-world.ts";
import { mendingSuite } from "../support/mending/mending-suite.ts";
import { refusedOf } from "../support/mending/real-answer.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import type { TestBed } from "../support/test-bed.ts";

const PROBES = ["ANT0602", "ANT0603", "ANT0604", "ANT0605"];
const PROOF = ["ANT0606", "ANT0607", "ANT0608", ...PROBES];

/** A database of generation 2 with static keys: each fault gives its cause first, and the printed fix mends it. */
export function keyFaults(start: () => Promise<TestBed>, faults: readonly Fault<KeysWorld>[]): void {
  const worlds: KeysWorld[] = [];
  let bed: TestBed;
  let node: NodeStandIn;
  let operator: OperatorStandIn;

  beforeAll(async () => {
    bed = await start();
    node = await NodeStandIn.start(bed.cluster.admin);
    operator = await OperatorStandIn.start(bed.cluster, 2);
  });

  afterAll(async () => {
    for (const world of worlds) world.stop();
    await operator.stop();
    await node.stop();
    await Promise.all([bed.cloud.stop(), bed.cluster.stop()]);
  });

  mendingSuite(faults, {
    start: async () => {
      const world = await KeysWorld.start(bed);
      worlds.push(world);
      return world;
    },
    proof: PROOF,
    agrees: expectAgreement,
  });
}

/** What the store refuses to the key as it is in the Secret, asked by the SDK alone. */
async function expectAgreement(world: KeysWorld, report: AnyObject): Promise<void> {
  const s3 = await world.store();
  const refused = await refusedOf(s3);
  s3.destroy();
  const verdicts = PROBES.map((code) => resultOf(report, code).status);
  const allowed = verdicts.includes("fail") ? false : verdicts.every((one) => one === "pass") ? true : undefined;
  if (allowed !== undefined) expect(refused.length === 0, `${refused.join(", ")}\n${shown(report)}`).toBe(allowed);
}
