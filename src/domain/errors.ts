/** Exit codes, design of the command line: findings must not be 1, which a crash of Node and of commander also is. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 124 | 130;

/** When several apply, the first of these wins. */
const PRECEDENCE: readonly ExitCode[] = [130, 124, 1, 2, 7, 6, 3, 5, 4, 0];

export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? 0;
}

/**
 * Something the user can mend: one line that says what is wrong, and in `hint` the next command or what to change.
 * Never carries a secret. Anything else that is thrown is a bug of ours.
 */
export class UserError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exit: ExitCode;

  constructor(code: string, message: string, options: { hint?: string; exit?: ExitCode; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "UserError";
    this.code = code;
    this.hint = options.hint;
    this.exit = options.exit ?? 2;
  }
}

/** The user interrupted; what had been done was undone, or is listed in the hint. */
export function interrupted(message = "interrupted; nothing was changed", hint?: string): UserError {
  return new UserError("interrupted", message, { exit: 130, ...(hint === undefined ? {} : { hint }) });
}
