import { CHECKS } from "../checks/index.ts";
import { loadConfiguration } from "../collect/configuration.ts";
import type { Configuration } from "../domain/configuration.ts";
import { UserError } from "../domain/errors.ts";
import { USUAL_POLICY, type Policy } from "../domain/policy.ts";
import type { ExitPolicy } from "../domain/report.ts";
import type { SuppressionEntry } from "../domain/suppression.ts";
import { nearest, printable } from "../domain/text.ts";
import type { App } from "../ports.ts";
import { assertCodes, selectChecks, type ChosenChecks } from "./choose-checks.ts";

/** Options of every command that runs checks, as commander gives them. */
export interface CheckOptions {
  readonly failOn?: "error" | "warning";
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly allowUnknown: readonly string[];
  readonly thorough?: boolean;
  readonly prove?: boolean;
  readonly config?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** What flags and configuration come to. */
export interface CheckRun {
  readonly chosen: ChosenChecks;
  readonly policy: ExitPolicy;
  readonly asks: Policy;
  readonly suppressions: readonly SuppressionEntry[];
}

/**
 * Reads the configuration and lays the flags over it: a list that a flag gives takes the place of the file's.
 * @throws UserError for a configuration that cannot be used, and a code that no check has, with the place it stands in
 */
export async function checkRun(options: CheckOptions, app: App): Promise<CheckRun> {
  const configuration = await loadConfiguration(app, options.config);
  const lists = (["only", "skip", "allowUnknown"] as const).map((key) => {
    const setting = configuration[key];
    const flags = options[key];
    assertCodes(flags);
    if (flags.length > 0 || setting === undefined) return flags;
    assertCodes(setting.value, setting.from);
    return setting.value;
  });
  const [only = [], skip = [], allowUnknown = []] = lists;
  assertSuppressions(configuration);
  return {
    chosen: selectChecks({ only, skip, thorough: options.thorough === true, prove: options.prove === true }),
    policy: { failOn: options.failOn ?? configuration.failOn?.value ?? "error", allowUnknown },
    asks: {
      ...USUAL_POLICY,
      maxAgeDays: configuration.maxAgeDays?.value ?? USUAL_POLICY.maxAgeDays,
      environments: configuration.environments?.value ?? USUAL_POLICY.environments,
    },
    suppressions: configuration.suppress,
  };
}

/** What checks can say: a suppression of anything else would hide nothing, and nobody would notice. */
export function isCodeOrCause(text: string): boolean {
  return CHECKS.some(({ code, causes }) => code === text || causes.includes(text));
}

function assertSuppressions({ suppress }: Configuration): void {
  for (const { codes, from } of suppress) {
    const wrong = codes.find((code) => !isCodeOrCause(code));
    if (wrong === undefined) continue;
    const near = nearest(
      wrong,
      CHECKS.flatMap(({ code, causes }) => [code, ...causes]),
    );
    throw new UserError("unknown-code", `${from}: no check has the code or cause "${printable(wrong)}"`, {
      hint: near === undefined ? "antfly-creds explain lists them" : `did you mean ${near}?`,
    });
  }
}
