import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { finding } from "../../src/domain/finding.ts";
import { printable } from "../../src/domain/text.ts";
import { renderGithub } from "../../src/report/github.ts";
import { anyText } from "../support/any-text.ts";
import { FILES, LIVE, liveReport, REPORTS, result } from "../support/reports.ts";
import { obeyed } from "../support/workflow-commands.ts";

describe.each(Object.entries(REPORTS))("the report %s", (_, report) => {
  const commands = obeyed(renderGithub(report));

  test("is an annotation for each finding and each answer that is missing, and a line that is none", () => {
    const results = report.targets.flatMap((target) => target.results);
    const expected = results.flatMap((one) => [...one.findings, ...one.unknown]).length;
    const leftOut = results.filter(({ blockedBy }) => blockedBy.includes("ANT0102")).length;
    expect(commands.filter((command) => command !== undefined).length).toBe(expected + leftOut);
    expect(commands.at(-1)).toBeUndefined();
  });
});

test("root causes come first, then warnings; what could not be told and had to be is an error", () => {
  const commands = obeyed(renderGithub(LIVE));
  expect(commands.map((one) => [one?.command, one?.properties["title"]?.slice(0, 7)])).toEqual([
    ["error", "ANT0201"],
    ["warning", "ANT0206"],
    ["error", "ANT0701"],
    [undefined, undefined],
  ]);
});

test("what was accepted, or is not required, is a warning", () => {
  const unknown = [{ what: "pods", why: "it was refused" }];
  const policy = { failOn: "error", allowUnknown: ["ANT0201"] } as const;
  const report = liveReport(
    [
      result("ANT0201", { status: "unknown", unknown }),
      result("ANT0202", { status: "unknown", required: false, unknown }),
    ],
    policy,
  );
  expect(obeyed(renderGithub(report)).map((one) => one?.command)).toEqual(["warning", "warning", undefined]);
});

test("the file, line and column of a finding that has them, and no file otherwise", () => {
  const [first, , third] = obeyed(renderGithub(FILES));
  expect(first?.properties).toMatchObject({ file: "deploy/my app.yaml", line: "7", col: "3" });
  expect(Object.keys(third?.properties ?? {})).toEqual(["title"]);
});

test("no text makes a command of its own, or becomes another one than it is", () => {
  fc.assert(
    fc.property(anyText, anyText, (name, text) => {
      const found = {
        ...finding("k8s.secret-missing", "error", { kind: "Secret", name }, text, {
          evidence: [{ label: text, want: name }],
          fixes: [{ kind: "edit", text, safe: false }],
        }),
        location: { file: `a${name}`, line: 1, column: 2 },
      };
      const broken = result("ANT0201", {
        title: text,
        status: "fail",
        findings: [found],
        unknown: [{ what: "", why: text }],
      });
      const [one, two, ...rest] = obeyed(renderGithub(liveReport([broken])));
      expect(one?.command).toBe("error");
      expect(one?.properties).toMatchObject({ line: "1", col: "2" });
      expect(Object.keys(one?.properties ?? {})).toEqual(["file", "line", "col", "title"]);
      expect(one?.data.split("\n")[0]).toBe(printable(text));
      expect(two?.data).toBe(`Could not tell: ${printable(text)}`);
      expect(rest).toEqual([undefined]);
    }),
    { numRuns: 1_000 },
  );
});
