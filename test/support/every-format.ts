import { expect } from "vitest";

import { printReport, REPORT_FORMATS } from "../../src/commands/print-report.ts";
import type { Report } from "../../src/domain/report.ts";
import { expectNoFixtureSecret } from "./canaries.ts";
import { EXIT_CODE_IN } from "./exit-code-in.ts";
import type { TestApp } from "./test-app.ts";

/** The exit code stands in each format, and no secret of a fixture does; nor in the report that they are made of. */
export async function expectSameInEveryFormat(app: TestApp, report: Report): Promise<void> {
  expectNoFixtureSecret(JSON.stringify(report), "the report");
  for (const format of REPORT_FORMATS) {
    app.printed.out = "";
    await printReport(app, report, [{ format, file: undefined }], { verbose: true, startedAt: "2026-01-01T00:00:00Z" });
    const text = app.printed.out;
    expectNoFixtureSecret(text, format);
    expect(EXIT_CODE_IN[format](text), format).toBe(report.exitCode);
  }
}
