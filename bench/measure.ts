import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The bin of the published package. */
export const BIN = fileURLToPath(new URL("../build/package/bin/antfly-creds.js", import.meta.url));
const RUNS = 15;

/** Where a command runs, and with which environment. */
export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Milliseconds of a whole process, for each command line: the least of several runs after two that warm the caches. The
 * command lines take turns, so that a machine that is busy for a while slows all of them.
 */
export function timesOf(commands: readonly (readonly string[])[], { cwd, env }: Place, runs = RUNS): number[] {
  const least = commands.map(() => Infinity);
  for (let run = 0; run < runs + 2; run++) {
    commands.forEach((args, i) => {
      const start = performance.now();
      spawnSync(process.execPath, args, { cwd, env, stdio: "ignore" });
      if (run >= 2) least[i] = Math.min(least[i] ?? Infinity, performance.now() - start);
    });
  }
  return least;
}

/** The most memory that the process held at a time, as the operating system counts it. */
export function peakMiB(args: readonly string[], { cwd, env }: Place): number {
  const report = `process.on("exit", () => process._rawDebug("maxRSS " + process.resourceUsage().maxRSS))`;
  const probe = ["--import", `data:text/javascript,${encodeURIComponent(report)}`];
  const { stderr } = spawnSync(process.execPath, [...probe, BIN, ...args], {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  return Math.round(Number(/maxRSS (\d+)/.exec(stderr)?.[1]) / 1024);
}

/** Calls that a command says it sent. */
export function callsOf(args: readonly string[], { cwd, env }: Place): { kubernetes: number } {
  const { stdout } = spawnSync(process.execPath, [BIN, ...args, "-o", "json"], { cwd, env, encoding: "utf8" });
  return JSON.parse(stdout).calls;
}
