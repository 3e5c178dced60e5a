import type { Redactor } from "../domain/redact.ts";
import type { Aws, AwsSelection } from "../ports.ts";

export interface AwsSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** The AWS port over the SDK's clients. */
export function connectAws(_selection: AwsSelection, _surroundings: AwsSurroundings): Promise<Aws> {
  return Promise.reject(new Error("not there yet"));
}
