import type { Residue } from "./aws-facts.ts";
import { worstExit, type ExitCode } from "./errors.ts";
import type { Code, Finding, Ignorance, Ref, Severity } from "./finding.ts";
import type { Generation } from "./operator/generation.ts";
import type { Suppression } from "./suppression.ts";

export type Status = "pass" | "fail" | "warn" | "info" | "skip" | "blocked" | "unknown";

export interface SuppressedFinding {
  readonly finding: Finding;
  readonly by: Suppression;
}

/** What one check came to. */
export interface Result {
  readonly code: Code;
  readonly slug: string;
  readonly title: string;
  readonly area: string;
  readonly required: boolean;
  /** Of a finding, unless that says otherwise. */
  readonly severity: Severity;
  readonly status: Status;
  readonly findings: readonly Finding[];
  /** What was found and does not count, with the reason that somebody gave. */
  readonly suppressed: readonly SuppressedFinding[];
  /** It failed and no check that it depends on did. */
  readonly rootCause: boolean;
  /** Checks that are blocked by this one. */
  readonly explains: readonly Code[];
  readonly blockedBy: readonly Code[];
  /** What could not be read; may stand beside findings. */
  readonly unknown: readonly Ignorance[];
  readonly skipReason: string | undefined;
}

/** Where the facts were read: a cluster, files alone, files laid over a cluster, or facts that were saved. */
export type SourceMode = "live" | "files" | "overlay" | "snapshot";

export interface Source {
  readonly mode: SourceMode;
  /** Context of the kubeconfig; undefined for files. */
  readonly context: string | undefined;
  /** Files and folders as the user named them. */
  readonly paths: readonly string[];
  /** When the facts of a snapshot were read, RFC 3339. */
  readonly takenAt: string | undefined;
}

/**
 * What a question is asked of: an AntflyCluster; values that no AntflyCluster refers to (an env file, a Secret); or the
 * input as such (the files that were read, the configuration).
 */
export type Scope = "cluster" | "values" | "inputs";

/** What one set of results is about. */
export interface Target {
  readonly id: string;
  readonly scope: Scope;
  readonly context: string | undefined;
  readonly namespace: string;
  /** Undefined when no AntflyCluster could be chosen, and for other scopes. */
  readonly cluster: string | undefined;
  /** Whose values, where the scope is that. */
  readonly holder?: Ref;
}

/** A one-line picture of what was looked at. */
export interface Overview {
  readonly pods: Readonly<Record<string, number>>;
  readonly generation: Generation | undefined;
  readonly image: string | undefined;
  /** Where the write probe went through from end to end, with whose identity, and in how many milliseconds. */
  readonly proved?: readonly { readonly holder: string; readonly place: string; readonly took: number }[];
}

export interface TargetReport {
  readonly target: Target;
  readonly overview: Overview;
  readonly results: readonly Result[];
  /** What runs have left behind, with the command that removes it. */
  readonly residue: readonly Residue[];
  /** What earlier runs had left, and this one removed. */
  readonly swept: readonly string[];
}

/** Calls that were sent. */
export interface Calls {
  readonly kubernetes: number;
  /** STS, IAM, EKS and object stores together; undefined where no cloud was asked. */
  readonly aws?: number;
  /** Google Cloud, its storage among it; undefined where it was not asked. */
  readonly google?: number;
}

export interface Report {
  readonly source: Source;
  readonly targets: readonly TargetReport[];
  readonly calls: Calls;
  /** What the exit code was computed by. */
  readonly policy: ExitPolicy;
  readonly exitCode: ExitCode;
}

/** The results of all targets. */
export function allResults({ targets }: Pick<Report, "targets">): Result[] {
  return targets.flatMap((target) => target.results);
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
    if (isUndecided(result) && mustTell(result, policy)) codes.push(5);
  }
  return worstExit(codes);
}

/** Without its answer the run ends with 5: it is required, and nobody accepted that it cannot tell. */
export function mustTell({ required, code }: Result, { allowUnknown }: ExitPolicy): boolean {
  return required && !allowUnknown.includes(code);
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
