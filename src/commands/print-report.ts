import type { Printed } from "../domain/redact.ts";
import type { Report } from "../domain/report.ts";
import type { App } from "../ports.ts";
import { renderHuman, type HumanOptions } from "../report/human.ts";
import type { Tool } from "../report/json.ts";
import { printOutputs, type Output } from "./outputs.ts";

/** What a report can be printed as; the first is the default. */
export const REPORT_FORMATS = ["human", "json", "ndjson", "sarif", "junit", "github", "markdown"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
/** What a plan that is not carried out can be printed as. */
export const PLAN_FORMATS = ["human", "json"] as const satisfies ReportFormat[];

type Renderer = (report: Report, tool: Tool) => Printed;

/** Each is loaded when it is asked for: a run needs one or two of them. */
const LOAD: Readonly<Record<Exclude<ReportFormat, "human">, () => Promise<Renderer>>> = {
  json: async () => (await import("../report/json.ts")).reportDocument,
  ndjson: async () => (await import("../report/ndjson.ts")).renderNdjson,
  sarif: async () => (await import("../report/sarif.ts")).renderSarif,
  junit: async () => (await import("../report/junit.ts")).renderJunit,
  github: async () => (await import("../report/github.ts")).renderGithub,
  markdown: async () => (await import("../report/markdown.ts")).renderMarkdown,
};

/** Prints a report in each format that was asked for. */
export async function printReport(
  app: App,
  report: Report,
  outputs: readonly Output<ReportFormat>[],
  options: Partial<HumanOptions> & Pick<Tool, "startedAt">,
): Promise<void> {
  const { quiet = false, verbose = false, startedAt } = options;
  const style = await app.terminal.style("out");
  await printOutputs(app, outputs, async (format) => {
    if (format === "human") return renderHuman(report, style, { quiet, verbose });
    const render = await LOAD[format]();
    // Cleaned before it is rendered: the last filter does not know a secret that a format has escaped. It does JSON itself.
    const clean = format === "json" || format === "ndjson" ? report : app.redactor.cleaned(report);
    return render(clean, { version: app.version, startedAt });
  });
}
