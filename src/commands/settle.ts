import { interrupted, type ExitCode } from "../domain/errors.ts";
import { allResults, type Report } from "../domain/report.ts";
import type { App } from "../ports.ts";

const PAUSE_MS = 1_000;

/**
 * Judges again until nothing is left that time could mend, or until the deadline: 124 then, if something still fails.
 * A finding that waiting cannot mend ends the wait at once.
 * @throws UserError 130 with `onInterrupt` as its message
 */
export async function untilSettled(
  app: App,
  waitMs: number,
  once: () => Promise<Report>,
  onInterrupt: string,
): Promise<{ report: Report; exitCode: ExitCode }> {
  const deadline = app.now().getTime() + waitMs;
  for (;;) {
    const report = await once().catch((error: unknown) => {
      if (app.signal.aborted) throw interrupted(onInterrupt);
      throw error;
    });
    if (!canMend(report)) return { report, exitCode: report.exitCode };
    const left = deadline - app.now().getTime();
    if (left <= 0) return { report, exitCode: waitMs > 0 && report.exitCode !== 0 ? 124 : report.exitCode };
    await app.sleep(Math.min(PAUSE_MS, left));
    if (app.signal.aborted) throw interrupted(onInterrupt);
  }
}

/** Every problem is one that another controller is working on. */
function canMend(report: Report): boolean {
  const findings = allResults(report)
    .flatMap((result) => result.findings)
    .filter((found) => found.status !== "info");
  const transient = findings.filter((found) => found.transient === true);
  const lasting = findings.filter((found) => found.status === "fail" && found.transient !== true);
  return transient.length > 0 && lasting.length === 0;
}
