import { distinctBy } from "../distinct.ts";
import type { Code, Ignorance } from "../finding.ts";
import type { Candidate } from "./candidate.ts";

/** A candidate, and the check that decides whether it is the one. */
export interface Explained extends Candidate {
  /** Undefined where no check can tell. */
  readonly code: Code | undefined;
}

/** What was asked, and what may be behind it, best first. */
export interface Verdict {
  /** `the text`, `pod production/search-data-0`. */
  readonly subject: string;
  readonly candidates: readonly Explained[];
  /** Nothing is wrong with what was asked about, as far as can be seen. */
  readonly healthy: boolean;
  /** What could not be looked at. */
  readonly unknown: readonly Ignorance[];
  /** What to do when no candidate fits. */
  readonly hint: string;
}

/** What checks saw, and each other cause that a text allows once; the surest first. */
export function ranked(seen: readonly Explained[], told: readonly Explained[]): Explained[] {
  const order = ["high", "medium", "low"];
  const surest = (all: readonly Explained[]): Explained[] =>
    [...all].sort((a, b) => order.indexOf(a.confidence) - order.indexOf(b.confidence));
  const others = surest(told).filter(({ cause }) => !seen.some((one) => one.cause === cause));
  const only = distinctBy(others, ({ cause }) => cause);
  return surest([...seen, ...only]);
}
