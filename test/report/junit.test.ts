import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { finding } from "../../src/domain/finding.ts";
import type { ExitPolicy, Result } from "../../src/domain/report.ts";
import { renderJunit } from "../../src/report/junit.ts";
import { element, xmlText } from "../../src/report/xml.ts";
import { anyText } from "../support/any-text.ts";
import { liveReport, LIVE, missing, REPORTS, result, TOOL } from "../support/reports.ts";
import { elementsOf, parseXml, type XmlElement } from "../support/xml.ts";

const KINDS = { failures: "failure", errors: "error", skipped: "skipped", tests: "testcase" };
const count = (parent: XmlElement, name: string): string => String(elementsOf(parent, name).length);

describe.each(Object.entries(REPORTS))("the report %s", (_, report) => {
  const root = parseXml(renderJunit(report, TOOL));

  test("counts what it holds", () => {
    for (const parent of [root, ...elementsOf(root, "testsuite")]) {
      for (const [attribute, name] of Object.entries(KINDS))
        expect(parent.attributes[attribute]).toBe(count(parent, name));
    }
    expect(root.attributes["tests"]).toBe(String(report.targets.flatMap(({ results }) => results).length));
  });

  test("has a class and a name for each test that no other has", () => {
    const names = elementsOf(root, "testcase").map(
      ({ attributes }) => `${attributes["classname"]} ${attributes["name"]}`,
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test("says which version made it, and what it ended with", () => {
    for (const suite of elementsOf(root, "testsuite")) {
      const properties = elementsOf(suite, "property").map(({ attributes }) => attributes);
      expect(properties).toContainEqual({ name: "version", value: TOOL.version });
      expect(properties).toContainEqual({ name: "exitCode", value: String(report.exitCode) });
    }
  });
});

const warning = finding("k8s.component-mismatch", "warning", { kind: "Secret", name: "keys" }, "They differ");
const unknown = [{ what: "pods", why: "it was refused" }];

test.each<[string, Partial<Result>, Partial<ExitPolicy>, string]>([
  ["what passed", {}, {}, ""],
  ["a failure", { status: "fail", findings: [missing] }, {}, "failure"],
  ["a failure of which not all could be told", { status: "fail", findings: [missing], unknown }, {}, "failure"],
  ["a warning", { status: "warn", findings: [warning] }, {}, "system-out"],
  ["a warning that counts", { status: "warn", findings: [warning] }, { failOn: "warning" }, "failure"],
  ["a warning of which not all could be told", { status: "warn", findings: [warning], unknown }, {}, "error"],
  ["what could not be told", { status: "unknown", unknown }, {}, "error"],
  ["what could not be told and need not be", { status: "unknown", unknown, required: false }, {}, "error"],
  [
    "what could not be told, which was accepted",
    { status: "unknown", unknown },
    { allowUnknown: ["ANT0201"] },
    "skipped",
  ],
  ["what is blocked", { status: "blocked", blockedBy: ["ANT0101"] }, {}, "error"],
  ["what was skipped", { status: "skip", skipReason: "no pods" }, {}, "skipped"],
])("%s", (_, more, policy, kind) => {
  const report = liveReport([result("ANT0201", more)], { failOn: "error", allowUnknown: [], ...policy });
  const [testCase] = elementsOf(parseXml(renderJunit(report, TOOL)), "testcase");
  expect(testCase?.children.map(({ name }) => name)).toEqual(kind === "" ? [] : [kind]);
});

test("a failure says what, where and how to mend it", () => {
  const [failure] = elementsOf(parseXml(renderJunit(LIVE, TOOL)), "failure");
  expect(failure?.attributes).toEqual({ type: missing.cause, message: missing.message });
  for (const text of ["Secret production/keys", "expected set, found not set", missing.fixes[0]?.text])
    expect(failure?.text).toContain(text);
});

/** A text as XML can hold it (production Char of XML 1.0). */
const holdable = (text: string): string =>
  Array.from(text, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (point >= 0xd8_00 && point <= 0xdf_ff) return "\ufffd";
    const allowed =
      point === 9 || point === 10 || point === 13 || (point >= 32 && point !== 0xff_fe && point !== 0xff_ff);
    return allowed ? character : "";
  }).join("");

test("every text comes back from a parser, in an attribute and between tags", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const parsed = parseXml(element("a", { b: text }, `<c>${xmlText(text)}</c>`));
      expect(parsed.attributes["b"]).toBe(holdable(text));
      expect(parsed.children[0]?.text).toBe(holdable(text));
    }),
    { numRuns: 1_000 },
  );
});

test("whatever a finding says, the document is well-formed and holds one test", () => {
  fc.assert(
    fc.property(anyText, anyText, (name, text) => {
      const found = finding("k8s.secret-missing", "error", { kind: "Secret", name }, text, {
        evidence: [{ label: text, want: name, has: text }],
        fixes: [{ kind: "edit", text, safe: false }],
      });
      const root = parseXml(renderJunit(liveReport([result("ANT0201", { status: "fail", findings: [found] })]), TOOL));
      expect([root.attributes["tests"], root.attributes["failures"]]).toEqual(["1", "1"]);
      expect(elementsOf(root, "testcase").length).toBe(1);
    }),
    { numRuns: 300 },
  );
});
