import { afterAll, beforeAll, expect, test } from "vitest";

import { eventually } from "../support/antfly.ts";
import type { AnyObject } from "../support/follow.ts";
import { rootCauses, type Fault } from "../support/identity/fault.ts";
import { realAnswer } from "../support/identity/real-answer.ts";
import { IdentityWorld, type IdentityBed, type Webhook } from "../support/identity/world.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { PodIdentityWebhook } from "../support/pod-identity-webhook/webhook.ts";

/**
 * `init irsa` takes a cluster from nothing to a proven identity; then each fault gives its cause first, the servers decide
 * as the tool says, and what is printed as the fix makes it green again.
 */
export function identityFaults(start: () => Promise<IdentityBed>, faults: readonly Fault[]): void {
  let bed: IdentityBed;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let running: PodIdentityWebhook | undefined;
  let world: IdentityWorld | undefined;

  const webhook: Webhook = {
    comes: async () => void (running = await PodIdentityWebhook.start(bed.cluster.admin)),
    leaves: async () => {
      await running?.stop();
      running = undefined;
    },
  };

  beforeAll(async () => {
    bed = await start();
    const { admin } = bed.cluster;
    node = await NodeStandIn.start(admin);
    operator = await OperatorStandIn.start(bed.cluster, 3);
    await webhook.comes();
    world = await IdentityWorld.start(bed, webhook);
  });

  afterAll(async () => {
    world?.stop();
    await webhook.leaves();
    await operator.stop();
    await node.stop();
    await Promise.all([bed.cloud.stop(), bed.cluster.stop()]);
  });

  test("init irsa, from nothing: the proof is green", () => {
    const { made } = world ?? expect.fail("there is no world");
    expect(made.code, made.stderr).toBe(0);
    for (const code of ["ANT0303", "ANT0304", "ANT0601", "ANT0602", "ANT0603", "ANT0604", "ANT0605"])
      expect(resultOf(made.json, code).status, code).toBe("pass");
    expect(made.json.residue).toEqual([]);
  });

  test.each(faults)("$name: $finds", async (fault) => {
    // What a failed test leaves broken is no concern of the next.
    const here = (world ??= await IdentityWorld.start(bed, webhook));
    if (running === undefined) await webhook.comes();
    world = undefined;
    await fault.breaks(here);
    const { code, json } = await here.doctor();
    const others = Object.keys(fault.besides ?? {});
    expect(rootCauses(json), shown(json)).toEqual([fault.finds, ...others]);
    expect(code).toBe(3);
    await expectAgreement(here, json);
    const first = json.results.find((result: AnyObject) => fault.finds.startsWith(result.code)).findings[0];
    for (const fix of first.fixes) await carryOut(here, fault, fix);
    await fault.after?.(here);
    let last = json;
    await eventually(`green after ${JSON.stringify(first.fixes)}`, async () => {
      const again = await here.doctor();
      last = again.json;
      return again.code === 0;
    }).catch((error: unknown) => expect.fail(`${String(error)}\n${shown(last)}`));
    world = here;
  });
}

/** A command is pasted as it is; words are followed by whoever knows them. */
async function carryOut(world: IdentityWorld, fault: Fault, { kind, text }: AnyObject): Promise<void> {
  if (kind === "command") {
    await world.person.enters(text, {
      answers: { "Apply this?": "y" },
      ...(fault.edit === undefined ? {} : { edit: fault.edit(world) }),
    });
    return;
  }
  const hands = Object.entries({ ...COMMON, ...fault.byHand });
  const [, hand] = hands.find(([start]) => text.startsWith(start)) ?? expect.fail(`nobody knows how to: ${text}`);
  await hand(world);
}

/** Words that mean the same wherever they are printed. */
const COMMON: NonNullable<Fault["byHand"]> = {
  // The commands after them do it.
  "delete the pods one at a time": async () => {},
  "set /": async () => {},
  "add ": async () => {},
  "remove /": async () => {},
  "then delete each pod in turn": (world) => world.replacePods(),
};

/** What the tool makes of the policies is what the servers do. */
async function expectAgreement(world: IdentityWorld, report: AnyObject): Promise<void> {
  const answer = await realAnswer(world);
  if (answer === undefined) return;
  const verdicts = ["ANT0303", "ANT0304"].map((code) => resultOf(report, code).status);
  const trusted = verdicts.includes("fail") ? false : verdicts.every((status) => status === "pass") ? true : undefined;
  if (trusted !== undefined) expect(answer.trusted, `STS trusts; doctor says ${verdicts.join(", ")}`).toBe(trusted);
}

function resultOf({ results }: AnyObject, code: string): AnyObject {
  return results.find((result: AnyObject) => result.code === code) ?? expect.fail(`no result of ${code}`);
}

/** What a failed assertion has to show of a report. */
function shown({ results, exitCode }: AnyObject): string {
  const lines = results.flatMap(({ code, status, rootCause, findings, unknown }: AnyObject) => [
    ...findings.map((one: AnyObject) => `${code} ${status}${rootCause ? " root" : ""} ${one.cause}: ${one.message}`),
    ...findings.flatMap(({ fixes }: AnyObject) => fixes.map(({ kind, text }: AnyObject) => `    ${kind}: ${text}`)),
    ...unknown.map(({ why }: AnyObject) => `${code} ${status}: ${why}`),
  ]);
  return [...lines, `exit ${exitCode}`].join("\n");
}
