import { fits } from "../s3-pattern.ts";
import { and } from "./truth.ts";
import type { Truth } from "./trust-types.ts";

/**
 * ArnEquals and ArnLike, which do the same: "Each of the six colon-delimited components of the ARN is checked separately
 * and each can include multi-character match wildcards (*) or single-character match wildcards (?)".
 */
export function arnFits(asked: string, given: string, variables: boolean): Truth {
  if (asked === "*") return "true";
  const parts = componentsOf(asked);
  // What IAM makes of a pattern that is no ARN is not documented.
  if (parts === undefined) return "unknown";
  const found = componentsOf(given);
  if (found === undefined) return "false";
  const reading = { wildcards: true, variables };
  return and(
    parts.map((part, i) => {
      const fit = fits(part, found[i] ?? "", reading);
      return fit === "maybe" ? "unknown" : fit === "yes" ? "true" : "false";
    }),
  );
}

/** Six parts; a colon inside `${…}`, and any after the fifth, separates nothing. */
function componentsOf(arn: string): string[] | undefined {
  const parts: string[] = [""];
  for (const token of arn.match(/\$\{[^}]*\}|[\s\S]/g) ?? []) {
    if (token === ":" && parts.length < 6) parts.push("");
    else parts[parts.length - 1] += token;
  }
  return parts.length === 6 ? parts : undefined;
}
