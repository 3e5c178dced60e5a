import { edit, finding, type Finding } from "../../domain/finding.ts";
import type { SuppressionEntry } from "../../domain/suppression.ts";
import { sentenceList } from "../../domain/text.ts";
import { SUPPRESS } from "../../domain/suppression-annotation.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0902",
  slug: "suppressions",
  title: "Every suppression can be read, and none has expired",
  area: "tool",
  scopes: ["inputs", "cluster"],
  causes: ["tool.suppression-expired", "tool.suppression-malformed"],
  needs: ["suppressions"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [],
  run: ({ suppressions = [] }, { now }) => {
    if (suppressions.length === 0) return { skip: "nothing is suppressed" };
    const today = now.toISOString().slice(0, 10);
    return suppressions.flatMap((entry) =>
      entry.problem === undefined ? expired(entry, today) : [malformed(entry, entry.problem)],
    );
  },
});

function expired(entry: SuppressionEntry, today: string): Finding[] {
  const { codes, expires, reason, from } = entry;
  if (expires === undefined || expires >= today) return [];
  const message = `The suppression of ${sentenceList(codes)} expired on ${expires}: ${reason}`;
  const found = finding("tool.suppression-expired", "error", subjectOf(entry), message, {
    evidence: [{ label: "expires", want: `${today} or later`, has: expires }],
    fixes: [edit(`mend what it hides, or give it a new date, in ${from}`)],
  });
  return [at(entry, found)];
}

/** It hides nothing, and somebody thinks that it does. */
function malformed(entry: SuppressionEntry, problem: string): Finding {
  const message = `The annotation ${SUPPRESS} of ${entry.from} hides nothing: ${problem}`;
  const found = finding("tool.suppression-malformed", "warning", subjectOf(entry), message, {
    evidence: [{ label: SUPPRESS, want: "ANT0801 until 2026-12-31: why; k8s.secret-immutable: why" }],
    fixes: [edit(`write it as CODE: REASON on ${entry.from}`)],
  });
  return at(entry, found);
}

function at({ location }: SuppressionEntry, found: Finding): Finding {
  return location === undefined ? found : { ...found, location };
}

function subjectOf({ from, location, on }: SuppressionEntry): Finding["subject"] {
  return on ?? { kind: "File", name: location?.file ?? from };
}
