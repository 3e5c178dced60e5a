import type { Clues } from "./clues.ts";
import type { Next } from "./holes.ts";
import { NEXT_AWS } from "./next-aws.ts";
import { NEXT_KUBERNETES } from "./next-kubernetes.ts";
import { NEXT_EXTERNAL_SECRETS, NEXT_GOOGLE } from "./next-others.ts";

/** What to do about each cause that a text can point to. A cause without its next step does not compile. */
const NEXT = { ...NEXT_KUBERNETES, ...NEXT_AWS, ...NEXT_EXTERNAL_SECRETS, ...NEXT_GOOGLE };

/** Id of the failure catalogue. */
export type Cause = keyof typeof NEXT;

export function nextFor(cause: Cause, clues: Clues): string {
  const next: Next = NEXT[cause];
  return next(clues);
}
