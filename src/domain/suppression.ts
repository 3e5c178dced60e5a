import type { Code, Finding } from "./finding.ts";

/** Why a finding does not count, and who said so. */
export interface Suppression {
  readonly reason: string;
  /** Last day on which it holds, `2026-12-31`. */
  readonly expires: string | undefined;
  /** `.antfly-creds.yaml:12`, or the object that carries the annotation. */
  readonly from: string;
}

export type Suppress = (code: Code, found: Finding) => Suppression | undefined;
