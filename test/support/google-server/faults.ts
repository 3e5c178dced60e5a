import { wildcard } from "../aws-server/patterns.ts";

/** One call that the server answered, as call counts and the fault matrix see it. */
export interface GoogleCall {
  /** The permission that it takes, `iam.serviceAccounts.get`; the operation where it takes none. */
  readonly action: string;
  /** As Google names the method: `iam.projects.serviceAccounts.get`, `sts.token`. */
  readonly operation: string;
  /** Email or principal of who asked; "" when the token was not good, or there was none. */
  caller: string;
  readonly path: string;
  status: number;
}

/** How a call goes wrong. `after`: its effect has taken place, only the answer is lost. */
export interface GoogleFault {
  /** Permission or operation, `*` and `?` allowed. */
  readonly match: string;
  /** How many calls it hits; all of them without it. */
  readonly times?: number;
  readonly after?: boolean;
  readonly how: GoogleFaultKind;
}

export type GoogleFaultKind =
  | {
      readonly status: number;
      /** `RESOURCE_EXHAUSTED`, `rateLimitExceeded`. */
      readonly code?: string;
      readonly message?: string;
      /** Seconds. */
      readonly retryAfter?: number;
      /** Of `google.rpc.ErrorInfo`. */
      readonly reason?: string;
    }
  /** An answer in full, as of a server that is not up to date. */
  | { readonly body: string }
  /** The connection is cut; no answer comes; one that is no answer of Google; a log-in page; half an answer. */
  | "reset"
  | "hang"
  | "garbage"
  | "page"
  | "half";

/** The faults in force, in order; the first that fits decides. */
export class GoogleFaults {
  #rules: { fault: GoogleFault; left: number }[] = [];

  add(fault: GoogleFault): void {
    this.#rules.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.#rules = [];
  }

  next({ action, operation }: GoogleCall): GoogleFault | undefined {
    const hit = this.#rules.find(
      ({ fault, left }) => left > 0 && (wildcard(fault.match, action) || wildcard(fault.match, operation)),
    );
    if (hit === undefined) return undefined;
    hit.left -= 1;
    return hit.fault;
  }
}
