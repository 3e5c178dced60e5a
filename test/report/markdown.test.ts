import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { finding } from "../../src/domain/finding.ts";
import type { Report } from "../../src/domain/report.ts";
import { printable } from "../../src/domain/text.ts";
import { codeBlock, markdownText } from "../../src/report/markdown-text.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { pageOf } from "../../src/report/words.ts";
import { anyText } from "../support/any-text.ts";
import { contents, html, seen } from "../support/gfm.ts";
import { FILES, HOSTILE, LIVE, liveReport, missing, REPORTS, result } from "../support/reports.ts";

const OUR_TAGS =
  /<\/?(?:h[34]|p|table|thead|tbody|tr|th|td|br|pre|code|span|details|summary)>|<code class="language-sh">/g;
const OUR_LINK =
  /<a href="https:\/\/github\.com\/antflydb\/antfly-creds\/blob\/main\/docs\/checks\/ANT\d{4}\.md">ANT\d{4}<\/a>/g;

/** What is neither an element of ours, nor a link to a page of a check. */
const foreign = (document: string): string[] =>
  document
    .replaceAll(OUR_TAGS, "")
    .replaceAll(OUR_LINK, "")
    .match(/<[^>]*>?/g) ?? [];

/** What GitHub would still look for in a text, once the Markdown has been read: mentions, references, addresses. */
const REFERENCES = /@[\w-]|#\d|\bGH-\d|:\/\/|www\./i;
const outsideCode = (document: string): string =>
  document
    .replaceAll(/<pre>.*?<\/pre>/gs, "")
    .replaceAll(OUR_LINK, "")
    .replaceAll(/<[^>]*>/g, "");

const rowsOf = (report: Report): string[] =>
  contents(html(renderMarkdown(report)), "tbody").flatMap((body) => contents(body, "tr"));

describe.each(Object.entries(REPORTS))("the report %s", (_, report) => {
  const document = html(renderMarkdown(report));

  test("holds no element and no link that is not ours, and nothing that GitHub would make one of", () => {
    expect(foreign(document)).toEqual([]);
    expect(outsideCode(document)).not.toMatch(REFERENCES);
  });

  test("has a row for each problem, answer that is missing, suppressed finding, and other check", () => {
    const results = report.targets.flatMap((target) => target.results);
    const problems = results.flatMap(({ findings }) => findings.filter(({ status }) => status !== "info"));
    const rest = results.filter(({ status }) => ["pass", "info", "skip", "blocked"].includes(status));
    const leftOut = results.filter(({ blockedBy }) => blockedBy.includes("ANT0102"));
    const others = results.flatMap(({ unknown, suppressed }) => [...unknown, ...suppressed]);
    expect(rowsOf(report).length).toBe(problems.length + rest.length + leftOut.length + others.length);
  });
});

test("the verdict comes first, and the root cause before the rest", () => {
  const document = html(renderMarkdown(LIVE));
  expect(contents(document, "h3")).toEqual(["❌ antfly-creds: 1 problem, 1 warning, 1 could not be told"]);
  expect(rowsOf(LIVE)[0]).toContain(`<a href="${pageOf("ANT0201")}">`);
});

test("a fix can be pasted as it is", () => {
  const [live] = contents(html(renderMarkdown(LIVE)), "code");
  expect(seen(live ?? "")).toBe("antfly-creds init secret search -n production\n# or create it by hand\n");
  const [hostile] = contents(html(renderMarkdown(FILES)), "code");
  expect(seen(hostile ?? "")).toContain(`# ${printable(HOSTILE)}\n`);
});

test("every text is one cell, and is read as it was", () => {
  fc.assert(
    fc.property(anyText, anyText, (one, two) => {
      const document = html(`| a | b |\n| --- | --- |\n| ${markdownText(one)} | x${markdownText(two)} |`);
      expect(foreign(document)).toEqual([]);
      expect(contents(document, "td").map((cell) => seen(cell).trim())).toEqual([
        drawn(one).trim(),
        `x${drawn(two)}`.trim(),
      ]);
      expect(outsideCode(document)).not.toMatch(REFERENCES);
    }),
    { numRuns: 1_000 },
  );
});

/** A text as a page shows it. */
const drawn = (text: string): string => printable(text).replaceAll("\u200b", "");

test("no line ends a code block", () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), (lines) => {
      const document = html(`${codeBlock(lines)}\n\nafter`);
      const [code = ""] = contents(document, "code");
      expect(document.replace(code, "")).toBe('<pre><code class="language-sh"></code></pre>\n<p>after</p>');
      expect(seen(code)).toBe(lines.map((line) => `${drawn(line)}\n`).join(""));
    }),
    { numRuns: 500 },
  );
});

test("whatever a finding says, it is one row", () => {
  fc.assert(
    fc.property(anyText, anyText, (name, text) => {
      const found = finding("k8s.secret-missing", "error", { kind: "Secret", name }, text, {
        evidence: [{ label: text, want: name, has: text }],
        fixes: [{ kind: "edit", text, safe: false }],
      });
      const report = liveReport([result("ANT0201", { status: "fail", findings: [found] })]);
      expect(rowsOf(report).length).toBe(1);
      expect(foreign(html(renderMarkdown(report)))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("ten thousand problems fit into a comment, and what is left out is said", () => {
  const findings = Array.from({ length: 10_000 }, (_, i) => ({
    ...missing,
    subject: { kind: "Secret", namespace: "production", name: `${"@".repeat(60)}${i}` },
    fixes: [{ kind: "edit", text: `do ${i} ${"x".repeat(200)}`, safe: false } as const],
  }));
  const all = [
    result("ANT0201", {
      status: "fail",
      findings,
      unknown: findings.map(({ message }) => ({ what: "", why: message })),
    }),
    result("ANT0202", {
      suppressed: findings.map((one) => ({ finding: one, by: { reason: "", expires: undefined, from: "" } })),
    }),
    ...findings.map(() => result("ANT0203", {})),
  ];
  const text = renderMarkdown(liveReport(all));
  expect(text.length).toBeLessThan(65_536);
  expect(text).toMatch(/\d{4} more; -o json has them all/);
  expect(text).toContain("❌ antfly-creds: 10000 problems");
});
