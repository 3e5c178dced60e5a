import type { StaticKeyFacts, StorageAim } from "../../domain/aws-facts.ts";
import { endpointKind } from "../../domain/values/endpoint.ts";
import { whyOutOfReach } from "../../domain/values/reach.ts";
import type { AwsCredentials } from "../../ports.ts";
import type { Cloud } from "../collector.ts";
import type { StoreQuestion } from "./recipe.ts";

/** What the database signs for when nobody names a region (operator facts, 7.1). */
export const DEFAULT_REGION = "us-east-1";

type Provider = StaticKeyFacts["provider"];

/** Who runs the store: without an endpoint it is AWS, whose address follows from the region. */
export function providerOf(endpoint: string | undefined): Provider {
  const host = endpoint === undefined ? "aws" : endpointKind(endpoint).host;
  return host === "aws" || host === "gcs" ? host : "s3-compatible";
}

/** Where and how the database signs, beside what an aim says itself. */
export interface Signing {
  readonly endpoint: string | undefined;
  readonly region: string;
  /** It asks the bucket where it is. */
  readonly follows: boolean;
  readonly credentials: AwsCredentials;
  /** Account of the identity. */
  readonly account: string | undefined;
}

/**
 * The question to ask of one bucket. Of AWS the SDK derives the address from the region; another store is asked at its own
 * address, or where `--endpoint` says that it is reached from here.
 */
export function questionOf(
  aim: StorageAim,
  signing: Signing,
  cloud: Cloud,
  connect: StoreQuestion["connect"],
): StoreQuestion {
  const endpoint = aim.endpoint ?? signing.endpoint;
  const provider = providerOf(endpoint);
  const own = provider === "aws" && !isWithinVpc(endpoint) ? undefined : endpoint;
  return {
    aim,
    endpoint,
    region: aim.region ?? signing.region,
    follows: signing.follows,
    outOfReach: cloud.endpoint === undefined && own !== undefined ? whyOutOfReach(own) : undefined,
    options: {
      provider,
      endpoint: cloud.endpoint ?? (own === undefined ? undefined : withScheme(own)),
      credentials: signing.credentials,
      timeoutMs: cloud.timeoutMs,
    },
    account: signing.account,
    connect,
    runId: cloud.runId,
  };
}

function isWithinVpc(endpoint: string | undefined): boolean {
  return endpoint !== undefined && /\.vpce\.amazonaws\.com/i.test(endpoint);
}

function withScheme(endpoint: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`;
}
