import type { ClusterFacts } from "../facts.ts";
import { sentenceList } from "../text.ts";
import type { EffectiveEnvironment } from "./effective.ts";

/** The environments of the cluster's node groups, without those of backups. */
export function nodeEnvironments(
  cluster: ClusterFacts,
  environments: readonly EffectiveEnvironment[],
): EffectiveEnvironment[] {
  return cluster.groups.flatMap((group) => environments.find((environment) => environment.of === group.name) ?? []);
}

/** `metadata and data nodes`. */
export function describeGroups(groups: readonly string[]): string {
  return `${sentenceList([...new Set(groups)])} nodes`;
}
