import { describeRef, type Ref } from "./finding.ts";
import { isDay, type SuppressionEntry } from "./suppression.ts";

/** Annotation of an AntflyCluster, a Secret or a ServiceAccount: `ANT0801 until 2026-12-31: rotated by hand; …`. */
export const SUPPRESS = "antfly-creds/suppress";

const ENTRY = /^([\w.-]+(?:\s*,\s*[\w.-]+)*)(?:\s+until\s+(\d{4}-\d{2}-\d{2}))?\s*:\s*(\S.*)$/s;

/**
 * Suppressions written on an object. On an AntflyCluster they hold for all that is judged with it, on another object for
 * findings about that one.
 */
export function suppressionsOn(subject: Ref, annotations: Readonly<Record<string, string>>): SuppressionEntry[] {
  const parts = (annotations[SUPPRESS] ?? "").split(/[;\n]/).map((part) => part.trim());
  return parts.filter((part) => part !== "").map((part) => entryOf(subject, part));
}

function entryOf(subject: Ref, part: string): SuppressionEntry {
  const [, codes, expires, reason] = ENTRY.exec(part) ?? [];
  const base = {
    subject: subject.kind === "AntflyCluster" ? undefined : describeRef(subject),
    from: describeRef(subject),
    on: subject,
    location: undefined,
  };
  if (codes === undefined || reason === undefined)
    return { ...base, codes: [], reason: "", expires: undefined, problem: `"${part}" is not CODE: REASON` };
  if (expires !== undefined && !isDay(expires))
    return { ...base, codes: [], reason, expires: undefined, problem: `${expires} is no day` };
  return { ...base, codes: codes.split(",").map((code) => code.trim()), reason, expires };
}
