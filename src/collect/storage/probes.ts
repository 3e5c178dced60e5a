import type { ProbeFacts, StaticKeyFacts, StoreFacts, WebIdentityFacts } from "../../domain/aws-facts.ts";
import { isDenied } from "../../domain/call-outcome.ts";
import type { GoogleBucketAccess, GoogleIdentityFacts } from "../../domain/google-facts.ts";
import { known, valueOf, type Known } from "../../domain/known.ts";
import { notAsked } from "../aws/ask-aws.ts";
import { defineCollector, type Cloud } from "../collector.ts";
import { keptGoogleToken } from "../google/kept-token.ts";
import { isRetained } from "../google/retention.ts";
import { keptQuestions } from "./kept-questions.ts";
import { probe, type ProbeTask } from "./probe.ts";
import { placeOf, storeIn } from "./recipe.ts";

const REF = "the write probe";

/** The write probe, as the pods' identity and with each static key, in each bucket that the database writes to. */
export const probesCollector = defineCollector({
  gives: "probes",
  needs: ["cluster"],
  wants: ["staticKeys", "webIdentity", "googleIdentity"],
  collect: async (_, { cloud }, wants): Promise<Known<readonly ProbeFacts[]>> => {
    if ("off" in cloud) return notAsked(REF, cloud.off);
    if (!cloud.prove) return notAsked(REF, "nothing is written unless --prove asks for it");
    const role = wants.webIdentity && valueOf(wants.webIdentity);
    const google = wants.googleIdentity && valueOf(wants.googleIdentity);
    const keys = (wants.staticKeys && valueOf(wants.staticKeys)) ?? [];
    const tasks = [
      ...(role === undefined ? [] : ofRole(role)),
      ...keys.flatMap(ofKey),
      ...(google === undefined ? [] : await ofGoogle(google, cloud)),
    ];
    const claimed = new Set<string>();
    const facts = await Promise.all(
      tasks.map((task, index) => cloud.shielded(() => probe({ ...task, index, claimed }, cloud))),
    );
    return known(facts, { via: "aws", ref: REF });
  },
});

type Task = Omit<ProbeTask, "index" | "claimed">;

function ofRole(facts: WebIdentityFacts): Task[] {
  const who = { identity: "role", holder: `ServiceAccount ${facts.serviceAccount}`, arn: facts.assumedArn } as const;
  return tasksOf(facts, who);
}

function ofKey(facts: StaticKeyFacts): Task[] {
  return tasksOf(facts, { identity: "key", holder: facts.source, arn: facts.caller?.arn });
}

/** Where an earlier answer shows that a write would say nothing new, none is tried. */
function tasksOf(facts: StaticKeyFacts | WebIdentityFacts, who: Pick<Task, "identity" | "holder" | "arn">): Task[] {
  return keptQuestions(facts).flatMap((question, i) => {
    const store = facts.stores[i];
    if (store === undefined || !question.aim.writes || !isWorthAWrite(store, who.identity)) return [];
    return [
      {
        ...who,
        aim: question.aim,
        locked: store.objectLock.state === "known" && store.objectLock.value,
        store: storeIn(question, placeOf(store, question)),
        endpoint: question.options.endpoint,
      },
    ];
  });
}

/** With the very token that Google gave the ServiceAccount: it has no rights but the workload's own, and ends in minutes. */
async function ofGoogle(facts: GoogleIdentityFacts, cloud: Cloud): Promise<Task[]> {
  const token = keptGoogleToken(facts);
  const written = facts.buckets.filter(({ aim, outcome }) => aim.writes && outcome.state === "ok");
  if (token === undefined || written.length === 0) return [];
  const google = await cloud.google();
  const who = { identity: "google", holder: `ServiceAccount ${facts.serviceAccount}`, arn: facts.principal } as const;
  const task = async ({ aim: { connection: _, source: __, ...aim } }: GoogleBucketAccess): Promise<Task> => {
    const store = google.objectStore({ bucket: aim.bucket, token });
    return { ...who, aim, locked: await isRetained(google, store, aim.bucket), store, endpoint: undefined };
  };
  return Promise.all(written.map(task));
}

/** Denied is no reason: who may not list may well write. */
function isWorthAWrite({ outOfReach, list }: StoreFacts, identity: ProbeFacts["identity"]): boolean {
  if (outOfReach !== undefined || list.state === "failed") return false;
  return isDenied(list) || list.state === "ok" || identity === "role";
}
