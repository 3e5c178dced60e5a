import { describeSource, type EffectiveEnvironment } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { shortList } from "../../domain/text.ts";

/** A variable that every library of Google's looks at before it asks the metadata server. */
export const OWN_KEY = "GOOGLE_APPLICATION_CREDENTIALS";

/** What sets it, node group by node group; none where nothing does. */
export function ownKeySetters(
  cluster: ClusterFacts,
  environments: readonly EffectiveEnvironment[],
  pods: readonly PodFacts[],
): string[] {
  const sources = nodeEnvironments(cluster, environments).flatMap(({ of, variables }) => {
    const from = variables[OWN_KEY]?.from;
    return from === undefined ? [] : [`${describeSource(from.source)} of the ${of} nodes`];
  });
  const explicit = pods.filter(({ env, terminating }) => !terminating && env.some(({ name }) => name === OWN_KEY));
  return [...sources, ...(explicit.length === 0 ? [] : [`env of ${shortList(explicit.map(({ name }) => name))}`])];
}
