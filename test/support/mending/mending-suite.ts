import { expect, test } from "vitest";

import { eventually } from "../antfly.ts";
import type { AnyObject } from "../follow.ts";
import type { BinRun } from "../run-bin.ts";
import { resultOf, shown, toldFirst, type Fault, type Hand } from "./fault.ts";
import type { World } from "./world.ts";

export interface MendingOptions<W extends World> {
  /** A world in which everything is proven. */
  readonly start: () => Promise<W>;
  /** Checks that have to pass before it is whole again: nothing of them may merely have been left out. */
  readonly proof: readonly string[];
  /** Fails where the servers decide otherwise than the report says. */
  readonly agrees: (world: W, report: AnyObject) => Promise<void>;
}

/** Breaks a world in one way after the other: the cause comes first, and what is printed as its fix makes it whole again. */
export function mendingSuite<W extends World>(faults: readonly Fault<W>[], options: MendingOptions<W>): void {
  let whole: W | undefined;

  test.each(faults)("$name: $finds", async (fault) => {
    // What a failed test leaves broken is no concern of the next.
    const world = whole ?? (await options.start());
    whole = undefined;
    await fault.breaks(world);
    const warns = fault.warns === true;
    const doctor = (): Promise<BinRun> => world.doctor("--fail-on", warns ? "warning" : "error");
    const { code, json } = await doctor();
    const others = Object.keys(fault.besides ?? {});
    expect(toldFirst(json, warns), shown(json)).toEqual([fault.finds, ...others]);
    expect(code).toBe(warns ? 4 : 3);
    await options.agrees(world, json);
    const { fixes } = resultOf(json, fault.finds.split(" ")[0] ?? "").findings[0];
    // Whoever is told to look does so before anything is changed.
    for (const { text } of fixes.filter(({ safe }: AnyObject) => safe)) await world.person.looks(text);
    for (const fix of fixes.filter(({ safe }: AnyObject) => !safe)) await carryOut(world, fault, fix);
    await fault.after?.(world);
    let last = json;
    const isWhole = async (): Promise<boolean> => {
      const again = await doctor();
      last = again.json;
      return again.code === 0 && isProven(last, options.proof);
    };
    await eventually("it is whole again", isWhole).catch((error: unknown) =>
      expect.fail(`${String(error)}, after ${JSON.stringify(fixes)}\n${shown(last)}`),
    );
    whole = world;
  });
}

export function isProven(report: AnyObject, proof: readonly string[]): boolean {
  return proof.every((code) => resultOf(report, code).status === "pass");
}

/** A command is pasted as it is; words are followed by whoever knows them. */
async function carryOut<W extends World>(world: W, fault: Fault<W>, { kind, text }: AnyObject): Promise<void> {
  if (kind === "command") {
    await world.person.enters(text, { "Apply this?": "y", ...(await fault.answers?.(world)) });
    return;
  }
  const hands = Object.entries<Hand<W>>({ ...COMMON, ...fault.byHand });
  const [, hand] = hands.find(([start]) => text.startsWith(start)) ?? expect.fail(`nobody knows how to: ${text}`);
  await hand(world);
}

/** Words that mean the same wherever they are printed; of most the command after them is the deed. */
const COMMON: Readonly<Record<string, Hand<World>>> = {
  "ServiceAccount search is to have": async () => {},
  "a new one has no rights": async () => {},
  "add ": async () => {},
  "delete the pods one at a time": async () => {},
  "if ": async () => {},
  "it may take some minutes until Google knows it everywhere": async () => {},
  "let them reach ": async () => {},
  "remove /": async () => {},
  "set /": async () => {},
  "then delete each pod in turn": (world) => world.replacePods(),
  "then the node pools that are there": async () => {},
  "this makes the nodes of the pool anew": async () => {},
  "tokens that the pods have are good for up to an hour": async () => {},
};
