import type { Target } from "./report.ts";

/** One operation of a JSON patch (RFC 6902). */
export interface JsonPatchOperation {
  readonly op: "test" | "add" | "replace" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

/**
 * What each kind of step is told. Values are not in here: `keys` are slots, filled when the step is carried out.
 */
export interface StepMap {
  "secret.create": { readonly namespace: string; readonly name: string; readonly keys: readonly string[] };
  "secret.patch": {
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion: string;
    readonly keys: readonly string[];
    readonly remove: readonly string[];
  };
  "cluster.patch": {
    readonly namespace: string;
    readonly name: string;
    readonly operations: readonly JsonPatchOperation[];
    /** Takes the change back, if the values are still the ones that were written. */
    readonly inverse: readonly JsonPatchOperation[];
  };
  "file.write": { readonly path: string; readonly content: string };
  "file.secret": {
    readonly path: string;
    readonly namespace: string;
    readonly name: string;
    readonly keys: readonly string[];
  };
}

export type StepKind = keyof StepMap;

export interface StepOf<K extends StepKind> {
  readonly id: string;
  /** Says what is done, e.g. `create Secret production/backup-credentials`. */
  readonly title: string;
  readonly do: K;
  readonly with: StepMap[K];
  readonly undo: "auto" | "none";
  /** What a person is shown before being asked: lines with + and -; never a value. */
  readonly diff: readonly string[];
}

export type Step = { [K in StepKind]: StepOf<K> }[StepKind];

/** What is to be done, complete and printable, holding no secret. */
export interface Plan {
  readonly schema: 1;
  readonly kind: "init";
  readonly target: Target;
  /** What the plan was made from; a plan is refused when it has changed. */
  readonly basis: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** Proof that a step was carried out: the ids that its undo needs, and no secret. */
export interface Receipt {
  readonly step: string;
  /** RFC 3339. */
  readonly at: string;
  readonly made: Readonly<Record<string, string>>;
}
