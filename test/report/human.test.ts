import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { CHECKS } from "../../src/checks/index.ts";
import { finding } from "../../src/domain/finding.ts";
import { PLAIN, type Style } from "../../src/domain/style.ts";
import { renderHuman } from "../../src/report/human.ts";
import { LIVE, liveReport, missing, result } from "../support/reports.ts";

const GOLDEN = fileURLToPath(new URL("golden/", import.meta.url));

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
    const text = renderHuman(LIVE, style, { quiet: false, verbose: false, ...options });
    await expect(text).toMatchFileSnapshot(`${GOLDEN}report-${name}.txt`);
  });

  test.each([...new Set(CHECKS.map(({ area }) => area))])("what passed is counted: %s", (area) => {
    const targets = LIVE.targets.map((target) => ({
      ...target,
      results: [result("ANT0101", { area, status: "pass" })],
    }));
    const text = renderHuman({ ...LIVE, targets }, PLAIN, { quiet: false, verbose: false });
    expect(text).toMatch(/^ {2}✓ \S.* 1 passed$/m);
  });

  test.each([
    [{ swarm: 1 }, "1 swarm pod ·"],
    [{ swarm: 0 }, "0 swarm pods ·"],
    [{ metadata: 1, data: 1 }, "1 metadata + 1 data pods ·"],
  ])("the pods that were looked at: %j", (pods, text) => {
    const targets = LIVE.targets.map((target) => ({ ...target, overview: { ...target.overview, pods } }));
    expect(renderHuman({ ...LIVE, targets }, PLAIN, { quiet: true, verbose: false })).toContain(text);
  });

  test("text from the cluster cannot forge a line or move the cursor", () => {
    const forged = finding(
      "k8s.secret-missing",
      "error",
      { kind: "Secret", name: "x\u001b[2J" },
      "one\n✓ all is well",
      { evidence: [{ label: "\u001b[31m", has: "\u001b]0;x\u0007" }] },
    );
    const text = renderHuman(liveReport([result("ANT0201", { status: "fail", findings: [forged] })]), PLAIN, {
      quiet: false,
      verbose: false,
    });
    expect(text).not.toContain("\u001b");
    expect(text).toContain("one ✓ all is well");
  });

  test("what is worth knowing does not hide what could not be told", () => {
    const note = finding("values.note", "info", { kind: "Secret", name: "keys" }, "It has an extra key");
    const half = result("ANT0201", {
      status: "info",
      findings: [note],
      unknown: [{ what: "x", why: "it was refused" }],
    });
    const text = renderHuman(liveReport([half]), PLAIN, { quiet: false, verbose: false });
    expect(text).toContain("? ANT0201  Title of ANT0201: could not tell: it was refused");
    expect(text).toContain("0 passed · 0 failed · 1 unknown     9 Kubernetes calls · exit 5");
  });

  test("a thousand pieces of evidence are not printed", () => {
    const many = {
      ...missing,
      evidence: Array.from({ length: 1_000 }, (_, i) => ({ label: `pod p-${i}`, has: "waits" })),
    };
    const text = renderHuman(liveReport([result("ANT0201", { status: "fail", findings: [many] })]), PLAIN, {
      quiet: true,
      verbose: false,
    });
    expect(text.split("\n").length).toBeLessThan(30);
    expect(text).toContain("and 988 more; -o json has them all");
  });

  test("one reason that holds back many required checks is told; of the others the codes, or their number", () => {
    const skipped = (n: number, skipReason: string, required: boolean): ReturnType<typeof result> =>
      result(`ANT${n}`, { status: "skip", skipReason, required });
    const sealed = [201, 202, 203, 204, 205].map((n) => skipped(n, "Secret keys is not among the files", true));
    const told = (others: number): string =>
      renderHuman(
        liveReport([...sealed, ...Array.from({ length: others }, (_, i) => skipped(700 + i, `reason ${i}`, false))]),
        PLAIN,
        { quiet: false, verbose: false },
      );
    expect(told(2)).toContain(
      "  – 5 checks skipped: Secret keys is not among the files\n  – skipped: ANT700, ANT701 (-v",
    );
    expect(told(13)).toContain("  – skipped: 13 checks (-v says why)");
  });

  test("of a cluster that was not looked at one thing is said", () => {
    const why = { what: "server", why: "it cannot be reached" };
    const report = liveReport([
      result("ANT0101", { status: "unknown", unknown: [why] }),
      result("ANT0201", { status: "blocked", blockedBy: ["ANT0101"] }),
      result("ANT0901", { status: "skip", skipReason: "no files are judged here" }),
    ]);
    const [target] = report.targets;
    if (target === undefined) throw new Error("no target");
    const nowhere = { ...report, targets: [{ ...target, target: { ...target.target, cluster: undefined } }] };
    expect(renderHuman(nowhere, PLAIN, { quiet: false, verbose: false }).split("\n")).toEqual([
      "? ANT0101  Title of ANT0101: could not tell: it cannot be reached",
      "0 passed · 0 failed · 1 unknown · 1 blocked · 1 skipped     9 Kubernetes calls · exit 5",
      "",
    ]);
  });
});
