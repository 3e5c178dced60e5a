// Runs before `npm test` and `npm run demo`, under whatever Node started npm (18 or newer): installs what the lockfile
// says when that is not there yet. Plain JavaScript without dependencies.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const installed = join(root, "node_modules", ".package-lock.json");

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, "package-lock.json")).mtimeMs) {
  process.stderr.write("installing what package-lock.json says (npm ci)\n");
  npm("ci", "--loglevel=error");
}
// npm 10 drops the link of the Node that an optional dependency brings.
if (!existsSync(join(root, "node_modules", ".bin", "node"))) npm("rebuild", "--ignore-scripts", "--loglevel=error");

const version = spawnSync("node", ["--version"], { cwd: root, encoding: "utf8" }).stdout.trim();
const [major, minor] = version.slice(1).split(".").map(Number);
if (!(major > 22 || (major === 22 && minor >= 21))) {
  fail(`the scripts would run under Node ${version}; they need 22.21 or newer, and no ready-made one fits this system`);
}

function npm(...args) {
  const cli = process.env.npm_execpath;
  const [command, prefix] = cli === undefined ? ["npm", []] : [process.execPath, [cli]];
  const result = spawnSync(command, [...prefix, ...args], { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.status !== 0) fail(`npm ${args[0]} failed`);
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
