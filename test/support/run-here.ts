import { connectKube } from "../../src/adapters/kube.ts";
import { createFiles } from "../../src/adapters/files.ts";
import type { App } from "../../src/ports.ts";
import { runProgram } from "../../src/program.ts";
import { explainFailure } from "../../src/program/explain-failure.ts";
import { inEmptyHome, runOf, type BinOptions, type BinRun } from "./run-bin.ts";
import { testApp, type TestApp } from "./test-app.ts";

/**
 * As `runBin`, in this process: the command tree over the real adapters, without the start of a process, which takes longer
 * than most commands. For tables of cases; that the bin does the same is asked beside them.
 */
export function runHere(
  args: readonly string[],
  options: Omit<BinOptions, "during" | "stdin"> = {},
  overrides: Partial<App> = {},
): Promise<BinRun> {
  return inEmptyHome(args, options, async ({ cwd, env }) => {
    const base = testApp("", {}, env);
    const { redactor, signal } = base;
    const app: TestApp = {
      ...base,
      // The kubeconfig is that of the environment, as it is for the bin.
      kube: async (selection) => connectKube(selection, { env, redactor, signal }),
      cwd,
      files: createFiles(cwd),
      configuration: { ...base.configuration, noCloud: env["ANTFLY_CREDS_CLOUD"] === "off" },
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      ...overrides,
    };
    const code = await runProgram(args, app).catch((error: unknown) => explainFailure(error, app, args));
    return runOf(code, app.printed.out, app.printed.err);
  });
}
