import type { ProbeFacts, StaticKeyFacts, StoreFacts, WebIdentityFacts } from "../../domain/aws-facts.ts";
import { isDenied } from "../../domain/call-outcome.ts";
import { known, valueOf, type Known } from "../../domain/known.ts";
import { askAws, notAsked } from "../aws/ask-aws.ts";
import { defineCollector } from "../collector.ts";
import { keptQuestions } from "./kept-questions.ts";
import { probe, type ProbeTask } from "./probe.ts";
import { placeOf, storeIn } from "./recipe.ts";

/** The write probe, as the pods' role and with each static key, in each bucket that the database writes to. */
export const probesCollector = defineCollector({
  gives: "probes",
  needs: ["cluster"],
  wants: ["staticKeys", "webIdentity"],
  collect: (_, world, { staticKeys, webIdentity }): Promise<Known<readonly ProbeFacts[]>> =>
    askAws(world, "the write probe", undefined, async (_aws, cloud) => {
      if (!cloud.prove) return notAsked("the write probe", "nothing is written unless --prove asks for it");
      const role = webIdentity && valueOf(webIdentity);
      const keys = (staticKeys && valueOf(staticKeys)) ?? [];
      const tasks = [...(role === undefined ? [] : ofRole(role)), ...keys.flatMap(ofKey)];
      const claimed = new Set<string>();
      const facts = await Promise.all(
        tasks.map((task, index) => cloud.shielded(() => probe({ ...task, index, claimed }, cloud))),
      );
      return known(facts, { via: "aws", ref: "the write probe" });
    }),
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
        facts: store,
        store: storeIn(question, placeOf(store, question)),
        endpoint: question.options.endpoint,
      },
    ];
  });
}

/** Denied is no reason: who may not list may well write. */
function isWorthAWrite({ outOfReach, list }: StoreFacts, identity: ProbeFacts["identity"]): boolean {
  if (outOfReach !== undefined || list.state === "failed") return false;
  return isDenied(list) || list.state === "ok" || identity === "role";
}
