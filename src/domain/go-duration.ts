const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** `1h0m0s`, `1.5h`, `0` of Go's `time.ParseDuration` in milliseconds; undefined for anything else. */
export function goDurationMs(text: string): number | undefined {
  if (/^[+-]?0+$/.test(text)) return 0;
  if (!/^[+-]?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)];
  const sum = parts.reduce((total, [, digits = "0", unit = "s"]) => total + Number(digits) * (UNITS[unit] ?? 0), 0);
  return text.startsWith("-") ? -sum : sum;
}

/** Milliseconds as Go writes a duration: `1h0m0s`, `1m30s`. */
export function goDuration(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  const rest = `${Math.round((seconds % 60) * 1_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
