import type { CallOutcome } from "../../domain/aws-facts.ts";
import { gkePath } from "../../domain/gcp/gke-name.ts";
import { principalOf } from "../../domain/gcp/member.ts";
import { OBJECT_READ, OBJECT_WRITE } from "../../domain/gcp/roles.ts";
import { workloadOf } from "../../domain/gcp/workload-identity.ts";
import type { GoogleAim, GoogleBucketAccess, GoogleIdentityFacts } from "../../domain/google-facts.ts";
import { MINT_TOKEN } from "../../domain/grants.ts";
import { absent, known, type Known } from "../../domain/known.ts";
import type { Sensitive } from "../../domain/sensitive.ts";
import type { Google } from "../../ports.ts";
import { notAsked } from "../aws/ask-aws.ts";
import { defineCollector, toKnown } from "../collector.ts";
import { failedOutcome, notTried, outcomeOf } from "../storage/outcome.ts";
import { claimsOf } from "../storage/token-claims.ts";
import { keepGoogleToken } from "./kept-token.ts";

/** The least that the API server gives. */
const TOKEN_SECONDS = 600;
/** Long enough for the proof; without being told Google gives an hour. */
const SESSION_SECONDS = 900;

/**
 * The token of the pods' ServiceAccount, taken to Google: what GKE's metadata server does for a pod, from here. Needs no
 * identity of the tool's own. Absent where nothing is meant to have an identity in this way.
 */
export const googleIdentityCollector = defineCollector({
  gives: "googleIdentity",
  needs: ["serviceAccount", "googleAims"],
  wants: ["gkeCluster"],
  collect: async ({ serviceAccount, googleAims }, world, { gkeCluster }): Promise<Known<GoogleIdentityFacts>> => {
    const { name, gcpAccount: account } = serviceAccount;
    const aims = googleAims.filter(({ source }) => source === "default");
    const none: Known<never> = absent({ via: "kube", ref: `ServiceAccount ${name}` });
    if (account === undefined && aims.length === 0) return none;
    const ref = `the Google identity of ServiceAccount ${name}`;
    const { cloud } = world;
    if ("off" in cloud) return notAsked(ref, cloud.off);
    if (!cloud.prove) return notAsked(ref, "no token is minted unless --prove asks for it");
    if (gkeCluster?.state !== "known") return gkeCluster ?? none;
    const cluster = gkeCluster.value;
    // Where Workload Identity is off, Google says what it knows of the pool that would be this cluster's.
    const workload = workloadOf(cluster, world.namespace, serviceAccount);
    const { pool } = workload;
    const audience = `identitynamespace:${pool}:https://container.googleapis.com/v1/${gkePath(cluster)}`;
    return toKnown(`a token of ServiceAccount ${name}`, MINT_TOKEN, async () => {
      const token = await cloud.kube.createToken(world.namespace, name, pool, TOKEN_SECONDS);
      const claims = claimsOf(token);
      const google = await cloud.google();
      const who = await takeToGoogle(google, { token, audience, account });
      const facts: GoogleIdentityFacts = {
        serviceAccount: name,
        pool,
        audience,
        token: claims,
        exchanged: who.exchanged,
        account,
        impersonated: who.impersonated,
        principal: account ?? (workload.projectNumber === undefined ? undefined : principalOf(workload)),
        buckets: who.token === undefined ? [] : await askBuckets(google, aims, who.token),
      };
      if (who.token !== undefined) keepGoogleToken(facts, who.token);
      return known(facts, { via: "google", ref });
    });
  },
});

interface Taken {
  readonly exchanged: CallOutcome;
  readonly impersonated: CallOutcome;
  /** What the workload would reach its buckets with. */
  readonly token: Sensitive | undefined;
}

/** A ServiceAccount that is annotated acts as that account or not at all, as GKE's metadata server has it. */
async function takeToGoogle(
  google: Google,
  { token, audience, account }: { token: Sensitive; audience: string; account: string | undefined },
): Promise<Taken> {
  const exchange = await tried(() => google.exchangeToken({ audience, token }));
  if (exchange.token === undefined)
    return { exchanged: exchange.outcome, impersonated: notTried("there is no token to do it with"), token: undefined };
  if (account === undefined) {
    const impersonated = notTried("the ServiceAccount names no Google service account: it has its rights itself");
    return { exchanged: exchange.outcome, impersonated, token: exchange.token };
  }
  const federated = exchange.token;
  const impersonation = await tried(() =>
    google.generateAccessToken({ account, token: federated, lifetimeSeconds: SESSION_SECONDS }),
  );
  return { exchanged: exchange.outcome, impersonated: impersonation.outcome, token: impersonation.token };
}

async function tried(call: () => Promise<Sensitive>): Promise<{ outcome: CallOutcome; token: Sensitive | undefined }> {
  try {
    return { token: await call(), outcome: { state: "ok" } };
  } catch (error) {
    return { outcome: failedOutcome(error), token: undefined };
  }
}

/** A bucket that several backups share is asked once for each of them that asks for something else. */
async function askBuckets(google: Google, aims: readonly GoogleAim[], token: Sensitive): Promise<GoogleBucketAccess[]> {
  const answers = new Map<string, Promise<Omit<GoogleBucketAccess, "aim">>>();
  return Promise.all(
    aims.map(async (aim) => {
      const asked = aim.writes ? OBJECT_WRITE : OBJECT_READ;
      const key = `${aim.bucket} ${asked.length}`;
      const answer = answers.get(key) ?? askBucket(google, aim.bucket, asked, token);
      answers.set(key, answer);
      return { aim, ...(await answer) };
    }),
  );
}

async function askBucket(
  google: Google,
  bucket: string,
  asked: readonly string[],
  token: Sensitive,
): Promise<Omit<GoogleBucketAccess, "aim">> {
  let granted: readonly string[] = [];
  const outcome = await outcomeOf(async () => {
    granted = await google.testBucketPermissions({ bucket, permissions: asked, token });
  });
  return { asked, granted, outcome };
}
