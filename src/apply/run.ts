import { UserError } from "../domain/errors.ts";
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
  | { readonly what: "begin" | "done" | "undone"; readonly step: Step }
  | { readonly what: "left"; readonly step: Step; readonly why: string };

/** How a plan ended: all of it, none of it, or something is left that a person has to look at. */
export type Outcome =
  | { readonly state: "done"; readonly receipts: readonly Receipt[] }
  | { readonly state: "rolled-back"; readonly error: unknown; readonly undone: readonly Step[] }
  | { readonly state: "stuck"; readonly error: unknown; readonly left: readonly Step[] };

/**
 * Has the server check every step without making it.
 * @throws KubeError or UserError of the first step that would be refused
 */
export async function previewPlan(plan: Plan, shop: Workshop): Promise<void> {
  for (const step of plan.steps) await handler(step).preview(step, shop);
}

/**
 * Carries the steps out one after another. On a failure or an interruption it takes back what was done, newest first.
 * The step that runs is always waited for: a write that was sent is not abandoned.
 */
export async function runPlan(
  plan: Plan,
  shop: Workshop,
  signal: AbortSignal,
  tell: (event: Event) => void,
): Promise<Outcome> {
  const receipts: { step: Step; receipt: Receipt }[] = [];
  for (const step of plan.steps) {
    if (signal.aborted)
      return takeBack(receipts, [], new UserError("interrupted", "interrupted", { exit: 130 }), shop, tell);
    tell({ what: "begin", step });
    try {
      const made = await applyOrFind(step, shop);
      receipts.push({ step, receipt: { step: step.id, at: shop.app.now().toISOString(), made } });
    } catch (error) {
      return takeBack(
        receipts,
        error instanceof Undecided ? [step] : [],
        error instanceof Undecided ? error.cause : error,
        shop,
        tell,
      );
    }
    tell({ what: "done", step });
  }
  return { state: "done", receipts: receipts.map(({ receipt }) => receipt) };
}

/** A call without an answer may have taken effect, and what it made must not be forgotten. */
class Undecided extends Error {}

async function applyOrFind(step: Step, shop: Workshop): Promise<Receipt["made"]> {
  try {
    return await handler(step).apply(step, shop);
  } catch (error) {
    if (!mayHaveTakenEffect(error)) throw error;
    let found: Receipt["made"] | undefined;
    try {
      found = await handler(step).find(step, shop);
    } catch {
      throw new Undecided("no answer, and no second look", { cause: error });
    }
    if (found === undefined) throw error;
    return found;
  }
}

function mayHaveTakenEffect(error: unknown): boolean {
  return error instanceof KubeError && ["unreachable", "timeout", "malformed", "server-error"].includes(error.failure);
}

async function takeBack(
  receipts: readonly { step: Step; receipt: Receipt }[],
  undecided: readonly Step[],
  error: unknown,
  shop: Workshop,
  tell: (event: Event) => void,
): Promise<Outcome> {
  const undone: Step[] = [];
  const left: Step[] = [...undecided];
  for (const step of undecided)
    tell({ what: "left", step, why: "no answer came, so whether it took effect is not known" });
  for (const { step, receipt } of receipts.toReversed()) {
    try {
      await handler(step).undo(step, receipt, shop);
      undone.push(step);
      tell({ what: "undone", step });
    } catch (failure) {
      left.push(step);
      tell({ what: "left", step, why: failure instanceof Error ? failure.message : "it could not be undone" });
    }
  }
  return left.length === 0 ? { state: "rolled-back", error, undone } : { state: "stuck", error, left };
}

/** The handler of a step's own kind; the map's type guarantees the match that the compiler cannot follow. */
function handler<K extends StepKind>(step: StepOf<K>): StepHandler<K> {
  return HANDLERS[step.do];
}
