import type { Known, Unknown } from "../../domain/known.ts";
import { AwsError, type Aws } from "../../ports.ts";
import type { Cloud, World } from "../collector.ts";

/**
 * A fact that a cloud is asked for. With the cloud off it is unknown, and the reason is that it was not asked; without a
 * client, which a misspelt profile also is, it is unknown as well.
 */
export async function withAws<T>(
  cloud: World["cloud"],
  ref: string,
  ask: (aws: Aws, cloud: Cloud) => Promise<Known<T>>,
): Promise<Known<T>> {
  const unknown = (why: Unknown["why"], detail: string): Unknown => ({
    state: "unknown",
    why,
    detail,
    origin: { via: "aws", ref },
  });
  if ("off" in cloud) return unknown("not-given", cloud.off);
  try {
    return await ask(await cloud.aws(), cloud);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return unknown(error.failure === "no-credentials" ? "no-credentials" : "server-error", error.message);
  }
}
