import { UserError } from "../domain/errors.ts";
import { CloudError } from "../ports.ts";
import type { Workshop } from "./handler.ts";

/** How long IAM may take to show what was written; it is eventually consistent (IAM User Guide, "Troubleshoot IAM"). */
export const SHOWN_WITHIN_MS = 10_000;
/** After a call without an answer: how long what it may have made is looked for. */
export const FOUND_WITHIN_MS = 3_000;
const PAUSE_MS = 500;

/** Looks again until something is there, or it takes too long, or the user does not want to wait: undefined then. */
export async function lookUntil<T>(
  { app }: Workshop,
  withinMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = app.now().getTime() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || app.signal.aborted || app.now().getTime() >= deadline) return found;
    await app.sleep(PAUSE_MS);
  }
}

/**
 * Waits until what was written is shown; the steps that come next stand on it. AWS has said that it was written: when it
 * does not show in time, or cannot be read, the plan goes on.
 */
export async function untilShown(shop: Workshop, look: () => Promise<boolean>): Promise<void> {
  await lookUntil(shop, SHOWN_WITHIN_MS, async () => ((await look().catch(() => false)) ? true : undefined));
}

/** What a call gives, or undefined where AWS has no such thing. */
export async function orNothing<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof CloudError && error.failure === "not-found") return undefined;
    throw error;
  });
}

/** @throws UserError when what a step was planned from is no longer so */
export function assertAsPlanned(holds: boolean, what: string): void {
  if (holds) return;
  throw new UserError("stale", `${what} has changed since it was read`, { hint: "run the command again" });
}
