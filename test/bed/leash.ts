import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const START_MS = 60_000;

/** Programs that run in a folder of their own and end with `end()`, and when this process ends in any way. */
export class Leash {
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #pids = new Map<string, number>();

  constructor(stem: string) {
    this.folder = mkdtempSync(join(tmpdir(), `antfly-creds-${stem}-`));
    this.#process = spawn(process.execPath, [fileURLToPath(new URL("leash.mjs", import.meta.url)), this.folder], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (this.#process.stdout === null) throw new Error("the leash has no pipes");
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts a program; what it prints goes to `NAME.log` in the folder. */
  async run(
    name: string,
    bin: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    this.#process.stdin?.write(`${JSON.stringify({ bin, args, env, log: this.#log(name) })}\n`);
    this.#pids.set(name, Number((await this.#answers.next()).value));
  }

  /**
   * Waits until the program says that it is ready.
   * @throws Error with the last lines of its log when it does not
   */
  async ready(name: string, ask: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (!(await ask().catch(() => false))) {
      if (Date.now() > deadline || !this.#runs(name)) {
        const tail = readFileSync(this.#log(name), "utf8").split("\n").slice(-12).join("\n");
        throw new Error(`${name} did not become ready:\n${tail}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  end(): Promise<void> {
    if (this.#process.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#process.once("exit", () => resolve());
      this.#process.stdin?.end();
    });
  }

  #runs(name: string): boolean {
    try {
      return process.kill(this.#pids.get(name) ?? 0, 0);
    } catch {
      return false;
    }
  }

  #log(name: string): string {
    return join(this.folder, `${name}.log`);
  }
}

/** Ports that nobody listens on now. */
export async function freePorts(n: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: n }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
    }),
  );
  return Promise.all(
    servers.map((server) => {
      const at = server.address();
      return new Promise<number>((resolve) =>
        server.close(() => resolve(typeof at === "object" && at !== null ? at.port : 0)),
      );
    }),
  );
}
