import { UserError, type ExitCode } from "../domain/errors.ts";
import type { Report } from "../domain/report.ts";
import { parseDuration } from "../domain/duration.ts";
import type { App } from "../ports.ts";
import { checkRun, type CheckOptions } from "./check-run.ts";
import { cleanlyEnded, cloudRun, type CloudOptions } from "./cloud.ts";
import { judge } from "./judge.ts";
import { liveSource, lookAt, type Look } from "./look.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { parseOutputs, type OutputOptions } from "./outputs.ts";
import { printReport, REPORT_FORMATS } from "./print-report.ts";
import { untilSettled } from "./settle.ts";

export interface DoctorOptions extends ClusterOptions, CheckOptions, CloudOptions, OutputOptions {
  readonly wait?: string;
  readonly show?: "env";
  readonly save?: string;
  readonly bundle?: string;
  readonly from?: string;
}

/** Looks at one cluster, or at facts of one that were saved, and says what is wrong; changes nothing. */
export async function doctor(name: string | undefined, options: DoctorOptions, app: App): Promise<ExitCode> {
  if (options.from !== undefined) {
    const { doctorFrom } = await import("./doctor-from.ts");
    return doctorFrom(options.from, name, options, app);
  }
  if (options.show === "env") return showLive(name, options, app);
  const outputs = await parseOutputs(options, REPORT_FORMATS, app);
  for (const file of [options.save, options.bundle]) if (file !== undefined) await app.files.assertWritable(file);
  const run = await checkRun(options, app);
  const waitMs = options.wait === undefined ? 0 : parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const kube = await app.kube(kubeSelection(options));
  const cloud = cloudRun(options, kube, app);
  try {
    const source = liveSource(kube);
    let look: Look | undefined;
    const once = async (): Promise<Report> => {
      look = await lookAt(app, kube, name, cloud.world);
      return judge(app, [look], { ...run, source, calls: () => ({ kubernetes: kube.calls(), ...cloud.calls() }) });
    };
    const { report: judged, exitCode } = await app.terminal.during("checking", () =>
      cleanlyEnded(app, cloud, () => untilSettled(app, once, { waitMs, onInterrupt: "interrupted" })),
    );
    const report = { ...judged, exitCode };
    if (look !== undefined && (options.save ?? options.bundle) !== undefined) {
      const { keep } = await import("./keep.ts");
      await keep(app, look, report, { ...options, startedAt, chosen: run.chosen });
    }
    await printReport(app, report, outputs, { ...options, startedAt });
    return exitCode;
  } finally {
    await Promise.all([kube.close(), cloud.close()]);
  }
}

async function showLive(name: string | undefined, options: DoctorOptions, app: App): Promise<ExitCode> {
  if (options.save !== undefined || options.bundle !== undefined || options.wait !== undefined)
    throw new UserError("usage", "--show env prints the environment, and goes with no other report");
  const { showEnvironment } = await import("./show-env.ts");
  const kube = await app.kube(kubeSelection(options));
  try {
    return await showEnvironment(app, await lookAt(app, kube, name), options);
  } finally {
    await kube.close();
  }
}
