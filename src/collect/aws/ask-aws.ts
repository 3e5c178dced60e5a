import type { AwsGrant } from "../../domain/grant.ts";
import { absent, type Known, type Origin, type Unknown } from "../../domain/known.ts";
import { CloudError, type Aws } from "../../ports.ts";
import type { Cloud, World } from "../collector.ts";
import { REASON_OF } from "../unknown-reason.ts";

/**
 * Reads a fact from AWS with the tool's own identity: a refusal becomes `unknown` with the grant, what is not there
 * `absent`. Where no cloud is asked, the fact is not given, with the reason.
 */
export async function askAws<T>(
  { cloud }: Pick<World, "cloud">,
  ref: string,
  grant: AwsGrant | undefined,
  ask: (aws: Aws, cloud: Cloud) => Promise<Known<T>>,
  region?: string,
): Promise<Known<T>> {
  if ("off" in cloud) return notAsked(ref, cloud.off);
  return toKnownAws(ref, grant, async () => ask(await cloud.aws(region), cloud));
}

/** What is not asked of a cloud, and why. */
export function notAsked(ref: string, detail: string): Unknown {
  return { state: "unknown", why: "not-given", detail, origin: originOf(ref) };
}

/** Turns an CloudError into `unknown` or `absent`. */
export async function toKnownAws<T>(
  ref: string,
  grant: AwsGrant | undefined,
  read: () => Promise<Known<T>>,
): Promise<Known<T>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return error.failure === "not-found" ? absent(originOf(ref)) : unknownFor(ref, grant, error);
  }
}

/**
 * Why the fact could not be had; the grant goes with what was denied for want of it, by the action of the very call that
 * was denied: one fact may take several.
 */
export function unknownFor(
  ref: string,
  grant: AwsGrant | undefined,
  { failure, message, action }: CloudError,
): Unknown {
  const why = REASON_OF[failure];
  const detail = failure === "no-credentials" ? `${message}; --no-cloud does without` : message;
  const missing = failure === "denied" && grant !== undefined ? { grant: { ...grant, action } } : {};
  return { state: "unknown", why, detail, origin: originOf(ref), ...missing };
}

export function originOf(ref: string): Origin {
  return { via: "aws", ref };
}
