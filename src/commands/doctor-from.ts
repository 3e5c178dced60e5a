import { readSnapshot } from "../collect/snapshot/snapshot.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import { nearest, printable } from "../domain/text.ts";
import type { App } from "../ports.ts";
import { checkRun } from "./check-run.ts";
import type { DoctorOptions } from "./doctor.ts";
import { judge } from "./judge.ts";
import type { Look } from "./look.ts";
import { parseOutputs } from "./outputs.ts";
import { printReport, REPORT_FORMATS } from "./print-report.ts";
import { showEnvironment } from "./show-env.ts";
import { looksAtSnapshot, snapshotSource } from "./snapshot-looks.ts";

/** Judges saved facts as of the time when they were saved; no cluster is asked. */
export async function doctorFrom(
  file: string,
  name: string | undefined,
  options: DoctorOptions,
  app: App,
): Promise<ExitCode> {
  for (const flag of ["save", "bundle", "wait", "context", "kubeconfig", "namespace"] as const) {
    if (options[flag] !== undefined)
      throw new UserError("usage", `--${flag} asks a cluster, and --from asks none; give one of them`);
  }
  const snapshot = readSnapshot(await app.files.read(file), file);
  const looks = choose(looksAtSnapshot(app, snapshot), name, file);
  const [first] = looks;
  if (options.show === "env" && first !== undefined) return showEnvironment(app, first, options);
  const outputs = await parseOutputs(options, REPORT_FORMATS, app);
  const run = await checkRun(options, app);
  const startedAt = app.now().toISOString();
  const report = await judge(app, looks, {
    ...run,
    source: snapshotSource(snapshot, file),
    calls: () => ({ kubernetes: 0 }),
  });
  await printReport(app, report, outputs, { ...options, startedAt });
  return report.exitCode;
}

function choose(looks: readonly Look[], name: string | undefined, file: string): readonly Look[] {
  const chosen = name === undefined ? looks : looks.filter(({ target }) => target.cluster === name);
  if (chosen.length > 0) return chosen;
  const names = looks.flatMap(({ target }) => target.cluster ?? []);
  const near = nearest(name ?? "", names);
  throw new UserError(
    "unknown-cluster",
    `${printable(file)} holds no facts of an AntflyCluster${name === undefined ? "" : ` ${printable(name)}`}`,
    near === undefined ? {} : { hint: `did you mean ${near}?` },
  );
}
