import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const HEAVY = /node_modules\/(@kubernetes|@aws-sdk|@smithy|@google-cloud|@clack|chalk|zod|undici)/;

/** The modules that a command of the sources loads. */
function loadedBy(args: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-imports-"));
  try {
    const log = join(folder, "log");
    writeFileSync(log, "");
    writeFileSync(join(folder, "c.yaml"), "kind: AntflyCluster\nmetadata: {name: c1}\nspec: {}\n");
    const hook = join(root, "test/support/log-imports.mjs");
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", hook, join(root, "bin/antfly-creds.js"), ...args],
      {
        cwd: folder,
        encoding: "utf8",
        env: { PATH: process.env["PATH"] ?? "", HOME: folder, IMPORT_LOG: log },
      },
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return readFileSync(log, "utf8").split("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("--version loads no command line parser", () => {
  expect(loadedBy(["--version"]).filter((url) => url.includes("node_modules"))).toEqual([]);
});

test.each([[["--help"]], [["doctor", "--help"]], [["explain", "ANT0201"]], [["completion", "bash"]]])(
  "%j loads no SDK",
  (args) => {
    expect(loadedBy(args).filter((url) => HEAVY.test(url))).toEqual([]);
  },
);

test("hash -f loads no SDK, only what reads manifests", () => {
  const heavy = loadedBy(["hash", "-f", "c.yaml"]).filter((url) => HEAVY.test(url) && !url.includes("/zod/"));
  expect(heavy).toEqual([]);
});
