import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expectNoCanary } from "./canaries.ts";
import { expectValid } from "./schemas.ts";

/** The bin of the built package. */
export const BIN = fileURLToPath(new URL("../../build/package/bin/antfly-creds.js", import.meta.url));

export interface BinRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON; throws when it is none, and fails when it is a document that does not fit its schema. */
  // oxlint-disable-next-line typescript/no-explicit-any -- documents of any command
  readonly json: any;
}

export interface BinOptions {
  /** Kubeconfig YAML; without one there is none. */
  readonly kubeconfig?: string;
  /** What the command reads from standard input; nothing by default, and then it is closed. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Files below the working directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Called with the working directory before the run. */
  readonly before?: (cwd: string) => void;
  /** Called with the running process, for example to interrupt it. */
  readonly during?: (child: ChildProcess) => void;
  /** Looks at the working directory before it is removed. */
  readonly after?: (cwd: string) => void;
}

/**
 * Runs the built bin as a user would, in an empty home and working directory, and checks that no canary is in its
 * output or its arguments.
 */
export function runBin(args: readonly string[], options: BinOptions = {}): Promise<BinRun> {
  return inEmptyHome(args, options, ({ cwd, env }) => {
    const child = spawn(process.execPath, [BIN, ...args], { cwd, env, stdio: "pipe" });
    options.during?.(child);
    return finished(child, options.stdin ?? "");
  });
}

interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What `run` does in an empty home; no canary may be in the arguments or in what comes of it. */
export async function inEmptyHome(
  args: readonly string[],
  options: BinOptions,
  run: (place: Place) => Promise<BinRun>,
): Promise<BinRun> {
  const home = mkdtempSync(join(tmpdir(), "antfly-creds-home-"));
  try {
    const cwd = join(home, "work");
    mkdirSync(cwd);
    for (const [name, content] of Object.entries(options.files ?? {})) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), content);
    }
    options.before?.(cwd);
    const kubeconfig = join(home, "kubeconfig");
    if (options.kubeconfig !== undefined) writeFileSync(kubeconfig, options.kubeconfig, { mode: 0o600 });
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      LANG: "C.UTF-8",
      XDG_CACHE_HOME: CACHE,
      // A test that asks a cloud says which.
      ANTFLY_CREDS_CLOUD: "off",
      // The machine that a test runs on is not asked who it is.
      METADATA_SERVER_DETECTION: "none",
      ...(options.kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
      ...options.env,
    };
    expectNoCanary(args.join(" "), "the arguments");
    const ended = await run({ cwd, env });
    expectNoCanary(ended.stdout, "stdout");
    expectNoCanary(ended.stderr, "stderr");
    options.after?.(cwd);
    return ended;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Shared by all runs, so that the compile cache is warm. */
export const CACHE = fileURLToPath(new URL("../../build/cache", import.meta.url));

function finished(child: ChildProcess, stdin: string): Promise<BinRun> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  child.stdin?.on("error", () => {});
  child.stdin?.end(stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve(runOf(code, stdout, stderr));
    });
  });
}

export function runOf(code: number | null, stdout: string, stderr: string): BinRun {
  return {
    code,
    stdout,
    stderr,
    get json() {
      const document = JSON.parse(stdout);
      if (typeof document.schema === "string") expectValid(document, document.schema);
      return document;
    },
  };
}
