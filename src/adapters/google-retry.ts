import type { GoogleError } from "../ports.ts";

const FIRST_PAUSE_MS = 200;
/** Nobody waits longer than this between two tries; the deadline of the call comes first in any case. */
const LONGEST_PAUSE_MS = 30_000;
/** The connection was there, and cut: the same call again may well get through. */
const CUT: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ETIMEDOUT"]);

/** How one try of a call ended. */
export interface Attempt {
  readonly mode: "read" | "write";
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  readonly error: GoogleError;
  readonly retryAfter: string | undefined;
}

/**
 * How long to wait before the next try, milliseconds; undefined where there is to be none. Reads are sent again after 408,
 * 429, 5xx and a connection that was cut, writes only when they were not looked at: whether anything else took effect is
 * not known.
 */
export function pauseBefore(attempt: number, { mode, status, error, retryAfter }: Attempt): number | undefined {
  const isThrottled = error.failure === "throttled";
  const isPassing =
    status === undefined ? CUT.has(error.network ?? "") : status === 408 || (status >= 500 && status !== 501);
  if (!isThrottled && !(mode === "read" && isPassing)) return undefined;
  const asked = Number(retryAfter);
  if (Number.isFinite(asked) && asked > 0) return Math.min(asked * 1_000, LONGEST_PAUSE_MS);
  const most = FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return most / 2 + Math.random() * (most / 2);
}
