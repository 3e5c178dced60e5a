import type { Truth } from "./trust-types.ts";

export function truthOf(value: boolean): Truth {
  return value ? "true" : "false";
}

/** All of them: false as soon as one is. */
export function and(truths: readonly Truth[]): Truth {
  if (truths.includes("false")) return "false";
  return truths.includes("unknown") ? "unknown" : "true";
}

/** Any of them: true as soon as one is. */
export function or(truths: readonly Truth[]): Truth {
  if (truths.includes("true")) return "true";
  return truths.includes("unknown") ? "unknown" : "false";
}

export function not(truth: Truth): Truth {
  if (truth === "unknown") return truth;
  return truth === "true" ? "false" : "true";
}
