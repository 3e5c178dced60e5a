import type { ExitCode } from "../domain/errors.ts";
import type { Report } from "../domain/report.ts";
import type { App, Kube } from "../ports.ts";
import { USUAL_CHECKS } from "./choose-checks.ts";
import { judge } from "./judge.ts";
import { liveSource, lookAt } from "./look.ts";
import type { Output } from "./outputs.ts";
import { printReport, type ReportFormat } from "./print-report.ts";
import { untilSettled } from "./settle.ts";

export interface LookAgainOptions {
  /** AntflyCluster that was changed. */
  readonly cluster: string;
  readonly waitMs: number;
  readonly outputs: readonly Output<ReportFormat>[];
  readonly startedAt: string;
  readonly quiet: boolean;
}

/** Looks with the usual checks whether what was applied works, once the pods have settled, and prints the report. */
export async function lookAgain(app: App, kube: Kube, options: LookAgainOptions): Promise<ExitCode> {
  const { cluster, waitMs, outputs, startedAt, quiet } = options;
  const judging = {
    chosen: USUAL_CHECKS,
    policy: { failOn: "error", allowUnknown: [] },
    source: liveSource(kube),
    calls: () => ({ kubernetes: kube.calls() }),
  } as const;
  const again = async (): Promise<Report> => judge(app, [await lookAt(app, kube, cluster)], judging);
  const { report, exitCode } = await app.terminal.during("waiting for the pods", () =>
    untilSettled(app, again, {
      waitMs,
      onInterrupt: "interrupted while waiting for the pods; what was applied stays",
    }),
  );
  await printReport(app, { ...report, exitCode }, outputs, { startedAt, quiet });
  return exitCode;
}
