import type { BackupFacts, ClusterFacts } from "../facts.ts";
import type { Evidence } from "../finding.ts";
import { sentenceList } from "../text.ts";
import type { EffectiveEnvironment, EnvFromSource } from "./effective.ts";

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

/** Evidence that points to the entries of `envFrom` (or the other fields) that name a Secret or ConfigMap. */
export function referenceEvidence(
  cluster: ClusterFacts,
  { kind, name }: Pick<EnvFromSource, "kind" | "name">,
  backups: readonly BackupFacts[] = [],
): Evidence[] {
  const of = { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name };
  const field = kind === "Secret" ? "secretRef" : "configMapRef";
  const entries = cluster.groups.flatMap((group) =>
    group.envFrom
      .filter((source) => source.kind === kind && source.name === name)
      .map(({ index = 0 }): Evidence => ({
        label: `${group.name} nodes`,
        has: `spec.${group.field}.envFrom[${index}]`,
        path: `/spec/${group.field}/envFrom/${index}/${field}/name`,
        of,
      })),
  );
  if (kind === "Secret" && cluster.secretStore === name)
    entries.push({ label: "read by", has: "spec.secretStore", path: "/spec/secretStore/secretName", of });
  for (const backup of backups) {
    if (kind !== "Secret" || backup.credentialsSecret !== name) continue;
    entries.push({
      label: "read by",
      has: `${backup.kind} ${backup.name}`,
      path: `/spec/${backup.field}/credentialsSecret/name`,
      of: { kind: backup.kind, namespace: backup.namespace, name: backup.name },
    });
  }
  return entries;
}
