import type { ReadStream, WriteStream } from "node:tty";

import type * as Prompts from "@clack/prompts";

import { interrupted, UserError } from "../domain/errors.ts";
import type { Printed, Redactor } from "../domain/redact.ts";
import { Sensitive } from "../domain/sensitive.ts";
import type { Style } from "../domain/style.ts";
import type { StdinOptions, Terminal } from "../ports.ts";

const MIB = 1024 * 1024;
const FRAME_MS = 500;

interface Surroundings {
  /** Each stream is opened when it is first used: opening one that is not needed takes longer than a short command. */
  readonly streams: { readonly stdin: ReadStream; readonly stdout: WriteStream; readonly stderr: WriteStream };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--color`/`--no-color`, when given. */
  readonly color: boolean | undefined;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** The terminal port: everything printed goes through the redactor; questions are asked on stderr. */
export function createTerminal(surroundings: Surroundings): NodeTerminal {
  return new NodeTerminal(surroundings);
}

class NodeTerminal implements Terminal {
  readonly #surroundings: Surroundings;
  #stdin: ReadStream | undefined;
  readonly #guarded = new Set<WriteStream>();
  #lost: string | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  get interactive(): boolean {
    // Undefined, whatever its type says, where the stream is no terminal.
    return (this.#input().isTTY && this.#stream("err").isTTY) || false;
  }

  /** Why standard output could not be written, e.g. `ENOSPC`; the streams tell it a moment after the write. */
  async lost(): Promise<string | undefined> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.#lost;
  }

  /** Lets the process end although standard input is still open. */
  close(): void {
    // A file has nothing to let go of.
    this.#stdin?.unref?.();
  }

  out(content: Printed): void {
    this.#stream("out").write(this.#surroundings.redactor.text(content));
  }

  err(text: string): void {
    this.#stream("err").write(this.#surroundings.redactor.clean(text));
  }

  async style(stream: "out" | "err"): Promise<Style> {
    const { Chalk } = await import("chalk");
    const level = this.#colourLevel(this.#stream(stream));
    return { paint: new Chalk({ level }), unicode: speaksUnicode(this.#surroundings.env) };
  }

  async confirm(question: string): Promise<boolean> {
    const { confirm, isCancel } = await this.#prompts();
    const answer = await confirm({ message: question, initialValue: false, ...this.#io() });
    if (isCancel(answer)) throw interrupted();
    return answer;
  }

  async ask(
    question: string,
    options: { initial?: string; validate?: (text: string) => string | undefined } = {},
  ): Promise<string> {
    const { text, isCancel } = await this.#prompts();
    const answer = await text({
      message: question,
      ...(options.initial === undefined ? {} : { initialValue: options.initial }),
      validate: (value) => (value === undefined || value === "" ? "please enter a value" : options.validate?.(value)),
      ...this.#io(),
    });
    if (isCancel(answer)) throw interrupted();
    return answer;
  }

  async askSecret(question: string): Promise<Sensitive> {
    const { password, isCancel } = await this.#prompts();
    const answer = await password({
      message: `${question} (not shown)`,
      mask: "",
      validate: (value) => (value === undefined || value === "" ? "please enter a value" : undefined),
      ...this.#io(),
    });
    if (isCancel(answer)) throw interrupted();
    const secret = new Sensitive(answer);
    this.#surroundings.redactor.watch(secret);
    return secret;
  }

  async during<T>(what: string, work: () => Promise<T>): Promise<T> {
    const stderr = this.#stream("err");
    if (!stderr.isTTY || this.#surroundings.env["TERM"] === "dumb") return work();
    const start = performance.now();
    const draw = (): void => {
      const seconds = Math.floor((performance.now() - start) / 1000);
      if (seconds > 0) stderr.write(`\r\u001b[K${this.#surroundings.redactor.clean(what)} ${seconds} s`);
    };
    const timer = setInterval(draw, FRAME_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      stderr.write("\r\u001b[K");
    }
  }

  async readStdin({
    hint = "pipe a file into the command, or name it",
    mebibytes = 1,
    endOnly = false,
  }: StdinOptions = {}): Promise<Uint8Array> {
    const largest = mebibytes * MIB;
    const stdin = this.#input();
    if (stdin.isTTY) throw new UserError("stdin-is-terminal", "standard input is a terminal, not a pipe", { hint });
    const chunks: Buffer[] = [];
    let size = 0;
    let dropped = false;
    try {
      for await (const chunk of stdin) {
        const bytes = chunk as Buffer;
        size += bytes.length;
        chunks.push(bytes);
        if (size > largest && !endOnly)
          throw new UserError("stdin-too-large", `standard input holds more than ${mebibytes} MiB`, { hint });
        while (size - (chunks[0]?.length ?? 0) >= largest) {
          size -= chunks.shift()?.length ?? 0;
          dropped = true;
        }
      }
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError("stdin-closed", "standard input cannot be read", { hint });
    }
    if (dropped || size > largest) this.err(`note: only the last ${mebibytes} MiB of standard input was looked at\n`);
    return Buffer.concat(chunks).subarray(-largest);
  }

  async #prompts(): Promise<typeof Prompts> {
    if (!this.interactive) {
      throw new UserError("no-terminal", "this question needs a terminal", {
        hint: "see --help for the flags that answer it",
      });
    }
    return import("@clack/prompts");
  }

  #io(): { input: ReadStream; output: WriteStream; signal: AbortSignal } {
    return { input: this.#input(), output: this.#stream("err"), signal: this.#surroundings.signal };
  }

  #input(): ReadStream {
    return (this.#stdin ??= this.#surroundings.streams.stdin);
  }

  #stream(name: "out" | "err"): WriteStream {
    const { streams } = this.#surroundings;
    const stream = name === "out" ? streams.stdout : streams.stderr;
    if (!this.#guarded.has(stream)) {
      // A closed pipe must not stop a change half way, and is no failure: nobody wants to read on.
      stream.on("error", ({ code }: NodeJS.ErrnoException) => {
        if (code !== "EPIPE" && name === "out") this.#lost = code ?? "unknown error";
      });
    }
    this.#guarded.add(stream);
    return stream;
  }

  /** chalk reads FORCE_COLOR and TERM for its default level, and NO_COLOR not at all. */
  #colourLevel(stream: WriteStream): 0 | 1 {
    const { env, color } = this.#surroundings;
    if (color !== undefined) return color ? 1 : 0;
    const force = env["FORCE_COLOR"];
    if (force !== undefined && force !== "") return force === "0" || force === "false" ? 0 : 1;
    if ((env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return 0;
    return stream.isTTY ? 1 : 0;
  }
}

function speaksUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return env["TERM"] !== "dumb" && (locale === "" || /utf-?8/i.test(locale));
}
