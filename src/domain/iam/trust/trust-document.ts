import type { Place, TrustFinding } from "./trust-types.ts";

/** A trust policy as it was read. Its parts may be of any form; what IAM would refuse is in `problems`. */
export interface TrustDocument {
  /** The policy itself. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Causes `irsa.trust-json` and `irsa.trust-size`. */
  readonly problems: readonly TrustFinding[];
  /** Characters as IAM counts them: without white space. */
  readonly size: number;
  /** ARN of the role, where it stands beside the policy (`aws iam get-role`). */
  readonly roleArn: string | undefined;
  /** Where the element is that a JSON pointer leads to; the nearest above it that was written. */
  place(path: string): Place | undefined;
}
