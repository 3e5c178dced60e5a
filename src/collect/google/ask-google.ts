import type { GoogleGrant } from "../../domain/grant.ts";
import { absent, type Known, type Origin, type Unknown } from "../../domain/known.ts";
import { GoogleError, type Google } from "../../ports.ts";
import type { World } from "../collector.ts";
import { REASON_OF } from "../unknown-reason.ts";

/**
 * Reads a fact from Google Cloud with the tool's own identity: a refusal becomes `unknown` with the grant, what is not
 * there `absent`. Where no cloud is asked, the fact is not given, with the reason.
 */
export async function askGoogle<T>(
  { cloud }: Pick<World, "cloud">,
  ref: string,
  grant: GoogleGrant | undefined,
  ask: (google: Google) => Promise<Known<T>>,
): Promise<Known<T>> {
  if ("off" in cloud) return notAskedGoogle(ref, cloud.off);
  return toKnownGoogle(ref, grant, async () => ask(await cloud.google()));
}

/** What is not asked of Google, and why. */
export function notAskedGoogle(ref: string, detail: string): Unknown {
  return { state: "unknown", why: "not-given", detail, origin: ofGoogle(ref) };
}

/** Turns a GoogleError into `unknown` or `absent`. */
export async function toKnownGoogle<T>(
  ref: string,
  grant: GoogleGrant | undefined,
  read: () => Promise<Known<T>>,
): Promise<Known<T>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof GoogleError)) throw error;
    return error.failure === "not-found" ? absent(ofGoogle(ref)) : unknownOfGoogle(ref, grant, error);
  }
}

/** Why the fact could not be had; with what was denied goes the permission that Google names. */
export function unknownOfGoogle(
  ref: string,
  grant: GoogleGrant | undefined,
  { failure, message, action }: GoogleError,
): Unknown {
  const why = REASON_OF[failure];
  const detail = failure === "no-credentials" ? `${message}; --no-cloud does without` : message;
  const missing = failure === "denied" && grant !== undefined ? { grant: { ...grant, permission: action } } : {};
  return { state: "unknown", why, detail, origin: ofGoogle(ref), ...missing };
}

export function ofGoogle(ref: string): Origin {
  return { via: "google", ref };
}
