import { NEWEST_MINOR } from "../collect/inputs/files-reader.ts";
import { readInputs, type Inputs } from "../collect/inputs/read-inputs.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import { isNamespaceName } from "../domain/names.ts";
import type { Source } from "../domain/report.ts";
import { printable } from "../domain/text.ts";
import type { App } from "../ports.ts";
import { checkRun, type CheckOptions } from "./check-run.ts";
import { looksAtFiles } from "./file-looks.ts";
import { judge } from "./judge.ts";
import type { Look } from "./look.ts";
import type { ClusterOptions } from "./options.ts";
import { parseOutputs, type OutputOptions } from "./outputs.ts";
import { printReport, REPORT_FORMATS } from "./print-report.ts";

export interface ManifestOptions {
  readonly namespace?: string;
  readonly assumeAbsent?: boolean;
  readonly kubernetesVersion?: string;
}

export interface ValidateOptions extends ClusterOptions, CheckOptions, OutputOptions, ManifestOptions {
  readonly secret?: string;
}

/** Judges files without any cluster, saved facts, or the values of one live Secret. Changes nothing. */
export async function validate(paths: readonly string[], options: ValidateOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, REPORT_FORMATS, app);
  const run = await checkRun(options, app);
  const startedAt = app.now().toISOString();
  const { looks, source, calls } = await app.terminal.during("checking", () => lookAtAll(paths, options, app));
  const report = await judge(app, looks, { ...run, source, calls: () => ({ kubernetes: calls }) });
  await printReport(app, report, outputs, { ...options, startedAt });
  return report.exitCode;
}

interface Looked {
  readonly looks: readonly Look[];
  readonly source: Source;
  readonly calls: number;
}

async function lookAtAll(paths: readonly string[], options: ValidateOptions, app: App): Promise<Looked> {
  if (options.secret !== undefined) {
    if (paths.length > 0) throw new UserError("usage", "give paths or --secret, not both");
    const { lookAtSecret } = await import("./secret-look.ts");
    return lookAtSecret(options.secret, options, app);
  }
  if (paths.length === 0) {
    throw new UserError("usage", "there is nothing to validate", {
      hint: "name files or folders, - for standard input, or --secret NAME for a Secret on the cluster",
    });
  }
  const [path = ""] = paths;
  if (paths.length === 1 && path !== "-" && path.endsWith(".json")) {
    const { isSnapshotText, readSnapshot } = await import("../collect/snapshot/snapshot.ts");
    const files = await app.files.list(path);
    const bytes = files[0] === path ? await app.files.read(path) : undefined;
    if (bytes !== undefined && isSnapshotText(bytes)) {
      const { looksAtSnapshot, snapshotSource } = await import("./snapshot-looks.ts");
      const snapshot = readSnapshot(bytes, path);
      return { looks: looksAtSnapshot(app, snapshot), source: snapshotSource(snapshot, path), calls: 0 };
    }
  }
  const inputs = await readInputs(app, paths);
  const looks = await looksAtFiles(app, inputs, fileOptions(options));
  return { looks, source: filesSource(inputs), calls: 0 };
}

export function filesSource({ paths }: Pick<Inputs, "paths">): Source {
  const names = paths.map((path) => (path === "-" ? "standard input" : path));
  return { mode: "files", context: undefined, paths: names, takenAt: undefined };
}

/** @throws UserError for what is no version of Kubernetes, or no namespace */
export function fileOptions({
  namespace,
  assumeAbsent,
  kubernetesVersion,
}: ManifestOptions): Parameters<typeof looksAtFiles>[2] {
  const minor = /^v?1\.(\d{1,3})(\.\d+)?$/.exec(kubernetesVersion ?? `1.${NEWEST_MINOR}`)?.[1];
  if (minor === undefined) {
    throw new UserError(
      "usage",
      `--kubernetes-version ${printable(kubernetesVersion ?? "")} is no version of Kubernetes`,
      {
        hint: "for example --kubernetes-version 1.34",
      },
    );
  }
  if (namespace !== undefined && !isNamespaceName(namespace))
    throw new UserError("bad-namespace", `"${printable(namespace)}" cannot be the name of a namespace`);
  return { namespace: namespace ?? "default", assumeAbsent: assumeAbsent === true, kubernetesMinor: Number(minor) };
}
