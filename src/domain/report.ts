import { worstExit, type ExitCode } from "./errors.ts";
import type { Code, Finding, Ignorance } from "./finding.ts";
import type { Generation } from "./operator/generation.ts";

export type Status = "pass" | "fail" | "warn" | "info" | "skip" | "blocked" | "unknown";

/** What one check came to. */
export interface Result {
  readonly code: Code;
  readonly slug: string;
  readonly title: string;
  readonly area: string;
  readonly required: boolean;
  readonly status: Status;
  readonly findings: readonly Finding[];
  /** It failed and no check that it depends on did. */
  readonly rootCause: boolean;
  /** Checks that are blocked by this one. */
  readonly explains: readonly Code[];
  readonly blockedBy: readonly Code[];
  /** What could not be read; may stand beside findings. */
  readonly unknown: readonly Ignorance[];
  readonly skipReason: string | undefined;
}

export interface Target {
  readonly context: string;
  readonly namespace: string;
  /** Undefined when no AntflyCluster could be chosen. */
  readonly cluster: string | undefined;
}

/** A one-line picture of what was looked at. */
export interface Overview {
  readonly pods: Readonly<Record<string, number>>;
  readonly generation: Generation | undefined;
  readonly image: string | undefined;
}

export interface Report {
  readonly target: Target;
  readonly overview: Overview;
  readonly results: readonly Result[];
  readonly calls: { readonly kubernetes: number };
  readonly exitCode: ExitCode;
}

export interface ExitPolicy {
  readonly failOn: "error" | "warning";
  /** Codes whose `unknown` or `blocked` is accepted. */
  readonly allowUnknown: readonly string[];
}

/** The exit code of a report, by what was found and before anything is printed. */
export function exitCodeOf(results: readonly Result[], policy: ExitPolicy): ExitCode {
  const codes: ExitCode[] = [0];
  for (const result of results) {
    if (result.status === "fail") codes.push(3);
    if (result.status === "warn" && policy.failOn === "warning") codes.push(4);
    if (result.required && isUndecided(result) && !policy.allowUnknown.includes(result.code)) codes.push(5);
  }
  return worstExit(codes);
}

/** Nothing can be said, or not everything: never to be shown as healthy. */
export function isUndecided(result: Result): boolean {
  return result.status === "unknown" || result.status === "blocked" || result.unknown.length > 0;
}

export function countByStatus(results: readonly Result[]): Record<Status, number> {
  const summary: Record<Status, number> = { pass: 0, fail: 0, warn: 0, info: 0, skip: 0, blocked: 0, unknown: 0 };
  for (const result of results) summary[result.status] += 1;
  return summary;
}
