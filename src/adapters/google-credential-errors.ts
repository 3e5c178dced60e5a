import { printable } from "../domain/text.ts";
import { networkCode } from "./network-errors.ts";

export const LOG_IN = "gcloud auth application-default login";

/** No identity of one's own could be had; the message says what was tried and what to do. */
export class NoGoogleCredentials extends Error {}

/** There is one, and Google gives it no token: it has run out, was revoked, or is not known. */
export class RefusedGoogleCredentials extends Error {}

/** Why there is no token: what the endpoint said, by its code alone, since its words may hold what was sent. */
export function refused(error: unknown): unknown {
  const { status, response } = error as { status?: unknown; response?: { status?: number; data?: unknown } };
  const answered = response?.status ?? (typeof status === "number" ? status : undefined);
  if (answered === undefined) {
    if (networkCode(error) !== undefined) return error;
    return new RefusedGoogleCredentials("your Google credentials cannot be used to get a token");
  }
  if (answered >= 500 || answered === 429) return error;
  const { error: said } = (response?.data ?? {}) as { error?: unknown };
  // A token service says a word, and what impersonates an account says it as an API does.
  const word = typeof said === "object" && said !== null ? (said as { status?: unknown }).status : said;
  const code = typeof word === "string" ? ` (${printable(word).slice(0, 100)})` : "";
  return new RefusedGoogleCredentials(
    `Google gives your credentials no token${code}: they have run out, were revoked, or are not known; ${LOG_IN} renews a person's`,
  );
}
