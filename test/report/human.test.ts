import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { finding, safeCommand } from "../../src/domain/finding.ts";
import type { Report, Result } from "../../src/domain/report.ts";
import { PLAIN, type Style } from "../../src/domain/style.ts";
import { renderHuman } from "../../src/report/human.ts";

const GOLDEN = fileURLToPath(new URL("golden/", import.meta.url));

const result = (code: `ANT${number}`, more: Partial<Result>): Result => ({
  ...{
    code,
    slug: "x",
    title: `Title of ${code}`,
    area: "references",
    required: true,
    status: "pass",
    findings: [],
    rootCause: false,
  },
  ...{ explains: [], blockedBy: [], unknown: [], suppressed: [], skipReason: undefined },
  ...more,
});

const missing = finding(
  "k8s.secret-missing",
  "critical",
  { kind: "Secret", namespace: "production", name: "keys" },
  "Secret keys does not exist in namespace production",
  {
    evidence: [
      { label: "read by", has: "metadata nodes, data nodes" },
      { label: "AWS_REGION", want: "set", has: "not set" },
    ],
    fixes: [
      { kind: "command", text: "antfly-creds init secret search -n production", safe: false },
      { kind: "edit", text: "or create it by hand", safe: false },
    ],
  },
);
const grant = { group: "", resource: "pods", verb: "list", scope: "namespace" } as const;

const of = (results: readonly Result[]): Report => ({
  source: { mode: "live", context: "prod", paths: [], takenAt: undefined },
  targets: [
    {
      target: { id: "t1", scope: "cluster", context: "prod", namespace: "production", cluster: "search" },
      overview: { pods: { metadata: 3, data: 4 }, generation: 2, image: "antfly" },
      results,
    },
  ],
  calls: { kubernetes: 9 },
  exitCode: 3,
});

const REPORT = of([
  result("ANT0101", { area: "access" }),
  result("ANT0201", { status: "fail", rootCause: true, findings: [missing], explains: ["ANT0202"] }),
  result("ANT0202", { status: "blocked", blockedBy: ["ANT0201"] }),
  result("ANT0205", { status: "skip", skipReason: "nothing to compare" }),
  result("ANT0206", {
    status: "warn",
    findings: [
      finding(
        "k8s.component-mismatch",
        "warning",
        { kind: "AntflyCluster", namespace: "production", name: "search" },
        "The groups differ",
      ),
    ],
  }),
  result("ANT0701", {
    area: "rollout",
    status: "unknown",
    unknown: [
      {
        what: "Pods",
        why: 'pods is forbidden: User "dev" cannot list',
        grant,
        fix: safeCommand`antfly-creds permissions search -n production --for ANT0701`,
      },
    ],
  }),
]);

describe("the human report", () => {
  const ascii: Style = { ...PLAIN, unicode: false };
  const paint = {
    red: (t: string) => `<r>${t}</r>`,
    yellow: (t: string) => `<y>${t}</y>`,
    green: (t: string) => `<g>${t}</g>`,
    cyan: (t: string) => `<c>${t}</c>`,
    bold: (t: string) => `<b>${t}</b>`,
    dim: (t: string) => `<d>${t}</d>`,
  };

  test.each([
    ["plain", PLAIN, {}],
    ["ascii", ascii, {}],
    ["painted", { paint, unicode: true }, {}],
    ["quiet", PLAIN, { quiet: true }],
    ["verbose", PLAIN, { verbose: true }],
  ])("%s", async (name, style, options) => {
    const text = renderHuman(REPORT, style, { quiet: false, verbose: false, ...options });
    await expect(text).toMatchFileSnapshot(`${GOLDEN}report-${name}.txt`);
  });

  test("text from the cluster cannot forge a line or move the cursor", () => {
    const forged = finding(
      "k8s.secret-missing",
      "error",
      { kind: "Secret", name: "x\u001b[2J" },
      "one\n✓ all is well",
      { evidence: [{ label: "\u001b[31m", has: "\u001b]0;x\u0007" }] },
    );
    const text = renderHuman(of([result("ANT0201", { status: "fail", findings: [forged] })]), PLAIN, {
      quiet: false,
      verbose: false,
    });
    expect(text).not.toContain("\u001b");
    expect(text).toContain("one ✓ all is well");
  });

  test("a thousand pieces of evidence are not printed", () => {
    const many = {
      ...missing,
      evidence: Array.from({ length: 1_000 }, (_, i) => ({ label: `pod p-${i}`, has: "waits" })),
    };
    const text = renderHuman(of([result("ANT0201", { status: "fail", findings: [many] })]), PLAIN, {
      quiet: true,
      verbose: false,
    });
    expect(text.split("\n").length).toBeLessThan(30);
    expect(text).toContain("and 988 more; -o json has them all");
  });
});
