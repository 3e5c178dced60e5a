import { afterAll, beforeAll, expect, test } from "vitest";

import type { AnyObject } from "../support/follow.ts";
import { resultOf, shown, type Fault } from "../support/mending/fault.ts";
import { IdentityWorld, type IdentityBed } from "../support/mending/identity-world.ts";
import { isProven, mendingSuite } from "../support/mending/mending-suite.ts";
import { realAnswer } from "../support/mending/real-answer.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { PodIdentityWebhook } from "../support/pod-identity-webhook/webhook.ts";
import type { TestBed } from "../support/test-bed.ts";

const PROOF = ["ANT0303", "ANT0304", "ANT0311", "ANT0601", "ANT0602", "ANT0603", "ANT0604", "ANT0605"];

/**
 * `init irsa` takes a database of generation 3 from nothing to a proven identity; then each fault gives its cause first,
 * the servers decide as the tool says, and the printed fix makes it whole again.
 */
export function identityFaults(start: () => Promise<TestBed>, faults: readonly Fault<IdentityWorld>[]): void {
  const worlds: IdentityWorld[] = [];
  let bed: IdentityBed;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let webhook: PodIdentityWebhook | undefined;

  beforeAll(async () => {
    const servers = await start();
    const { admin } = servers.cluster;
    node = await NodeStandIn.start(admin);
    operator = await OperatorStandIn.start(servers.cluster, 3);
    const comes = async (): Promise<void> => void (webhook ??= await PodIdentityWebhook.start(admin));
    const leaves = async (): Promise<void> => {
      await webhook?.stop();
      webhook = undefined;
    };
    bed = { ...servers, webhook: { comes, leaves } };
  });

  afterAll(async () => {
    for (const world of worlds) world.stop();
    await bed.webhook.leaves();
    await operator.stop();
    await node.stop();
    await Promise.all([bed.cloud.stop(), bed.cluster.stop()]);
  });

  async function fromNothing(): ReturnType<typeof IdentityWorld.start> {
    await bed.webhook.comes();
    const started = await IdentityWorld.start(bed);
    worlds.push(started.world);
    return started;
  }

  let first: IdentityWorld | undefined;
  test("init irsa, from nothing: the proof is green", async () => {
    const { world, made } = await fromNothing();
    expect(made.code, made.stderr).toBe(0);
    expect(isProven(made.json, PROOF), shown(made.json)).toBe(true);
    expect(made.json.residue).toEqual([]);
    first = world;
  });

  mendingSuite(faults, {
    start: async () => {
      const world = first ?? (await fromNothing()).world;
      first = undefined;
      return world;
    },
    proof: PROOF,
    agrees: expectAgreement,
  });
}

/** What the tool makes of trust and permissions is what the servers do. */
async function expectAgreement(world: IdentityWorld, report: AnyObject): Promise<void> {
  const answer = await realAnswer(world);
  if (answer === undefined) return;
  const said = (...codes: string[]): boolean | undefined => {
    const verdicts = codes.map((code) => resultOf(report, code).status);
    return verdicts.includes("fail") ? false : verdicts.every((status) => status === "pass") ? true : undefined;
  };
  const trusted = said("ANT0303", "ANT0304");
  if (trusted !== undefined) expect(answer.trusted, shown(report)).toBe(trusted);
  // The role's own policies are not all that decides: that they would do is no verdict yet.
  const allowed = said("ANT0310") === false ? false : said("ANT0602", "ANT0603", "ANT0604", "ANT0605");
  if (answer.refused !== undefined && allowed !== undefined)
    expect(answer.refused.length === 0, `${answer.refused.join(", ")}\n${shown(report)}`).toBe(allowed);
}
