import type { Plan } from "../domain/plan.ts";
import type { Style } from "../domain/style.ts";
import { printable } from "../domain/text.ts";

/** The plan for a person who is about to be asked: each step with its diff. */
export function renderPlan(plan: Plan, { paint }: Style): string {
  const colour = (line: string): string =>
    line.startsWith("+") ? paint.green(line) : line.startsWith("-") ? paint.red(line) : line;
  return plan.steps
    .map((step, i) =>
      [
        `${i + 1}. ${paint.bold(printable(step.title))}`,
        ...step.diff.map((line) => `   ${colour(printable(line.replaceAll("\t", "  ")))}`),
      ].join("\n"),
    )
    .join("\n\n");
}

/** The plan as a document (`schemas/plan.v1.json`), for runs that change nothing on the cluster. */
export function planDocument(plan: Plan, exitCode: number): object {
  return {
    schema: "antfly-creds.plan/v1",
    kind: plan.kind,
    target: { ...plan.target, cluster: plan.target.cluster ?? null },
    basis: plan.basis,
    steps: plan.steps.map((step) => ({
      id: step.id,
      title: step.title,
      do: step.do,
      undo: step.undo,
      diff: step.diff,
      file: "path" in step.with ? step.with.path : null,
    })),
    applied: false,
    exitCode,
  };
}
