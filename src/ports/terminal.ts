import type { Printed } from "../domain/redact.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import type { Style } from "../domain/style.ts";

/** Where people read and type. Everything printed has gone through the redactor. */
export interface Terminal {
  /** Text for people, or documents that are printed as JSON. */
  out(content: Printed): void;
  err(text: string): void;
  /** stderr may be a terminal while stdout is a pipe. */
  style(stream: "out" | "err"): Promise<Style>;
  /** Questions can be asked: stdin and stderr are terminals. */
  readonly interactive: boolean;
  confirm(question: string): Promise<boolean>;
  ask(
    question: string,
    options?: { initial?: string; validate?: (text: string) => string | undefined },
  ): Promise<string>;
  askSecret(question: string): Promise<Sensitive>;
  /** Shows one status line with elapsed time while the work goes on; nothing without a terminal. */
  during<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** @throws UserError when it is a terminal, or holds more than is read and all of it is wanted */
  readStdin(options?: StdinOptions): Promise<Uint8Array>;
}

export interface StdinOptions {
  /** What to do instead, where nothing is piped into the command. */
  readonly hint?: string;
  /** How much is read at most; 1 unless told. */
  readonly mebibytes?: number;
  /** Of more than that the end is enough. */
  readonly endOnly?: boolean;
}
