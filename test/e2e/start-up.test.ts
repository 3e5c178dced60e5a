import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { BIN } from "../support/run-bin.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const HEAVY =
  /node_modules\/(@kubernetes|@aws-sdk|@smithy|@google-cloud|google-auth-library|gaxios|gcp-metadata|google-logging-utils|@clack|chalk|zod|undici)/;

/** The modules that a command of the sources loads. */
function loadedBy(args: readonly string[], exits = 0): string[] {
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-imports-"));
  try {
    const log = join(folder, "log");
    writeFileSync(log, "");
    writeFileSync(join(folder, "c.yaml"), "kind: AntflyCluster\nmetadata: {name: c1}\nspec: {}\n");
    writeFileSync(join(folder, "trust.json"), '{"Version": "2012-10-17", "Statement": []}');
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
    expect(status).toBe(exits);
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

test("trust-policy --check of a file loads no SDK", () => {
  const args = ["trust-policy", "--check", "trust.json", "--issuer", "a.example", "--subject", "a/b", "-o", "json"];
  expect(loadedBy(args, 3).filter((url) => HEAVY.test(url))).toEqual([]);
});

test.each<[readonly string[], number]>([
  [["hash", "-f", "c.yaml"], 0],
  // A cluster without credentials fails.
  [["validate", "c.yaml"], 3],
  [["preflight", "--offline", "c.yaml"], 3],
])("%j asks no cloud, and loads nothing to ask one with", (args, exits) => {
  expect(
    loadedBy(args, exits).filter((url) => /node_modules\/(@aws-sdk|@smithy|google-auth-library|gaxios)/.test(url)),
  ).toEqual([]);
});

describe("the code cache", () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "antfly-creds-cache-"))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const help = (more: Readonly<Record<string, string>> = {}): string => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, ...more };
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "--help"], {
      cwd: home,
      env,
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    return stdout;
  };
  const files = (): string[] =>
    readdirSync(join(home, ".cache"), { recursive: true, encoding: "utf8", withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  test("is written once, for its owner alone", () => {
    help();
    const before = files().map((file) => [file, statSync(file).mtimeMs, statSync(file).mode & 0o777]);
    expect(before.length).toBeGreaterThan(0);
    expect(new Set(before.map(([, , mode]) => mode))).toEqual(new Set([0o600]));
    help();
    expect(files().map((file) => [file, statSync(file).mtimeMs, statSync(file).mode & 0o777])).toEqual(before);
  });

  test.each<[string, (code: Buffer) => Buffer]>([
    ["cut short", (code) => code.subarray(0, code.length / 3)],
    ["emptied", () => Buffer.alloc(0)],
    ["garbage", (code) => Buffer.from(code.map((byte) => byte ^ 0x5a))],
    [
      "damaged in one byte",
      (code) => Buffer.from(code.map((byte, i) => (i === code.length >> 2 ? byte ^ 0xff : byte))),
    ],
  ])("is made anew when it was %s", (_, damage) => {
    const wanted = help();
    for (const file of files()) writeFileSync(file, damage(readFileSync(file)));
    expect(help()).toBe(wanted);
    for (const file of files()) expect(readFileSync(file).length).toBeGreaterThan(100);
  });

  test("is done without where there can be none", () => {
    const wanted = help({ XDG_CACHE_HOME: "/proc/self" });
    writeFileSync(join(home, "file"), "");
    expect(help({ XDG_CACHE_HOME: join(home, "file") })).toBe(wanted);
    expect(help({ XDG_CACHE_HOME: "relative" })).toBe(wanted);
    expect(readdirSync(home)).toEqual(["file"]);
  });
});
