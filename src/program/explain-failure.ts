import { UserError, type ExitCode } from "../domain/errors.ts";
import { printable } from "../domain/text.ts";
import type { App } from "../ports.ts";

const ISSUES = "https://github.com/antflydb/antfly-creds/issues";

/** A UserError is one line and a hint. Anything else is a bug: its message may hold anything, so only its kind and place are shown. */
export function explainFailure(error: unknown, app: Pick<App, "terminal">, argv: readonly string[]): ExitCode {
  const known = error instanceof UserError;
  const exitCode: ExitCode = known ? error.exit : 1;
  const code = known ? error.code : "bug";
  const message = printable(known ? error.message : `antfly-creds failed unexpectedly (${placeOf(error)})`);
  const hint = known ? error.hint : `please report it, with the command and this line: ${ISSUES}`;
  const format = jsonFormat(argv);
  if (format !== undefined) {
    const document = { schema: "antfly-creds.error/v1", error: { code, message, hint: hint ?? null }, exitCode };
    app.terminal.out(format === "ndjson" ? { lines: [document] } : document);
  } else {
    app.terminal.err(`error: ${message}\n${hint === undefined ? "" : `  ${hint.replaceAll("\n", "\n  ")}\n`}`);
  }
  return exitCode;
}

/** `TypeError at collect/live.ts:12`: the first line of the stack that is ours. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const place = /([\w-]+\/[\w.-]+:\d+):\d+\)?$/m.exec(error.stack?.split("\n").slice(1).join("\n") ?? "")?.[1];
  return place === undefined ? error.name : `${error.name} at ${place}`;
}

/** The format of JSON that standard output was asked for, also where the command line could not be parsed. */
function jsonFormat(argv: readonly string[]): string | undefined {
  for (const [i, word] of argv.entries()) {
    const short = word === "-o" || word === "--output" ? argv[i + 1] : undefined;
    const asked = short ?? /^(?:-o|--output=)(.*)$/.exec(word)?.[1];
    if (asked === "json" || asked === "ndjson") return asked;
  }
  return undefined;
}
