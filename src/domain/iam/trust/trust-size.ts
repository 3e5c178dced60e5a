import { trustFinding } from "./trust-finding.ts";
import type { TrustFinding } from "./trust-types.ts";

/** Quota "Role trust policy length" as an account has it, and the most that it can be raised to (IAM quotas). */
const QUOTA = 2048;
const RAISED = 4096;

/** A trust policy that is too long for a role. */
export function sizeProblems(size: number): TrustFinding[] {
  if (size <= QUOTA) return [];
  const over = size > RAISED;
  const message = over
    ? `the policy has ${size} characters without white space, and no account takes more than ${RAISED}`
    : `the policy has ${size} characters without white space; IAM takes ${QUOTA} unless the account's quota was raised`;
  return [
    trustFinding("irsa.trust-size", over ? "error" : "warning", "", message, {
      want: `at most ${over ? RAISED : QUOTA} characters`,
      has: `${size}`,
      fix: "trust several clusters through several roles, or use EKS Pod Identity, whose trust policy does not grow",
    }),
  ];
}
