import { stringify } from "yaml";

import { parseDuration } from "../domain/duration.ts";
import type { ExitCode } from "../domain/errors.ts";
import { asFilePlan } from "../plans/manifest-files.ts";
import { externalSecretFiles } from "../plans/external-secret-files.ts";
import type { App } from "../ports.ts";
import { carryOut } from "./carry-out.ts";
import { afterwards, howToApply, nothingToChange, whatItPointsTo } from "./external-secret-words.ts";
import type { ExternalSecretOptions } from "./external-secret-options.ts";
import { lookAgain } from "./look-again.ts";
import { lookAt } from "./look.ts";
import { kubeSelection } from "./options.ts";
import { permissionsIn } from "./or-throw.ts";
import { parseOutputs } from "./outputs.ts";
import { prepareExternalSecret } from "./prepare-external-secret.ts";
import { PLAN_FORMATS, REPORT_FORMATS, type ReportFormat } from "./print-report.ts";

/** Without the Secret nothing goes on, however little anybody wants to wait for pods. */
const LEAST_WAIT_MS = 15_000;

/**
 * The credentials come from a secret manager, through External Secrets: collect → plan → show → ask → apply → look whether
 * it worked. No value passes through this command.
 */
export async function initExternalSecret(
  name: string | undefined,
  options: ExternalSecretOptions,
  app: App,
): Promise<ExitCode> {
  const filesOnly = options.writeTo !== undefined;
  const outputs = await parseOutputs<ReportFormat>(
    options,
    options.dryRun === true || filesOnly ? PLAN_FORMATS : REPORT_FORMATS,
    app,
  );
  const waitMs = parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const quiet = options.quiet ?? false;
  const kube = await app.kube(kubeSelection(options));
  try {
    const printedBy = permissionsIn(kube, ...(name === undefined ? [] : [name]), "--init-external-secret");
    const look = await lookAt(app, kube, name);
    const prepared = await prepareExternalSecret(look, {
      kube,
      options,
      app,
      printedBy,
      waitMs: Math.max(waitMs, LEAST_WAIT_MS),
    });
    const { plan, input } = prepared;
    for (const note of prepared.notes) app.terminal.err(`note: ${note}\n`);
    const chosen = filesOnly
      ? asFilePlan(
          plan,
          options.writeTo ?? "",
          externalSecretFiles(input, prepared.reader, (object) => stringify(object)),
        )
      : plan;
    const shop = {
      app,
      kube,
      boxes: new Map(),
      runId: Buffer.from(app.random(8)).toString("hex"),
      replaceFiles: options.overwrite ?? false,
      hintFor: (words: string) => whatItPointsTo(words, prepared),
    };
    const done = await carryOut(chosen, shop, app, {
      dryRun: options.dryRun ?? false,
      yes: options.yes ?? false,
      filesOnly,
      outputs,
      nothing: nothingToChange(prepared),
      afterwards: howToApply(options.writeTo ?? "", prepared, kube.flags),
      printedBy,
    });
    if (!done) return 0;
    const exitCode = await lookAgain(app, kube, { cluster: input.cluster.name, waitMs, outputs, startedAt, quiet });
    if (!quiet) app.terminal.err(afterwards(prepared, kube.flags));
    return exitCode;
  } finally {
    await kube.close();
  }
}
