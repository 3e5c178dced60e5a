import type { TrustFinding } from "./trust-types.ts";

/** A finding; what is not given is not there. */
export function trustFinding(
  cause: string,
  severity: TrustFinding["severity"],
  path: string,
  message: string,
  more: Partial<Pick<TrustFinding, "want" | "has" | "marked" | "fix" | "place">> = {},
): TrustFinding {
  return {
    cause,
    severity,
    message,
    path,
    place: undefined,
    want: undefined,
    has: undefined,
    marked: undefined,
    fix: undefined,
    ...more,
  };
}
