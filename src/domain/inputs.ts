import type { FileSpan, Ref, Severity } from "./finding.ts";
import { printable } from "./text.ts";

/** How standard input is called where a file is named. */
export const STANDARD_INPUT = "standard input";

/** What is wrong with a file or a part of it, before anything in it is judged. */
export interface InputProblem {
  readonly cause: string;
  readonly severity: Severity;
  readonly subject: Ref;
  readonly message: string;
  readonly location: FileSpan;
  /** What to do, in words. */
  readonly fix: string | undefined;
}

/** A problem of a file as such. */
export function fileProblem(
  cause: string,
  severity: Severity,
  location: FileSpan,
  what: string,
  fix?: string,
): InputProblem {
  const subject = { kind: "File", name: location.file };
  return { cause, severity, subject, message: `${location.file} ${what}`, location, fix };
}

/** `deploy.yaml:12:3`. */
export function describePlace({ file, line, column }: FileSpan): string {
  return `${printable(file)}:${line}:${column}`;
}

/** One line with the place first: `deploy.yaml:12:3 is not valid YAML`. */
export function describeProblem({ cause, message, location }: InputProblem): string {
  if (cause === "input.unreadable" || cause === "input.binary") return message;
  const { file } = location;
  // The place says the line.
  const words = message.replace(/^Line \d+ of /, "");
  return words.startsWith(`${file} `)
    ? `${describePlace(location)}${words.slice(file.length)}`
    : `${describePlace(location)}: ${words}`;
}
