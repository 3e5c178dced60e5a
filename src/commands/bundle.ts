import { gzipSync } from "node:zlib";

import { createTar } from "nanotar";

import type { EnvironmentView } from "../domain/env/view.ts";
import { PLAIN } from "../domain/style.ts";
import type { Report } from "../domain/report.ts";
import { renderEnvironments, type EnvironmentSubject } from "../report/environment.ts";
import { renderHuman } from "../report/human.ts";
import { reportDocument, type Tool } from "../report/json.ts";
import type { App } from "../ports.ts";

const README = `What antfly-creds saw of a cluster, for a support ticket.

report.txt   the findings, for people
report.json  the same, for programs
facts.json   what the findings were judged by: antfly-creds doctor --from facts.json judges them again
env.txt      which variable of which container comes from where

No value of any Secret is in here: names, sizes and shapes only.
`;

export interface BundleContent {
  readonly report: Report;
  readonly facts: object;
  readonly environments:
    | { readonly subject: EnvironmentSubject; readonly views: readonly EnvironmentView[] }
    | undefined;
}

/** Everything that somebody who cannot see the cluster needs, in one file: a gzipped tar archive. */
export async function writeBundle(
  app: App,
  path: string,
  { report, facts, environments }: BundleContent,
  tool: Tool,
): Promise<void> {
  const { redactor } = app;
  const files: [string, string | object][] = [
    ["README.txt", README],
    ["report.txt", renderHuman(report, PLAIN, { quiet: false, verbose: true })],
    ["report.json", reportDocument(report, tool)],
    ["facts.json", facts],
  ];
  if (environments !== undefined)
    files.push(["env.txt", renderEnvironments(environments.subject, environments.views, PLAIN)]);
  const mtime = app.now().getTime();
  const tar = createTar(
    files.map(([name, content]) => ({
      name: `antfly-creds/${name}`,
      data: redactor.text(content),
      attrs: { mtime, mode: "644" },
    })),
  );
  await app.files.write(path, gzipSync(tar));
}
