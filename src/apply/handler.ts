import type { Receipt, StepKind, StepOf } from "../domain/plan.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import type { App, Kube } from "../ports.ts";

/** What a step works with. `boxes` fills the plan's slots: key name → value. */
export interface Workshop {
  readonly app: Pick<App, "files" | "now" | "redactor">;
  readonly kube: Kube;
  readonly boxes: ReadonlyMap<string, Sensitive>;
  /** Marks what this run makes, so that it knows it again. */
  readonly runId: string;
  /** Files of a plan may take the place of other ones. */
  readonly replaceFiles: boolean;
}

/** Carries one kind of step out, and takes it back. */
export interface StepHandler<K extends StepKind> {
  /** Has the change checked without making it: by the server, or by looking whether a file is in the way. */
  preview(step: StepOf<K>, shop: Workshop): Promise<void>;
  apply(step: StepOf<K>, shop: Workshop): Promise<Receipt["made"]>;
  /** After a call without an answer: what was made, or undefined when it was not. */
  find(step: StepOf<K>, shop: Workshop): Promise<Receipt["made"] | undefined>;
  undo(step: StepOf<K>, receipt: Receipt, shop: Workshop): Promise<void>;
}

export function slots(keys: readonly string[], boxes: ReadonlyMap<string, Sensitive>): Record<string, Sensitive> {
  return Object.fromEntries(
    keys.map((key) => {
      const value = boxes.get(key);
      if (value === undefined) throw new Error(`no value for the slot ${key}`);
      return [key, value];
    }),
  );
}
