import type { Workshop } from "./handler.ts";

/** On what a run has made: which run it was. */
export const RUN = "antfly-creds/run";
export const LABELS = { "app.kubernetes.io/managed-by": "antfly-creds" } as const;

/** Tags of what is made in AWS. */
export function tagsOf({ runId }: Workshop): Record<string, string> {
  return { "managed-by": "antfly-creds", [RUN]: runId };
}

export function isOfThisRun(marks: Readonly<Record<string, unknown>> | undefined, { runId }: Workshop): boolean {
  return marks?.[RUN] === runId;
}

/** At the end of the description of a Google service account, which has no labels. */
export function markOf(runId: string): string {
  return `(${RUN} ${runId})`;
}
