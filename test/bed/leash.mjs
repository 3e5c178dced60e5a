// Runs programs for as long as its standard input is open: when the parent ends, however it ends, the pipe closes and
// everything here is killed. Each line of input is one program: {"bin", "args", "log"}; its process id is the answer.
import { spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";

const children = [];
const folder = process.argv[2];

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { bin, args, log, env } = JSON.parse(line);
    const out = openSync(log, "a");
    const child = spawn(bin, args, { stdio: ["ignore", out, out], env: { ...process.env, ...env } });
    children.push(child);
    process.stdout.write(`${child.pid}\n`);
  })
  .on("close", () => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    process.exit(0);
  });
// The group's Ctrl-C is the parent's to handle.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
