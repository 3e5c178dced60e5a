import type { Receipt, StepKind, StepOf } from "../domain/plan.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import type { App, Aws, Google, Kube } from "../ports.ts";

/** What a step works with. `boxes` fills the plan's slots: key name → value. */
export interface Workshop {
  readonly app: Pick<App, "files" | "now" | "redactor" | "signal" | "sleep" | "terminal">;
  readonly kube: Kube;
  /** Undefined where the plan changes nothing in AWS. */
  readonly aws?: Aws;
  /** Undefined where the plan changes nothing in Google Cloud. */
  readonly google?: Google;
  readonly boxes: ReadonlyMap<string, Sensitive>;
  /** Marks what this run makes, so that it knows it again. */
  readonly runId: string;
  /** Files of a plan may take the place of other ones. */
  readonly replaceFiles: boolean;
  /** What words of another controller point to, and what to do then. */
  readonly hintFor?: (words: string) => string | undefined;
  /** Name of the ConfigMap that says what is being done, while it is; undefined where the objects tell by themselves. */
  readonly journal?: string;
}

/** Carries one kind of step out, and takes it back. */
export interface StepHandler<K extends StepKind> {
  /**
   * Has the change checked without making it: by the server, or by looking whether a file is in the way. A cloud cannot
   * be asked; what is there is compared with what the step was planned from.
   */
  preview(step: StepOf<K>, shop: Workshop): Promise<void>;
  /** The preview is repeated right before the first step: nothing else tells that the plan has become stale. */
  readonly previewAgain?: true;
  apply(step: StepOf<K>, shop: Workshop): Promise<Receipt["made"]>;
  /** After a call without an answer: what was made, or undefined when it was not. */
  find(step: StepOf<K>, shop: Workshop): Promise<Receipt["made"] | undefined>;
  /** @returns what else goes with it, where a person should know */
  undo(step: StepOf<K>, receipt: Receipt, shop: Workshop): Promise<string | void>;
  /** The step changes nothing, and there is nothing to take back. */
  readonly looksOnly?: true;
}

/** AWS, in the handlers of steps that change something there. */
export function awsOf({ aws }: Workshop): Aws {
  if (aws === undefined) throw new Error("a step in AWS, and no client");
  return aws;
}

/** Google Cloud, likewise. */
export function googleOf({ google }: Workshop): Google {
  if (google === undefined) throw new Error("a step in Google Cloud, and no client");
  return google;
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
