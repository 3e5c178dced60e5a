import type { EffectiveEnvironment } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { CREDENTIAL_KEYS } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { sentenceList } from "../../domain/text.ts";

/** The environments whose credentials are used: those of the nodes, or of values by themselves. */
export function judgedEnvironments(
  cluster: ClusterFacts | undefined,
  environments: readonly EffectiveEnvironment[],
): readonly EffectiveEnvironment[] {
  return cluster === undefined ? environments : nodeEnvironments(cluster, environments);
}

/** Why these variables cannot be judged, where only their names are known: they are sealed, or a store has them. */
export function unreadReason(
  environments: readonly EffectiveEnvironment[],
  names: readonly string[] = CREDENTIAL_KEYS,
): string | undefined {
  const unread = environments.flatMap((environment) =>
    names.flatMap((name) => {
      const from = environment.variables[name]?.from;
      return from?.facts.unread === true ? from.source.name : [];
    }),
  );
  if (unread.length === 0) return undefined;
  return `the values of Secret ${sentenceList([...new Set(unread)])} are not in the files: they are encrypted, or come from a store`;
}
