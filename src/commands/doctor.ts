import type { ExitCode } from "../domain/errors.ts";
import { UserError } from "../domain/errors.ts";
import type { Report } from "../domain/report.ts";
import { parseDuration } from "../domain/duration.ts";
import { renderHuman } from "../report/human.ts";
import { renderJson } from "../report/json.ts";
import type { App } from "../ports.ts";
import { judge, lookAt, selectChecks } from "./judge.ts";
import { kubeSelection, parseOutputs, type ClusterOptions, type Output, type OutputOptions } from "./options.ts";
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
  const outputs = parseOutputs(options, ["human", "json"]);
  const checks = selectChecks(options);
  if (checks.length === 0) throw new UserError("no-checks", "--only and --skip leave no check to run");
  const waitMs = options.wait === undefined ? 0 : parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const kube = await app.kube(kubeSelection(options));
  try {
    const once = async (): Promise<Report> => judge(app, kube, await lookAt(app, kube, name), checks, options);
    const { report, exitCode } = await app.terminal.during("checking", () => untilSettled(app, waitMs, once));
    await print(app, { ...report, exitCode }, outputs, { ...options, startedAt });
    return exitCode;
  } finally {
    await kube.close();
  }
}

export async function print(
  app: App,
  report: Report,
  outputs: readonly Output<"human" | "json">[],
  options: { readonly quiet?: boolean; readonly verbose?: boolean; readonly startedAt: string },
): Promise<void> {
  const style = await app.terminal.style("out");
  for (const { format, file } of outputs) {
    const text =
      format === "json"
        ? renderJson(report, { version: app.version, startedAt: options.startedAt })
        : renderHuman(report, style, { quiet: options.quiet ?? false, verbose: options.verbose ?? false });
    if (file === undefined) app.terminal.out(text);
    else await app.files.write(file, Buffer.from(app.redactor.clean(text), "utf8"));
  }
}
