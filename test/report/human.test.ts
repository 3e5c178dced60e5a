import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

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
});
