/** One call that the server answered, as call counts and the fault matrix see it. */
export interface LoggedCall {
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly dryRun: boolean;
  status: number;
}

/** How a call goes wrong. `after`: the effect has taken place, only the answer is lost. */
export type Fault =
  | {
      readonly kind: "status";
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfter?: number;
    }
  | { readonly kind: "reset"; readonly after?: boolean }
  | { readonly kind: "hang"; readonly after?: boolean }
  | { readonly kind: "half" }
  | { readonly kind: "body"; readonly code?: number; readonly contentType?: string; readonly body: string }
  | { readonly kind: "delay"; readonly ms: number };

export interface FaultRule {
  /** Only calls for which this holds; all of them without it. */
  readonly when?: (call: LoggedCall) => boolean;
  /** How many calls it hits; all of them without it. */
  readonly times?: number;
  readonly fault: Fault;
}

export const GARBAGE: Fault = { kind: "body", body: "\u0000\u0001not json" };
export const LOGIN_PAGE: Fault = {
  kind: "body",
  contentType: "text/html",
  body: "<!DOCTYPE html><html><body>Please sign in</body></html>",
};
export const WRONG_KIND: Fault = {
  kind: "body",
  body: JSON.stringify({ kind: "Tea", apiVersion: "v1", items: "pot" }),
};

/** The rules in force, in order; the first that fits decides. */
export class Faults {
  #rules: { rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? Infinity });
  }

  clear(): void {
    this.#rules = [];
  }

  next(call: LoggedCall): Fault | undefined {
    const entry = this.#rules.find(({ rule, left }) => left > 0 && (rule.when?.(call) ?? true));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.rule.fault;
  }
}
