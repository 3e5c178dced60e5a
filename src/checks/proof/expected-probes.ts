import type { ProbeFacts, StaticKeyFacts, StorageAim, WebIdentityFacts } from "../../domain/aws-facts.ts";
import type { GoogleAim, GoogleIdentityFacts } from "../../domain/google-facts.ts";
import type { IdentityUse } from "../../domain/identity-use.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { Ref } from "../../domain/finding.ts";
import type { Verdict } from "../define.ts";

export interface ProofFacts extends IdentityUse {
  readonly aims: readonly StorageAim[] | undefined;
  readonly staticKeys: readonly StaticKeyFacts[] | undefined;
  readonly webIdentity: WebIdentityFacts | undefined;
  readonly googleAims: readonly GoogleAim[] | undefined;
  readonly googleIdentity: GoogleIdentityFacts | undefined;
  readonly probes: readonly ProbeFacts[] | undefined;
}

type Untold = Extract<Verdict, { readonly skip: string } | { readonly waits: string }>;

/**
 * Why there is nothing to be proved, or why not all of it was tried; undefined where every identity was tried in every
 * bucket that it is for.
 */
export function notProved(facts: ProofFacts): Untold | undefined {
  const { aims = [], staticKeys = [], webIdentity, googleIdentity, probes = [] } = facts;
  const written = aims.filter(({ writes, identity }) => writes && identity !== "own-keys");
  const onGoogle = (facts.googleAims ?? []).filter(({ writes, source }) => writes && source === "default");
  if (staticKeys.length === 0 && webIdentity === undefined && googleIdentity === undefined)
    return { skip: "the nodes have neither static keys nor a role or Google identity that can be had here" };
  const usual = written.filter(({ identity }) => identity === "usual");
  const expected =
    usual.length * staticKeys.length +
    (webIdentity === undefined ? 0 : written.length) +
    (googleIdentity === undefined ? 0 : onGoogle.length);
  if (expected === 0) return written.length + onGoogle.length === 0 ? noBucket(facts) : NOBODY;
  return probes.length < expected ? { waits: whyLess(facts) } : undefined;
}

/** Of two kinds of buckets, those that the one identity that is there is not for. */
const NOBODY: Untold = { skip: "no identity that can be had here is for the buckets that are written to" };

function noBucket({ staticKeys = [], webIdentity }: ProofFacts): Untold {
  return staticKeys.length === 0 && webIdentity === undefined ? { ...NO_BUCKET, unless: "googleAims" } : NO_BUCKET;
}

/** As far as the backups could be listed. */
export const NO_BUCKET = {
  skip: "no backup and no configuration names a bucket; --bucket BUCKET/PREFIX does",
  unless: "aims",
} as const satisfies Untold;

function whyLess({ staticKeys = [], webIdentity }: ProofFacts): string {
  const stores = [...staticKeys.flatMap((key) => key.stores), ...(webIdentity?.stores ?? [])];
  const far = stores.find(({ outOfReach }) => outOfReach !== undefined)?.outOfReach;
  return far === undefined ? "not every bucket could be tried" : `nothing was written: ${far}`;
}

/** The object that brings the identity: findings are about it. */
export function subjectOf({ holder }: Pick<ProbeFacts, "holder">, { namespace }: ClusterFacts): Ref {
  const match = /^(ServiceAccount|Secret|ConfigMap) ([^\s,]+)/.exec(holder);
  return { kind: match?.[1] ?? "AntflyCluster", namespace, name: match?.[2] ?? holder };
}
