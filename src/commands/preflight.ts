import type { FilesReader } from "../collect/inputs/files-reader.ts";
import { OverlayReader } from "../collect/inputs/overlay-reader.ts";
import { readInputs } from "../collect/inputs/read-inputs.ts";
import { ReaderCache } from "../collect/reader-cache.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import type { Report } from "../domain/report.ts";
import type { App } from "../ports.ts";
import { checkRun, type CheckOptions, type CheckRun } from "./check-run.ts";
import { looksAtFiles } from "./file-looks.ts";
import { judge } from "./judge.ts";
import { asReadFailure } from "./read-failure.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { parseOutputs, type OutputOptions } from "./outputs.ts";
import { printReport, REPORT_FORMATS } from "./print-report.ts";
import { fileOptions, filesSource, type ManifestOptions } from "./validate.ts";

export interface PreflightOptions extends ClusterOptions, CheckOptions, OutputOptions, ManifestOptions {
  readonly offline?: boolean;
}

/** Judges manifests as they will be on the cluster: laid over what is there now, or alone with `--offline`. Changes nothing. */
export async function preflight(paths: readonly string[], options: PreflightOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, REPORT_FORMATS, app);
  const run = await checkRun(options, app);
  const startedAt = app.now().toISOString();
  const report = await app.terminal.during("checking", () =>
    options.offline === true ? alone(paths, options, app, run) : overCluster(paths, options, app, run),
  );
  await printReport(app, report, outputs, { ...options, startedAt });
  return report.exitCode;
}

async function alone(paths: readonly string[], options: PreflightOptions, app: App, run: CheckRun): Promise<Report> {
  const inputs = await readInputs(app, paths);
  const looks = await looksAtFiles(app, inputs, fileOptions(options));
  return judge(app, looks, { ...run, source: filesSource(inputs), calls: () => ({ kubernetes: 0 }) });
}

async function overCluster(
  paths: readonly string[],
  options: PreflightOptions,
  app: App,
  run: CheckRun,
): Promise<Report> {
  if (options.assumeAbsent === true || options.kubernetesVersion !== undefined) {
    throw new UserError("usage", "the cluster says what is there and which version it is", {
      hint: "--assume-absent and --kubernetes-version are for --offline",
    });
  }
  const inputs = await readInputs(app, paths);
  const kube = await app.kube(kubeSelection(options));
  try {
    const cluster = new ReaderCache(kube);
    const { context, flags, namespace } = kube;
    const looks = await looksAtFiles(app, inputs, fileOptions({ namespace }), {
      context,
      flags,
      reader: (files: FilesReader) => new OverlayReader(files, cluster),
    });
    const source = { ...filesSource(inputs), mode: "overlay" as const, context };
    return await judge(app, looks, { ...run, source, calls: () => ({ kubernetes: kube.calls() }) });
  } catch (error) {
    throw asReadFailure(error);
  } finally {
    await kube.close();
  }
}
