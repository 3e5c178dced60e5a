import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { spawn } from "@lydell/node-pty";

import { expectNoCanary } from "./canaries.ts";
import { BIN, CACHE } from "./run-bin.ts";

export interface PersonOptions {
  /** Folders with kubectl and aws. */
  readonly tools: readonly string[];
  /** Kubeconfig YAML. */
  readonly kubeconfig: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What is typed when a text stands on the screen. */
export type Answers = Readonly<Record<string, string>>;

const LONGEST_MS = 60_000;
/** Of antfly-creds, of bash, of the AWS CLI. */
const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([1, 2, 126, 127, 252]);

/** Somebody at a terminal who has `antfly-creds`, `kubectl` and `aws` in PATH, and pastes what is printed into a shell. */
export class Person {
  readonly #home = mkdtempSync(join(tmpdir(), "antfly-creds-person-"));
  readonly #env: Readonly<Record<string, string>>;

  constructor({ tools, kubeconfig, env }: PersonOptions) {
    const bin = join(this.#home, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "antfly-creds"), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
    chmodSync(join(bin, "antfly-creds"), 0o755);
    writeFileSync(join(this.#home, "kubeconfig"), kubeconfig, { mode: 0o600 });
    this.#env = {
      PATH: [bin, ...tools, "/usr/local/bin:/usr/bin:/bin"].join(":"),
      HOME: this.#home,
      KUBECONFIG: join(this.#home, "kubeconfig"),
      XDG_CACHE_HOME: CACHE,
      LANG: "C.UTF-8",
      TERM: "xterm",
      ...env,
    };
  }

  /**
   * Pastes a line into bash, and resolves to what the screen showed.
   * @throws Error with the screen when it does not end, or not with 0
   */
  async enters(line: string, answers: Answers = {}): Promise<string> {
    const { code, screen } = await this.#pastes(line, answers);
    if (code !== 0) throw new Error(`exit ${code} of: ${line}\n${screen}`);
    return screen;
  }

  /**
   * Pastes a line that only looks: that what it looks for is not there is an answer, too.
   * @throws Error when the shell does not find the program, or the program does not understand the line
   */
  async looks(line: string): Promise<void> {
    const { code, screen } = await this.#pastes(line, {});
    if (NOT_UNDERSTOOD.has(code)) throw new Error(`exit ${code} of: ${line}\n${screen}`);
  }

  async #pastes(line: string, answers: Answers): Promise<{ code: number; screen: string }> {
    const options = { cols: 200, rows: 50, cwd: this.#home, env: { ...this.#env } };
    const terminal = spawn("bash", ["-c", line], options);
    const open = new Map(Object.entries(answers));
    let screen = "";
    terminal.onData((data) => {
      screen += data;
      for (const [text, answer] of open) {
        if (!screen.includes(text)) continue;
        open.delete(text);
        terminal.write(answer);
      }
    });
    const timer = setTimeout(() => terminal.kill("SIGKILL"), LONGEST_MS);
    const code = await new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    clearTimeout(timer);
    expectNoCanary(screen, "the terminal");
    return { code, screen };
  }

  leaves(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
