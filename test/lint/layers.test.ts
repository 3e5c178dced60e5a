import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, copyFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "antfly-creds-lint-"));
  copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the linter says of one file at this place. */
function lint(place: string, code: string): string {
  const file = join(folder, place);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  const { stdout } = spawnSync(process.execPath, [join(root, "node_modules/oxlint/bin/oxlint"), place], {
    cwd: folder,
    encoding: "utf8",
  });
  rmSync(file);
  return stdout;
}

test.each([
  ["src/domain/x.ts", 'import "../ports.ts";', "src/domain imports nothing but itself"],
  ["src/domain/env/x.ts", 'import "../../collect/live.ts";', "src/domain imports nothing but itself"],
  ["src/domain/x.ts", 'import "chalk";', "src/domain imports nothing but itself and @noble/hashes"],
  ["src/domain/x.ts", 'import "node:fs";', "src/domain imports nothing but itself and @noble/hashes"],
  ["src/checks/access/x.ts", 'import "../../collect/live.ts";', "checks, plans and reports know src/domain alone"],
  ["src/checks/access/x.ts", 'import "node:fs";', "checks, plans and reports are pure"],
  ["src/report/x.ts", 'import "chalk";', "checks, plans and reports are pure"],
  ["src/plans/x.ts", 'import "../apply/run.ts";', "checks, plans and reports know src/domain alone"],
  ["src/collect/x.ts", 'import "@kubernetes/client-node";', "an SDK is imported in src/adapters only"],
  ["src/apply/x.ts", 'import "../commands/doctor.ts";', "collect and apply know src/domain and src/ports.ts"],
  ["src/commands/x.ts", 'import "../adapters/kube.ts";', "commands reach the world through App"],
  ["src/adapters/x.ts", 'import "../commands/doctor.ts";', "adapters know src/ports.ts, src/domain and one SDK"],
  ["src/collect/x.ts", "export const cwd = process.cwd();", "only main.ts touches the process"],
  ["src/commands/x.ts", 'console.log("x");', "console"],
])("%s: %s is refused", (place, code, text) => {
  expect(lint(place, code)).toContain(text);
});

test("what is allowed is not refused", () => {
  expect(
    lint("src/domain/x.ts", 'import { sha256 } from "@noble/hashes/sha2.js";\nexport const x = sha256;\n'),
  ).not.toContain("no-restricted");
  expect(
    lint("src/checks/access/x.ts", 'import { finding } from "../../domain/finding.ts";\nexport const x = finding;\n'),
  ).not.toContain("no-restricted");
});
