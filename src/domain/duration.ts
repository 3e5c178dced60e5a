import { UserError } from "./errors.ts";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** Timers cannot hold more than 24 days, and nobody waits for that. */
const LONGEST_MS = 24 * UNITS.h;

/**
 * `500ms`, `30s`, `5m`, `1h` in milliseconds; at most a day.
 * @throws UserError for anything else, and for nothing at all where it has to be `positive`
 */
export function parseDuration(text: string, flag: string, { positive = false }: { positive?: boolean } = {}): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = match?.[2] as keyof typeof UNITS | undefined;
  if (match === null || unit === undefined) {
    throw new UserError("bad-duration", `${flag} ${text} is not a duration`, { hint: `for example ${flag} 30s` });
  }
  const milliseconds = Math.round(Number(match[1]) * UNITS[unit]);
  if (milliseconds > LONGEST_MS) throw new UserError("bad-duration", `${flag} ${text} is longer than a day`);
  if (positive && milliseconds === 0) throw new UserError("bad-duration", `${flag} ${text} leaves no time at all`);
  return milliseconds;
}
