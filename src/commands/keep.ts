import { snapshotDocument } from "../collect/snapshot/snapshot.ts";
import { viewsOf } from "../domain/env/view.ts";
import type { Facts } from "../domain/facts.ts";
import { valueOf } from "../domain/known.ts";
import type { Report } from "../domain/report.ts";
import type { App } from "../ports.ts";
import type { BundleContent } from "./bundle.ts";
import type { ChosenChecks } from "./choose-checks.ts";
import type { Look } from "./look.ts";

export interface KeepOptions {
  readonly save?: string;
  readonly bundle?: string;
  readonly startedAt: string;
  readonly chosen: ChosenChecks;
}

/** Writes what was read to a file (`--save`), and all that a support ticket needs to another (`--bundle`). */
export async function keep(app: App, look: Look, report: Report, options: KeepOptions): Promise<void> {
  const keys = options.chosen.asked.flatMap(({ needs, wants = [] }) => [...needs, ...wants]);
  // They were read when they were judged: nothing is asked again.
  const facts = await look.facts(keys);
  const takenAt = options.startedAt;
  // Where somebody's kubeconfig lies is nobody else's business.
  const { context } = look.target;
  const flags = look.flags.includes("--context") && context !== undefined ? ["--context", context] : [];
  const document = snapshotDocument([{ target: look.target, facts }], { version: app.version, takenAt, flags });
  if (options.save !== undefined) {
    await app.files.write(options.save, Buffer.from(app.redactor.text(document), "utf8"));
    app.terminal.err(`saved the facts to ${options.save}\n`);
  }
  if (options.bundle === undefined) return;
  const { writeBundle } = await import("./bundle.ts");
  const content = { report, facts: document, environments: environmentsIn(look, facts) };
  await writeBundle(app, options.bundle, content, { version: app.version, startedAt: options.startedAt });
  app.terminal.err(`wrote ${options.bundle}: the report, the facts and the environments, without any value\n`);
}

function environmentsIn(look: Look, facts: Facts): BundleContent["environments"] {
  const cluster = facts.cluster && valueOf(facts.cluster);
  const views = viewsOf(facts);
  if (cluster === undefined || views === undefined) return undefined;
  return { subject: { context: look.target.context, namespace: cluster.namespace, cluster: cluster.name }, views };
}
