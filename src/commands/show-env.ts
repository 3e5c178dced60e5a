import type { ExitCode } from "../domain/errors.ts";
import { viewsOf } from "../domain/env/view.ts";
import { UserError } from "../domain/errors.ts";
import { environmentDocument, renderEnvironments } from "../report/environment.ts";
import type { App } from "../ports.ts";
import type { Look } from "./look.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import { parseOutputs, printOutputs, type OutputOptions } from "./outputs.ts";

/** Prints what each node group's containers and each backup's Job get as environment. Names and shapes, never values. */
export async function showEnvironment(app: App, look: Look, options: OutputOptions): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["human", "json"], app);
  const facts = await look.facts(["cluster", "environments", "pods", "server", "backups"]);
  if (facts.cluster === undefined || facts.environments === undefined)
    throw new UserError("no-cluster", "there is no AntflyCluster to look at");
  const printedBy = permissionsIn({ namespace: look.target.namespace, flags: look.flags });
  const cluster = orThrow(facts.cluster, printedBy);
  orThrow(facts.environments, printedBy);
  const views = viewsOf(facts) ?? [];
  const exitCode: ExitCode = views.some(({ unread }) => unread.length > 0) ? 5 : 0;
  const subject = { context: look.target.context, namespace: cluster.namespace, cluster: cluster.name };
  const style = await app.terminal.style("out");
  await printOutputs(app, outputs, (format) =>
    format === "json" ? environmentDocument(subject, views, exitCode) : renderEnvironments(subject, views, style),
  );
  return exitCode;
}
