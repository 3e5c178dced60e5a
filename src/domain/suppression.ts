import { fitsPattern } from "./policy.ts";
import type { Code, FileSpan, Finding, Ref } from "./finding.ts";

/** Why a finding does not count, and who said so. */
export interface Suppression {
  readonly reason: string;
  /** Last day on which it holds, `2026-12-31`. */
  readonly expires: string | undefined;
  /** `.antfly-creds.yaml:12`, or the object that carries the annotation. */
  readonly from: string;
}

/** A suppression as it was written: which findings it is for. */
export interface SuppressionEntry extends Suppression {
  /** Codes or causes. */
  readonly codes: readonly string[];
  /** Pattern of the subject, `Secret production/*`; undefined for every one. */
  readonly subject: string | undefined;
  readonly location: FileSpan | undefined;
  /** The object that carries it, if it is no file that does. */
  readonly on?: Ref;
  /** Why it cannot be used, and hides nothing. */
  readonly problem?: string;
}

export type Suppress = (code: Code, found: Finding) => Suppression | undefined;

/** Findings of an expired suppression count again, and it is a finding itself. */
export function suppressBy(entries: readonly SuppressionEntry[], now: Date): Suppress {
  const today = now.toISOString().slice(0, 10);
  return (code, found) => entries.find((entry) => isFor(entry, code, found) && !isExpired(entry, today));
}

function isFor({ codes, subject }: SuppressionEntry, code: Code, { cause, subject: ref }: Finding): boolean {
  if (!codes.includes(code) && !codes.includes(cause)) return false;
  if (subject === undefined) return true;
  const name = ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
  return [`${ref.kind} ${name}`, name, ref.name].some((text) => fitsPattern(text, subject));
}

/** `2026-12-31`, and a day that there is: `2027-02-30` would never come. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isExpired({ expires }: SuppressionEntry, today: string): boolean {
  return expires !== undefined && expires < today;
}
