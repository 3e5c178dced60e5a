import { readFileSync } from "node:fs";

import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { finding, type Finding } from "../../src/domain/finding.ts";
import type { Report, Source } from "../../src/domain/report.ts";
import { artifactLocation, slashed } from "../../src/report/paths.ts";
import { renderSarif } from "../../src/report/sarif.ts";
import { sarifText } from "../../src/report/sarif-results.ts";
import { anyText } from "../support/any-text.ts";
import type { AnyObject } from "../support/follow.ts";
import { FILES, LIVE, liveReport, missing, REPORTS, result, TOOL } from "../support/reports.ts";

// The schema of OASIS as the SARIF SDK ships it; scripts/check-sarif.ts sees that it still does.
const SCHEMA = new URL("../support/sarif-2.1.0.schema.json", import.meta.url);
const valid = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(SCHEMA, "utf8")) as object,
);

/** The one run of the log. */
function runOf(report: Report): AnyObject {
  const log: AnyObject = JSON.parse(JSON.stringify(renderSarif(report, TOOL)));
  valid(log);
  expect(valid.errors ?? []).toEqual([]);
  return log.runs[0];
}

const failing = (...findings: Finding[]): Report => liveReport([result("ANT0201", { status: "fail", findings })]);

describe.each(Object.entries(REPORTS))("the report %s", (_, report) => {
  const run = runOf(report);

  test("has results, also when there are none, and each leads to its rule", () => {
    expect(Array.isArray(run.results)).toBe(true);
    for (const one of run.results) expect(run.tool.driver.rules[one.ruleIndex].id).toBe(one.ruleId);
    for (const { associatedRule } of run.invocations[0].toolExecutionNotifications)
      expect(run.tool.driver.rules[associatedRule.index].id).toBe(associatedRule.id);
  });

  test("has a rule for each check that ran, once", () => {
    const codes = report.targets.flatMap(({ results }) => results.map(({ code }) => code));
    expect(run.tool.driver.rules.map(({ id }: AnyObject) => id)).toEqual([...new Set(codes)].sort());
  });

  test("marks what is suppressed, and says of the others that they are not", () => {
    const suppressed = report.targets.flatMap(({ results }) => results.flatMap((one) => one.suppressed));
    const kinds = run.results.flatMap(({ suppressions }: AnyObject) => suppressions.map(({ kind }: AnyObject) => kind));
    expect(kinds).toEqual(suppressed.map(() => "external"));
  });
});

test("what could not be told makes the run incomplete where it had to be, and what is blocked is noted", () => {
  const [{ executionSuccessful, exitCode, toolExecutionNotifications }] = runOf(LIVE).invocations;
  expect([executionSuccessful, exitCode]).toEqual([false, 3]);
  const levels = toolExecutionNotifications.map(({ associatedRule, level }: AnyObject) => [associatedRule.id, level]);
  expect(levels).toEqual([
    ["ANT0701", "error"],
    ["ANT0202", "note"],
  ]);
  expect(runOf(failing(missing)).invocations[0].executionSuccessful).toBe(true);
});

test("the same finding twice is one result", () => {
  expect(runOf(failing(missing, { ...missing })).results.length).toBe(1);
});

describe("the fingerprint", () => {
  const printOf = (found: Finding, report = failing(found)): string =>
    runOf(report).results[0].partialFingerprints["antflyCreds/v1"];
  const pointed = { ...missing, evidence: [{ label: "x", path: "/spec/envFrom/0" }] };

  test("stays when lines move and when the words change", () => {
    const moved = { ...missing, message: "reworded", location: { file: "a.yaml", line: 12, column: 5 } };
    expect(printOf({ ...moved, location: { ...moved.location, line: 99 } })).toBe(printOf(moved));
    expect(printOf(moved)).toBe(printOf(missing));
  });

  test.each<[string, Finding]>([
    ["another cause", { ...missing, cause: "k8s.secret-deleted" }],
    ["another object", { ...missing, subject: { ...missing.subject, name: "other" } }],
    ["another place in the object", pointed],
  ])("differs for %s", (_, other) => expect(printOf(other)).not.toBe(printOf(missing)));

  test("differs for another cluster", () => {
    const report = failing(missing);
    const targets = report.targets.map((one) => ({ ...one, target: { ...one.target, cluster: "other" } }));
    expect(printOf(missing, { ...report, targets })).not.toBe(printOf(missing));
  });
});

