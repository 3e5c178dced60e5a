#!/usr/bin/env node
// Plain CommonJS that an old Node can parse: it must get as far as saying that it is too old. And a short command's start is
// a tenth shorter, because `require` of a built-in module loads less than `import` of it.
"use strict";
const { existsSync, readFileSync } = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");
const [major, minor] = process.versions.node.split(".").map(Number);
const argv = process.argv.slice(2);

if (major > 22 || (major === 22 && minor >= 21)) void start();
else process.exitCode = handOver();

async function start() {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`${version}\n`);
    return;
  }
  const bundle = path.join(root, "dist");
  const { main } = existsSync(bundle)
    ? require("./load-bundle.js")(bundle, cacheFolder())
    : await import("../src/main.ts");
  process.exitCode = await main(root, version);
}

/** In a clone the project's own Node takes over. */
function handOver() {
  const local = path.join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
  if (
    existsSync(path.join(root, "src", "main.ts")) &&
    existsSync(local) &&
    process.env.ANTFLY_CREDS_HANDED_OVER === undefined
  ) {
    const env = Object.assign({}, process.env, { ANTFLY_CREDS_HANDED_OVER: "1" });
    const child = require("node:child_process").spawnSync(local, [__filename, ...argv], { stdio: "inherit", env });
    return child.status === null ? 1 : child.status;
  }
  process.stderr.write(`error: antfly-creds needs Node 22.21 or newer; this is ${process.versions.node}\n`);
  return 2;
}

/** Undefined where it would not be a folder of the user's own. */
function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || path.join(process.env.HOME || require("node:os").homedir(), ".cache");
  if (!path.isAbsolute(base) || base.startsWith("/proc")) return undefined;
  return path.join(base, "antfly-creds", "compile", `${process.version}-${process.arch}`);
}
