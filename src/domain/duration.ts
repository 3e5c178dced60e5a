import { UserError } from "./errors.ts";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * `500ms`, `30s`, `5m`, `1h` in milliseconds.
 * @throws UserError for anything else
 */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = match?.[2] as keyof typeof UNITS | undefined;
  if (match === null || unit === undefined) {
    throw new UserError("bad-duration", `${flag} ${text} is not a duration`, { hint: `for example ${flag} 30s` });
  }
  return Math.round(Number(match[1]) * UNITS[unit]);
}
