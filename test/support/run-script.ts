import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { expectNoCanary } from "./canaries.ts";
import { BIN } from "./run-bin.ts";

export interface ScriptOptions {
  readonly kubeconfig?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ScriptRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Names of the files that it left in its folder of reports. */
  readonly reports: readonly string[];
  readonly sarif: string;
  /** What it wrote to GITHUB_STEP_SUMMARY. */
  readonly summary: string;
}

/** Runs a shell script of `examples/ci/` as a CI would, with the built bin. */
export async function runScript(
  script: string,
  args: readonly string[],
  { kubeconfig = "", files = {}, env = {} }: ScriptOptions,
): Promise<ScriptRun> {
  const home = mkdtempSync(join(tmpdir(), "antfly-creds-ci-"));
  try {
    for (const [name, content] of Object.entries({ ...files, "../kubeconfig": kubeconfig })) {
      const path = join(home, "work", name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content, { mode: 0o600 });
    }
    const summary = join(home, "summary.md");
    const reports = join(home, "work", "preflight-reports");
    const run = await finished("sh", [script, ...args], {
      cwd: join(home, "work"),
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: home,
        KUBECONFIG: join(home, "kubeconfig"),
        ANTFLY_CREDS: `${process.execPath} ${BIN}`,
        GITHUB_STEP_SUMMARY: summary,
        ...env,
      },
    });
    const names = existsSync(reports) ? readdirSync(reports).sort() : [];
    for (const name of names) expectNoCanary(readFileSync(join(reports, name), "utf8"), name);
    return {
      code: run.code,
      stdout: run.stdout,
      stderr: run.stderr,
      reports: names,
      sarif: names.includes("preflight.sarif") ? readFileSync(join(reports, "preflight.sarif"), "utf8") : "",
      summary: existsSync(summary) ? readFileSync(summary, "utf8") : "",
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Not in step with this process: the server that the script asks may be in it. */
function finished(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { ...options, encoding: "utf8" }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
