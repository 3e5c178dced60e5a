import { expect } from "vitest";

import { printReport, REPORT_FORMATS } from "../../src/commands/print-report.ts";
import type { Report } from "../../src/domain/report.ts";
import type { App, Terminal } from "../../src/ports.ts";
import { expectNoFixtureSecret } from "./canaries.ts";
import { EXIT_CODE_IN } from "./exit-code-in.ts";

/** The exit code stands in each format, and no secret of a fixture does; nor in the report that they are made of. */
export async function expectSameInEveryFormat(app: App, report: Report): Promise<void> {
  expectNoFixtureSecret(JSON.stringify(report), "the report");
  let text = "";
  const terminal: Terminal = { ...app.terminal, out: (content) => (text = app.redactor.text(content)) };
  const shown: App = { ...app, terminal };
  for (const format of REPORT_FORMATS) {
    await printReport(shown, report, [{ format, file: undefined }], {
      verbose: true,
      startedAt: "2026-01-01T00:00:00Z",
    });
    expectNoFixtureSecret(text, format);
    expect(EXIT_CODE_IN[format](text), format).toBe(report.exitCode);
  }
}
