import { wildcard } from "./patterns.ts";

/** One call that the server answered, as call counts and the fault matrix see it. */
export interface AwsCall {
  /** As a policy names it: `iam:GetRole`, `s3:ListBucket`. */
  readonly action: string;
  /** As the API names it: `GetRole`, `HeadBucket`. */
  readonly operation: string;
  /** ARN of who asked; "" when the signature was not good, or there was none. */
  caller: string;
  readonly path: string;
  status: number;
}

/** How a call goes wrong. `after`: its effect has taken place, only the answer is lost. */
export interface AwsFault {
  /** Action or operation, `*` and `?` allowed. */
  readonly action: string;
  /** How many calls it hits; all of them without it. */
  readonly times?: number;
  readonly after?: boolean;
  readonly how: FaultKind;
}

export type FaultKind =
  | { readonly status: number; readonly code: string; readonly message?: string }
  /** An answer in full, as of a server that is not up to date. */
  | { readonly body: string }
  /** An empty list; the connection is cut; no answer comes; one that is no answer of AWS; a log-in page; half an answer. */
  | "empty"
  | "reset"
  | "hang"
  | "garbage"
  | "page"
  | "half";

export const THROTTLED: FaultKind = { status: 400, code: "Throttling", message: "Rate exceeded" };
export const UNAVAILABLE: FaultKind = { status: 503, code: "ServiceUnavailable", message: "Please try again." };

/** The faults in force, in order; the first that fits decides. */
export class AwsFaults {
  #rules: { fault: AwsFault; left: number }[] = [];

  add(fault: AwsFault): void {
    this.#rules.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.#rules = [];
  }

  next({ action, operation }: AwsCall): AwsFault | undefined {
    const hit = this.#rules.find(
      ({ fault, left }) => left > 0 && (wildcard(fault.action, action) || wildcard(fault.action, operation)),
    );
    if (hit === undefined) return undefined;
    hit.left -= 1;
    return hit.fault;
  }
}
