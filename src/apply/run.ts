import { interrupted } from "../domain/errors.ts";
import type { Plan, Receipt, Step, StepKind, StepOf } from "../domain/plan.ts";
import { KubeError } from "../ports.ts";
import { patchCluster } from "./cluster-steps.ts";
import { writeFile, writeSecretFile } from "./file-steps.ts";
import type { StepHandler, Workshop } from "./handler.ts";
import { createSecret, patchSecret } from "./secret-steps.ts";

const HANDLERS: { readonly [K in StepKind]: StepHandler<K> } = {
  "secret.create": createSecret,
  "secret.patch": patchSecret,
  "cluster.patch": patchCluster,
  "file.write": writeFile,
  "file.secret": writeSecretFile,
};

export type Event =
  | { readonly what: "done" | "undone" | "unclear" | "kept"; readonly step: Step }
  | { readonly what: "left"; readonly step: Step; readonly why: string };

/**
 * How a plan ended: all of it, none of it, or something is left that a person has to look at. `unclear` is a step of
 * which nobody knows whether it took effect; `left` are steps that were done and stayed.
 */
export type Outcome =
  | { readonly state: "done"; readonly receipts: readonly Receipt[] }
  | { readonly state: "rolled-back"; readonly error: unknown; readonly undone: readonly Step[] }
  | {
      readonly state: "stuck";
      readonly error: unknown;
      readonly unclear: Step | undefined;
      readonly left: readonly Step[];
    };

interface Done {
  readonly step: Step;
  readonly receipt: Receipt;
}

/**
 * Has every step checked without making it.
 * @throws KubeError or UserError of the first step that would be refused
 */
export async function previewPlan(plan: Plan, shop: Workshop): Promise<void> {
  for (const step of plan.steps) await handler(step).preview(step, shop);
}

/**
 * Carries the steps out one after another. On a failure or an interruption it takes back what was done, newest first.
 * The step that runs is always waited for: a write that was sent is not abandoned. When nobody can tell whether a step
 * took effect nothing is taken back, because it may stand on the ones before it.
 */
export function runPlan(
  plan: Plan,
  shop: Workshop,
  signal: AbortSignal,
  tell: (event: Event) => void,
): Promise<Outcome> {
  return shop.kube.shielded(async () => {
    const done: Done[] = [];
    for (const step of plan.steps) {
      if (signal.aborted) return takeBack(done, interrupted("interrupted"), shop, tell);
      try {
        const made = await applyOrFind(step, shop);
        done.push({ step, receipt: { step: step.id, at: shop.app.now().toISOString(), made } });
      } catch (error) {
        return error instanceof Unclear ? stop(step, done, error.cause, tell) : takeBack(done, error, shop, tell);
      }
      tell({ what: "done", step });
    }
    return { state: "done", receipts: done.map(({ receipt }) => receipt) };
  });
}

/** A call without an answer may have taken effect, and what it made must not be forgotten. */
class Unclear extends Error {}

async function applyOrFind(step: Step, shop: Workshop): Promise<Receipt["made"]> {
  try {
    return await handler(step).apply(step, shop);
  } catch (error) {
    if (!mayHaveTakenEffect(error)) throw error;
    const unclear = new Unclear("no answer, and no second look", { cause: error });
    let found: Receipt["made"] | undefined;
    try {
      found = await handler(step).find(step, shop);
    } catch {
      throw unclear;
    }
    if (found !== undefined) return found;
    // A server that was too slow to answer may still be at it.
    throw error instanceof KubeError && error.failure === "timeout" ? unclear : error;
  }
}

function mayHaveTakenEffect(error: unknown): boolean {
  return error instanceof KubeError && ["unreachable", "timeout", "malformed", "server-error"].includes(error.failure);
}

function stop(unclear: Step, done: readonly Done[], error: unknown, tell: (event: Event) => void): Outcome {
  tell({ what: "unclear", step: unclear });
  for (const { step } of done) tell({ what: "kept", step });
  return { state: "stuck", error, unclear, left: done.map(({ step }) => step) };
}

async function takeBack(
  done: readonly Done[],
  error: unknown,
  shop: Workshop,
  tell: (event: Event) => void,
): Promise<Outcome> {
  const undone: Step[] = [];
  const left: Step[] = [];
  for (const { step, receipt } of done.toReversed()) {
    try {
      await handler(step).undo(step, receipt, shop);
      undone.push(step);
      tell({ what: "undone", step });
    } catch (failure) {
      left.push(step);
      tell({ what: "left", step, why: failure instanceof Error ? failure.message : "it could not be undone" });
    }
  }
  return left.length === 0
    ? { state: "rolled-back", error, undone }
    : { state: "stuck", error, unclear: undefined, left };
}

/** The handler of a step's own kind; the map's type guarantees the match that the compiler cannot follow. */
function handler<K extends StepKind>(step: StepOf<K>): StepHandler<K> {
  return HANDLERS[step.do];
}
