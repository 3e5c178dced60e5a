import type { Redactor } from "../domain/redact.ts";
import type { Google, GoogleSelection } from "../ports.ts";

export interface GoogleSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

export function connectGoogle(_selection: GoogleSelection, _surroundings: GoogleSurroundings): Promise<Google> {
  throw new Error("helper B is writing this");
}
