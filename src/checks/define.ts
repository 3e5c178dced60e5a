import type { FactKey, FactMap } from "../domain/facts.ts";
import type { Code, Finding, Severity } from "../domain/finding.ts";
import type { AwsGrant, GoogleGrant, Grant } from "../domain/grant.ts";
import type { Unknown } from "../domain/known.ts";
import type { Policy } from "../domain/policy.ts";
import type { Scope, SourceMode, Target } from "../domain/report.ts";

export type Area =
  | "access"
  | "references"
  | "values"
  | "aws"
  | "gcp"
  | "external-secrets"
  | "proof"
  | "rollout"
  | "hygiene"
  | "tool";

/** What a check may know besides its facts: data only. */
export interface CheckContext {
  readonly now: Date;
  readonly target: Target;
  readonly mode: SourceMode;
  readonly policy: Policy;
  /** What all checks of this run need, for the check that compares it with what the caller may do. */
  readonly grants: readonly (Grant & { readonly required: boolean })[];
}

/**
 * What a check found. `skip`: the source or any client can never tell; `unless` names a fact that was found empty: with a
 * part of it unread, that is unknown. `waits`: what it asks could not be tried, for a
 * reason that a check before it tells; the words are for where that one did not. `holds`: it was tried, and it is so,
 * whatever the checks before it found or could not tell. `undecided`: it could have been told and
 * was not, one line each, or what could not be read for it; findings beside it still hold.
 */
export type Verdict =
  | readonly Finding[]
  | { readonly skip: string; readonly unless?: FactKey }
  | { readonly waits: string }
  | { readonly holds: true }
  | { readonly findings: readonly Finding[]; readonly undecided: readonly (string | Unknown)[] };

/** The facts a check declared, by value; undefined means that we looked and it is not there. */
export type NeededFacts<K extends FactKey> = { readonly [P in K]: FactMap[P] | undefined };

/** One question, asked of facts alone: no client, no clock, no I/O is in reach. */
export interface Check<K extends FactKey = FactKey> {
  /** Stable; never reused. */
  readonly code: Code;
  readonly slug: string;
  /** A statement that reads right when it holds and when it does not. */
  readonly title: string;
  readonly area: Area;
  /** What it is asked of; of AntflyClusters unless said otherwise. */
  readonly scopes?: readonly Scope[];
  /** Every cause that it can find. */
  readonly causes: readonly string[];
  /** `run` sees these facts (and `wants`) and no others; an unknown one makes the check unknown. */
  readonly needs: readonly K[];
  /** Facts that add evidence where they can be had. */
  readonly wants?: readonly K[];
  /** If one of these did not pass and this check finds nothing by itself, it is blocked. */
  readonly after?: readonly Code[];
  /** Checks that may explain single findings of this one, as these say themselves: judged before it, and in no one's way. */
  readonly explainedBy?: readonly Code[];
  /** Sources that can never answer it, with the reason that is shown. */
  readonly notIn?: Readonly<Partial<Record<SourceMode, string>>>;
  /** It reads more than one namespace, and runs only when asked for by its code or `--thorough`. */
  readonly thorough?: boolean;
  /** An unknown of a required check ends the run with exit code 5. */
  readonly required: boolean;
  /** Where given, a required check is so only where this holds of what is known; what is not is undefined. */
  requiredIf?(facts: NeededFacts<K>, context: CheckContext): boolean;
  readonly effect: "read" | "mint-token" | "write-probe";
  readonly severity: Severity;
  readonly grants: readonly Grant[];
  /** What the tool's own AWS identity needs. */
  readonly awsGrants?: readonly AwsGrant[];
  /** What the tool's own Google identity needs. */
  readonly googleGrants?: readonly GoogleGrant[];
  run(facts: NeededFacts<K>, context: CheckContext): Verdict;
}

/** Declares a check; the compiler holds `run` to the declared needs. */
export function defineCheck<const K extends FactKey>(check: Check<K>): Check {
  return check;
}
