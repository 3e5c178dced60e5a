import { CHECKS } from "../checks/index.ts";
import type { Check } from "../checks/define.ts";
import { UserError } from "../domain/errors.ts";
import { nearest, printable } from "../domain/text.ts";

/** Which checks to run: by code, or by the beginning of one (`ANT02`). */
export interface CheckSelection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /** Also those that read more than one namespace. */
  readonly thorough?: boolean;
  /** Also those that mint a token or write a probe. */
  readonly prove?: boolean;
}

/** The checks that were asked for. */
export interface ChosenChecks {
  readonly asked: readonly Check[];
  /** Told to be left out: they may be run, and are never shown. */
  readonly leftOut: readonly Check[];
  /** They read more than the cluster's namespace, or have an effect, and nobody asked for that. */
  readonly deferred: readonly Check[];
}

/** What `doctor` runs when nothing is said. */
export const USUAL_CHECKS: ChosenChecks = {
  asked: CHECKS.filter((check) => check.thorough !== true && check.effect === "read"),
  leftOut: [],
  deferred: CHECKS.filter((check) => check.thorough === true || check.effect !== "read"),
};

/** @throws UserError for a code that no check has, and when none is left */
export function selectChecks({ only, skip, thorough = false, prove = false }: CheckSelection): ChosenChecks {
  assertCodes([...only, ...skip]);
  const leftOut = CHECKS.filter((check) => skip.some((code) => matchesCode(check.code, code)));
  const wanted = CHECKS.filter(
    (check) => (only.length === 0 || only.some((code) => matchesCode(check.code, code))) && !leftOut.includes(check),
  );
  if (wanted.length === 0) throw new UserError("no-checks", "--only and --skip leave no check to run");
  const isDeferred = ({ thorough: far, effect, code }: Check): boolean =>
    (far === true && !thorough && !only.includes(code) && !only.includes(code.toLowerCase())) ||
    (effect !== "read" && !prove);
  return { asked: wanted.filter((check) => !isDeferred(check)), leftOut, deferred: wanted.filter(isDeferred) };
}

/**
 * `from` is where the codes were written, if that is not the command line.
 * @throws UserError for a code, or the beginning of one, that no check has
 */
export function assertCodes(codes: readonly string[], from?: string): void {
  for (const code of codes) {
    if (CHECKS.some((check) => matchesCode(check.code, code))) continue;
    const near = nearest(
      code.toUpperCase(),
      CHECKS.map((check) => check.code),
    );
    throw new UserError(
      "unknown-code",
      `${from === undefined ? "" : `${from} `}no check has the code "${printable(code)}"`,
      {
        hint: near === undefined ? "antfly-creds explain lists them" : `did you mean ${near}?`,
      },
    );
  }
}

export function matchesCode(code: string, wanted: string): boolean {
  return /^ANT\d+$/i.test(wanted) && code.startsWith(wanted.toUpperCase());
}

/** The checks and all that they come after or may be explained by: a consequence is not judged without its cause. */
export function withPrerequisites(checks: readonly Check[]): Check[] {
  const codes = new Set<string>();
  const add = (check: Check): void => {
    if (codes.has(check.code)) return;
    codes.add(check.code);
    for (const code of [...(check.after ?? []), ...(check.explainedBy ?? [])])
      CHECKS.filter((other) => other.code === code).forEach(add);
  };
  checks.forEach(add);
  return CHECKS.filter((check) => codes.has(check.code));
}
