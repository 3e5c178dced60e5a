import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { createFiles } from "../../src/adapters/files.ts";
import { CHECKS } from "../../src/checks/index.ts";
import { explain } from "../../src/commands/explain.ts";
import { testApp } from "../support/test-app.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const lines = (text: string): string[] => text.trim().split("\n");

/** Ids of the failure catalogue: ways in which credentials break. */
const CATALOGUE = lines(read("test/support/catalogue.txt"));
const DECLARED = CHECKS.flatMap(({ causes }) => causes);

/** Cause → why no check finds it by this name yet. */
const LATER: (readonly [string, string])[] = [];
const { same, "no-failure": noFailure, ...groups } = parse(read("docs/causes-later.yaml"));
LATER.push(...Object.entries<string>(same), ...Object.entries<string>(noFailure));
for (const { reason, causes } of Object.values<{ reason: string; causes: string[] }>(groups))
  LATER.push(...causes.map((cause) => [cause, reason] as const));

const later = LATER.map(([cause]) => cause);

describe("the causes", () => {
  test("every one of the catalogue is listed, with the check that finds it or the reason why none does", () => {
    const rows = lines(read("docs/causes.md")).filter((line) => line.startsWith("| `"));
    const listed = new Map(rows.map((row) => [/`([^`]+)`/.exec(row)?.[1], row.split("|").map((cell) => cell.trim())]));
    expect(CATALOGUE.filter((cause) => !listed.has(cause))).toEqual([]);
    for (const [cause, [, , check = "", , reason = ""]] of listed)
      expect([cause, check !== "", reason !== ""]).toEqual([cause, check !== "", check === ""]);
  });

  test("each is declared by checks, or listed for later, once", () => {
    for (const list of [CATALOGUE, later, ...CHECKS.map(({ causes }) => causes)])
      expect(list).toEqual([...new Set(list)]);
    expect(later.filter((cause) => DECLARED.includes(cause))).toEqual([]);
  });

  test("what is listed for later is of the catalogue, and has a reason that can be read", () => {
    expect(later.filter((cause) => !CATALOGUE.includes(cause))).toEqual([]);
    for (const [cause, other] of Object.entries(same)) expect(DECLARED, cause).toContain(other);
    for (const [cause, reason] of LATER)
      if (!(cause in same)) expect(reason.split(" ").length, `${cause}: ${reason}`).toBeGreaterThan(4);
  });

  test.each(CHECKS.map((check) => [check.code, check] as const))("explain tells of each of %s", async (code, check) => {
    const app = testApp("", { files: createFiles(root), pages: `${root}docs/checks` });
    for (const cause of check.causes) {
      app.printed.out = "";
      expect(await explain(cause, app)).toBe(0);
      const start = `${code} ${check.title}\n\n## \`${cause}\`\n\n`;
      expect(app.printed.out).toContain(start);
      const text = app.printed.out.split(start)[1]?.split("\n\nANT")[0] ?? "";
      expect(text.trim().length, `what is said of ${cause}`).toBeGreaterThan(30);
    }
  });
});
