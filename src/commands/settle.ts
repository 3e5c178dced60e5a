import { interrupted, type ExitCode } from "../domain/errors.ts";
import { allResults, type Report } from "../domain/report.ts";
import type { App } from "../ports.ts";

const PAUSE_MS = 1_000;

export interface SettleOptions {
  readonly waitMs: number;
  readonly pauseMs?: number;
  /** Causes that time may mend, whatever their findings say: AWS shows a change everywhere only after a while. */
  readonly eventually?: ReadonlySet<string>;
  /** Message of the error when the user interrupts. */
  readonly onInterrupt: string;
}

/**
 * Judges again until nothing is left that time could mend, or until the deadline: 124 then, if another controller is
 * still at work and something fails. A finding that waiting cannot mend ends the wait at once.
 * @throws UserError 130 with `onInterrupt` as its message
 */
export async function untilSettled(
  app: App,
  once: () => Promise<Report>,
  { waitMs, pauseMs = PAUSE_MS, eventually = new Set(), onInterrupt }: SettleOptions,
): Promise<{ report: Report; exitCode: ExitCode }> {
  const deadline = app.now().getTime() + waitMs;
  for (;;) {
    const report = await once().catch((error: unknown) => {
      if (app.signal.aborted) throw interrupted(onInterrupt);
      throw error;
    });
    const { waits, shows, lasts } = countByHope(report, eventually);
    if (lasts > 0 || waits + shows === 0) return { report, exitCode: report.exitCode };
    const left = deadline - app.now().getTime();
    if (left <= 0)
      return { report, exitCode: waits > 0 && waitMs > 0 && report.exitCode !== 0 ? 124 : report.exitCode };
    await app.sleep(Math.min(pauseMs, left));
    if (app.signal.aborted) throw interrupted(onInterrupt);
  }
}

/** Findings that another controller is working on, that may go when AWS shows a change, and failures that will stay. */
function countByHope(
  report: Report,
  eventually: ReadonlySet<string>,
): { readonly waits: number; readonly shows: number; readonly lasts: number } {
  const findings = allResults(report)
    .flatMap((result) => result.findings)
    .filter((found) => found.status !== "info");
  const waits = findings.filter((found) => found.transient === true);
  const failures = findings.filter((found) => found.status === "fail" && found.transient !== true);
  const shows = failures.filter((found) => eventually.has(found.cause));
  return { waits: waits.length, shows: shows.length, lasts: failures.length - shows.length };
}
