#!/usr/bin/env node
// Plain JavaScript that an old Node can parse: it must get as far as saying that it is too old.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 21)) {
  enableCompileCache();
  const bundle = join(root, "dist", "main.js");
  const { main } = await import(existsSync(bundle) ? bundle : join(root, "src", "main.ts"));
  process.exitCode = await main(root);
} else {
  process.exitCode = handOver();
}

/** In a clone the project's own Node takes over. */
function handOver() {
  const local = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
  if (
    existsSync(join(root, "src", "main.ts")) &&
    existsSync(local) &&
    process.env.ANTFLY_CREDS_HANDED_OVER === undefined
  ) {
    const env = Object.assign({}, process.env, { ANTFLY_CREDS_HANDED_OVER: "1" });
    const child = spawnSync(local, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
      stdio: "inherit",
      env,
    });
    return child.status === null ? 1 : child.status;
  }
  process.stderr.write(`error: antfly-creds needs Node 22.21 or newer; this is ${process.versions.node}\n`);
  return 2;
}

/** Saves a good part of the start; does without where the folder cannot be had. */
function enableCompileCache() {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  if (!isAbsolute(base) || base.startsWith("/proc")) return;
  const folder = join(base, "antfly-creds", "compile");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    module.enableCompileCache(folder);
  } catch {
    // Slower, and no less right.
  }
}
