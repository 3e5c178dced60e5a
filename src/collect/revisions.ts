import type { PodFacts } from "../domain/workload-facts.ts";
import { LIST_REVISIONS } from "../domain/grants.ts";
import { known } from "../domain/known.ts";
import { CONTROLLER_REVISION } from "../domain/resources.ts";
import { defineCollector, toKnown } from "./collector.ts";
import { parseRevision, podsOf } from "./objects/workloads.ts";

/** Pods that are made together are created within this time. */
const ONE_START_MS = 5_000;

/** Asked for only where pods of a node group differ in age: a cluster that nobody touched costs no call. */
export const revisionsCollector = defineCollector({
  gives: "revisions",
  needs: ["cluster", "pods"],
  collect: async ({ cluster: { name, groups }, pods }, { reader, namespace }) => {
    const origin = { via: "kube", ref: "ControllerRevisions" } as const;
    if (!groups.some((group) => differInAge(pods.filter((pod) => pod.group === group.name)))) return known([], origin);
    return toKnown(origin.ref, LIST_REVISIONS, async () => {
      const names = new Set(groups.map((group) => group.statefulSet));
      const list = await reader.list(CONTROLLER_REVISION, namespace, { labelSelector: podsOf(name) });
      return known(
        list.flatMap((object) => parseRevision(object) ?? []).filter((one) => names.has(one.statefulSet)),
        origin,
      );
    });
  },
});

function differInAge(pods: readonly PodFacts[]): boolean {
  const times = pods.map(({ createdAt }) => Date.parse(createdAt));
  return Math.max(...times) - Math.min(...times) > ONE_START_MS;
}
