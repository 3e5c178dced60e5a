import { edit, finding, type Finding } from "../../domain/finding.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0902",
  slug: "suppressions",
  title: "No suppression has expired",
  area: "tool",
  scopes: ["inputs"],
  causes: ["tool.suppression-expired"],
  needs: ["suppressions"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [],
  run: ({ suppressions = [] }, { now }) => {
    if (suppressions.length === 0) return { skip: "nothing is suppressed" };
    const today = now.toISOString().slice(0, 10);
    return suppressions
      .filter(({ expires }) => expires !== undefined && expires < today)
      .map((entry): Finding => {
        const message = `The suppression of ${entry.codes.join(", ")} expired on ${entry.expires}: ${entry.reason}`;
        const found = finding("tool.suppression-expired", "error", { kind: "File", name: entry.from }, message, {
          evidence: [{ label: "expires", want: `${today} or later`, has: entry.expires ?? "" }],
          fixes: [edit(`mend what it hides, or give it a new date, in ${entry.from}`)],
        });
        return entry.location === undefined ? found : { ...found, location: entry.location };
      });
  },
});