describe("the place", () => {
  const locationOf = (found: Finding, source: Partial<Source>): AnyObject => {
    const report = failing(found);
    return runOf({ ...report, source: { ...report.source, ...source } }).results[0].locations[0];
  };
  const located = { ...missing, location: { file: "./deploy/a b.yaml", line: 12, column: 5 } };

  test("is the line and column of the file, and the object", () => {
    expect(locationOf(located, { mode: "files", paths: ["deploy"] })).toEqual({
      physicalLocation: {
        artifactLocation: { uri: "deploy/a%20b.yaml", uriBaseId: "%SRCROOT%" },
        region: { startLine: 12, startColumn: 5 },
      },
      logicalLocations: [
        { name: "Secret production/keys", fullyQualifiedName: "Secret/production/keys", kind: "resource" },
      ],
    });
  });

  test("is what was named, where files were read and none of them holds it", () => {
    const { physicalLocation } = locationOf(missing, { mode: "overlay", paths: ["-", "deploy"] });
    expect(physicalLocation).toEqual({
      artifactLocation: { uri: "deploy", uriBaseId: "%SRCROOT%" },
      region: { startLine: 1 },
    });
  });

  test("is the object alone on a live cluster", () => {
    expect(Object.keys(locationOf(missing, {}))).toEqual(["logicalLocations"]);
  });
});

test.each([
  ["a.yaml", "a.yaml", "%SRCROOT%"],
  ["./a/../b/./c.yaml", "b/c.yaml", "%SRCROOT%"],
  ["../b.yaml", "../b.yaml", "%SRCROOT%"],
  [".", ".", "%SRCROOT%"],
  ["/", "file:///", undefined],
  ["a\\b.yaml", "a/b.yaml", "%SRCROOT%"],
  ["a b/ü%#?:.yaml", "a%20b/%C3%BC%25%23%3F%3A.yaml", "%SRCROOT%"],
  ["c:x.yaml", "c%3Ax.yaml", "%SRCROOT%"],
  ["/etc/x y.yaml", "file:///etc/x%20y.yaml", undefined],
  ["C:\\x\\y z.yaml", "file:///C:/x/y%20z.yaml", undefined],
])("the file %j is at %s", (path, uri, base) => {
  expect(artifactLocation(path)).toEqual(base === undefined ? { uri } : { uri, uriBaseId: base });
});

test("every path is a URI of RFC 3986 that leads back to it", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const path = `d/${text}`;
      const { uri } = artifactLocation(path);
      expect(uri).toMatch(/^(file:\/\/)?[\w.~!'()*:/%-]*$/);
      expect(decodeURIComponent(uri)).toBe(
        (slashed(path).startsWith("/") ? "file://" : "") + slashed(path).toWellFormed(),
      );
    }),
    { numRuns: 1_000 },
  );
});

test("no text becomes a link or a hole to be filled", () => {
  fc.assert(
    fc.property(anyText, anyText, (one, two) => {
      const text = sarifText([one, two]);
      expect(text).not.toMatch(/\]\(|\{\d+\}/);
      expect(text).not.toBe("");
    }),
    { numRuns: 1_000 },
  );
});

test("whatever a finding says, the log is valid", () => {
  fc.assert(
    fc.property(anyText, anyText, (name, text) => {
      const found = finding("k8s.secret-missing", "error", { kind: "Secret", name }, text, {
        evidence: [{ label: text, want: name, path: text }],
      });
      runOf(failing({ ...found, location: { file: name, line: 1, column: 1 } }));
    }),
    { numRuns: 100 },
  );
});

test("levels follow the severity, and the rule has the one of the check", () => {
  const levels = runOf(FILES).results.map(({ ruleId, level }: AnyObject) => [ruleId, level]);
  expect(levels).toContainEqual(["ANT0203", "warning"]);
  expect(levels).toContainEqual(["ANT0204", "note"]);
  expect(levels).toContainEqual(["ANT0901", "error"]);
});
