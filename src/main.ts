import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import v8 from "node:v8";

import { createFiles } from "./adapters/files.ts";
import { createTerminal } from "./adapters/terminal.ts";
import { UserError, type ExitCode } from "./domain/errors.ts";
import { Redactor } from "./domain/redact.ts";
import type { App } from "./ports.ts";
import { explainFailure } from "./program/explain-failure.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Composition root: builds the App from the process, runs the command, turns what was thrown into a message and an exit
 * code. `root` is the folder that holds package.json and docs/.
 */
export async function main(root: string, version: string): Promise<ExitCode> {
  const argv = process.argv.slice(2);
  const interrupt = new AbortController();
  const onSignal = (): void => {
    // Once: clean up and end. Again: the user does not want to wait for that.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  const { signal } = interrupt;
  const redactor = new Redactor();
  const color = argv.includes("--no-color") ? false : argv.includes("--color") ? true : undefined;
  const terminal = createTerminal({ streams: process, env: process.env, color, redactor, signal });
  const app = createApp(root, version, { terminal, redactor, signal });
  try {
    const { runProgram } = await import("./program.ts");
    const exitCode = await runProgram(argv, app);
    const lost = await terminal.lost();
    if (lost === undefined) return exitCode;
    throw new UserError("output", `standard output cannot be written (${lost})`);
  } catch (error) {
    return explainFailure(error, app, argv);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
    terminal.close();
  }
}

function createApp(root: string, version: string, io: Pick<App, "terminal" | "redactor" | "signal">): App {
  const { env } = process;
  const { redactor, signal } = io;
  return {
    ...io,
    files: createFiles(process.cwd()),
    cwd: process.cwd(),
    version,
    configuration: {
      named: env["ANTFLY_CREDS_CONFIG"] || undefined,
      userFile: userFile(env),
      noCloud: env["ANTFLY_CREDS_CLOUD"] === "off",
    },
    pages: join(root, "docs", "checks"),
    now: () => new Date(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    // What is thrown away soon is looked for more often: a fifth of the memory for a fifth of the time.
    spareMemory: () => v8.setFlagsFromString("--semi-space-growth-factor=1"),
    sleep: async (milliseconds) => {
      await delay(milliseconds, undefined, { signal }).catch(() => {});
    },
    kube: async (selection) => {
      const { connectKube } = await import("./adapters/kube.ts");
      return connectKube(selection, { env, redactor, signal });
    },
    awsProfile: async (name) => {
      const { readAwsProfile } = await import("./adapters/aws-profile.ts");
      return readAwsProfile(name, { env, redactor });
    },
    aws: async (selection) => {
      const { connectAws } = await import("./adapters/aws.ts");
      return connectAws(selection, { env, redactor, signal });
    },
    google: async (selection) => {
      const { connectGoogle } = await import("./adapters/google.ts");
      return connectGoogle(selection, { env, redactor, signal });
    },
  };
}

function userFile(env: NodeJS.ProcessEnv): string | undefined {
  const folder = env["XDG_CONFIG_HOME"] || (env["HOME"] ? join(env["HOME"], ".config") : undefined);
  return folder === undefined ? undefined : join(folder, "antfly-creds", "config.yaml");
}
