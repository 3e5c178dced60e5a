import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { createFiles } from "../../src/adapters/files.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "antfly-creds-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a pipe or a device is written into, and no file takes its place", async () => {
  execFileSync("sh", ["-c", 'mkfifo "$0"', join(folder, "pipe")]);
  const files = createFiles(folder);
  const read = files.read("pipe");
  await files.write("pipe", Buffer.from("hello"));
  expect(Buffer.from(await read).toString()).toBe("hello");
  expect(statSync(join(folder, "pipe")).isFIFO()).toBe(true);
});

test("a link stays one, and what it leads to is written", async () => {
  writeFileSync(join(folder, "real"), "old");
  symlinkSync("real", join(folder, "link"));
  await createFiles(folder).write("link", Buffer.from("new"));
  expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, "real"), "utf8")).toBe("new");
});

test("a device that never ends is not read to its end", async () => {
  await expect(createFiles(folder).read("/dev/zero")).rejects.toThrow("/dev/zero is larger than 64 MiB");
});
