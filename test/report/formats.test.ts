import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { printReport, REPORT_FORMATS, type ReportFormat } from "../../src/commands/print-report.ts";
import type { Finding } from "../../src/domain/finding.ts";
import { Redactor } from "../../src/domain/redact.ts";
import { exitCodeOf, type Report } from "../../src/domain/report.ts";
import { Sensitive } from "../../src/domain/sensitive.ts";
import { PLAIN } from "../../src/domain/style.ts";
import { EXIT_CODE_IN, linesOf } from "../support/exit-code-in.ts";
import { FILES, liveReport, missing, REPORTS, result, TOOL } from "../support/reports.ts";
import { testApp } from "../support/test-app.ts";
import { parseXml } from "../support/xml.ts";

const GOLDEN = fileURLToPath(new URL("golden/", import.meta.url));
const FILE: Readonly<Record<Exclude<ReportFormat, "human">, string>> = {
  json: "json",
  ndjson: "ndjson",
  sarif: "sarif",
  junit: "junit.xml",
  github: "github.txt",
  markdown: "md",
};

/** What a command prints of the report. */
async function printed(report: Report, format: ReportFormat, redactor = new Redactor()): Promise<string> {
  let out = "";
  const terminal = { ...testApp("").terminal, style: () => Promise.resolve(PLAIN) };
  const app = testApp("", {
    version: TOOL.version,
    redactor,
    terminal: { ...terminal, out: (content) => (out += redactor.text(content)) },
  });
  await printReport(app, report, [{ format, file: undefined }], { startedAt: TOOL.startedAt });
  return out;
}

describe.each(Object.entries(REPORTS))("the report %s", (name, report) => {
  test.each(Object.entries(FILE))("as %s", async (format, extension) => {
    const text = await printed(report, format as ReportFormat);
    await expect(text).toMatchFileSnapshot(`${GOLDEN}${name}.${extension}`);
  });
});

const FOUND = { fail: "error", warn: "warning", info: "info" } as const;
const anyResult = fc
  .record({
    status: fc.constantFrom("pass", "fail", "warn", "info", "skip", "blocked", "unknown"),
    required: fc.boolean(),
    half: fc.boolean(),
  })
  .map(({ status, required, half }) => {
    const unknown = status === "unknown" || half ? [{ what: "pods", why: "refused" }] : [];
    if (status !== "fail" && status !== "warn" && status !== "info")
      return result("ANT0201", { status, required, ...(status === "unknown" ? { unknown } : {}) });
    const findings: Finding[] = [{ ...missing, status, severity: FOUND[status] }];
    return result("ANT0201", { status, required, findings, unknown });
  });
const anyPolicy = fc.record({
  failOn: fc.constantFrom("error", "warning"),
  allowUnknown: fc.constantFrom([], ["ANT0201"]),
});

test.each([...REPORT_FORMATS])("the exit code of %s is the one of the report", async (format) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyResult, { minLength: 1, maxLength: 3 }), anyPolicy, async (results, policy) => {
      const report = liveReport(results, policy);
      expect(EXIT_CODE_IN[format](await printed(report, format))).toBe(exitCodeOf(results, policy));
    }),
    { numRuns: 60 },
  );
});

test("JUnit is red where the exit code is, and where an answer is missing that nobody accepted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyResult, { minLength: 1, maxLength: 3 }), anyPolicy, async (results, policy) => {
      const report = liveReport(results, policy);
      const { failures, errors } = parseXml(await printed(report, "junit")).attributes;
      if (report.exitCode === 0) expect(failures).toBe("0");
      else expect(Number(failures) + Number(errors)).toBeGreaterThan(0);
    }),
    { numRuns: 100 },
  );
});

test.each([...REPORT_FORMATS])("%s shows no secret, however it escapes", async (format) => {
  const secret = "Zq&Zq<Zq>Zq|Zq_Zq`Zq]Zq%Zq\"Zq'Zq\nZq://Zq@Zq,Zq";
  const redactor = new Redactor();
  redactor.watch(new Sensitive(secret));
  const found = {
    ...missing,
    message: `it says ${secret}`,
    evidence: [{ label: secret, has: secret }],
    location: { file: secret, line: 1, column: 1 },
  };
  const report = liveReport([
    result("ANT0201", { status: "fail", findings: [found], unknown: [{ what: "x", why: secret }] }),
    result("ANT0202", { status: "skip", skipReason: secret }),
  ]);
  const text = await printed(report, format, redactor);
  expect(text).toContain("secret");
  expect(text).not.toContain("Zq");
});

test("a stream begins with the run, ends with its end, and holds each target and result in between", async () => {
  const [first, ...rest] = linesOf(await printed(FILES, "ndjson"));
  expect(first).toMatchObject({ schema: "antfly-creds.report-stream/v1", kind: "run", tool: { version: "0.1.0" } });
  expect(rest.map(({ kind }) => kind).join(" ")).toBe("target result target result result result result result end");
  const document = JSON.parse(await printed(FILES, "json"));
  expect(rest.flatMap(({ result: one }) => one ?? [])).toEqual(document.results);
  expect(rest.flatMap(({ target }) => target ?? [])).toEqual(document.targets);
});

test("each format is loaded when it is asked for, and the help names it", () => {
  const read = (file: string): string => readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8");
  const loaded = [...read("commands/print-report.ts").matchAll(/^import (?!type).*report\/(\w+)\.ts/gm)].map(
    ([, name]) => name,
  );
  expect(loaded).toEqual(["human"]);
  expect(read("program/options.ts")).toContain(`"${REPORT_FORMATS.join(", ")}"`);
});
