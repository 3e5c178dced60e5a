import type { ExitCode } from "../domain/errors.ts";
import type { Report, Source } from "../domain/report.ts";
import { parseDuration } from "../domain/duration.ts";
import { renderHuman } from "../report/human.ts";
import { reportDocument } from "../report/json.ts";
import type { App, Kube } from "../ports.ts";
import { assertCodes, selectChecks } from "./choose-checks.ts";
import { judge } from "./judge.ts";
import { lookAt } from "./look.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { parseOutputs, printOutputs, type Output, type OutputOptions } from "./outputs.ts";
import { untilSettled } from "./settle.ts";

export interface DoctorOptions extends ClusterOptions, OutputOptions {
  readonly failOn: "error" | "warning";
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly allowUnknown: readonly string[];
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly wait?: string;
}

/** Looks at one cluster and says what is wrong; changes nothing. */
export async function doctor(name: string | undefined, options: DoctorOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["human", "json"], app);
  const chosen = selectChecks(options);
  assertCodes(options.allowUnknown);
  const waitMs = options.wait === undefined ? 0 : parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const kube = await app.kube(kubeSelection(options));
  try {
    const source = liveSource(kube);
    const once = async (): Promise<Report> =>
      judge(app, [await lookAt(app, kube, name)], { chosen, policy: options, source, calls: () => kube.calls() });
    const { report, exitCode } = await app.terminal.during("checking", () =>
      untilSettled(app, waitMs, once, "interrupted"),
    );
    await printReport(app, { ...report, exitCode }, outputs, { ...options, startedAt });
    return exitCode;
  } finally {
    await kube.close();
  }
}

export function liveSource({ context }: Pick<Kube, "context">): Source {
  return { mode: "live", context, paths: [], takenAt: undefined };
}

export async function printReport(
  app: App,
  report: Report,
  outputs: readonly Output<"human" | "json">[],
  options: { readonly quiet?: boolean; readonly verbose?: boolean; readonly startedAt: string },
): Promise<void> {
  const style = await app.terminal.style("out");
  const { quiet = false, verbose = false, startedAt } = options;
  await printOutputs(app, outputs, (format) =>
    format === "json"
      ? reportDocument(report, { version: app.version, startedAt })
      : renderHuman(report, style, { quiet, verbose }),
  );
}
