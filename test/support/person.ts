import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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

export interface Entered {
  readonly code: number;
  readonly screen: string;
}

const EDITOR = fileURLToPath(new URL("edit-yaml.ts", import.meta.url));
const LONGEST_MS = 60_000;

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
   * Pastes a line into bash. `edit` is the merge patch that this person makes of what a `kubectl edit` shows.
   * @throws Error with the screen when it does not end, or not with 0
   */
  async enters(line: string, { answers = {}, edit }: { answers?: Answers; edit?: object } = {}): Promise<Entered> {
    const editor = { KUBE_EDITOR: `"${process.execPath}" "${EDITOR}"`, EDIT: JSON.stringify(edit ?? {}) };
    const options = { cols: 200, rows: 50, cwd: this.#home, env: { ...this.#env, ...editor } };
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
    if (code !== 0) throw new Error(`exit ${code} of: ${line}\n${screen}`);
    return { code, screen };
  }

  leaves(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
