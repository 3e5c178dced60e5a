import type { EnvFromSource } from "../../domain/env/effective.ts";
import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { PodFacts, StatefulSetFacts } from "../../domain/workload-facts.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { replaceOneByOne, touchCluster } from "../../domain/fixes.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { count, sentenceList } from "../../domain/text.ts";

/** How a running container stands to one source of its environment. */
export interface Age {
  readonly pod: PodFacts;
  readonly source: EnvFromSource;
  readonly changedAt: string | undefined;
  readonly verdict: "fresh" | "may-be-stale" | "unknown";
}

/**
 * A container's environment is a copy made when it started. `dataChangedAt` is an upper bound of the last change of the
 * data, so a container that started later is certainly fresh, and one that started before may be stale. Both times are
 * whole seconds: in the same second, only a source that has not changed since it was created leaves no doubt.
 */
export function agesOf(pod: PodFacts, references: ReferenceFacts): Age[] {
  const { startedAt } = pod;
  if (startedAt === undefined) return [];
  return pod.envFrom.flatMap((source): Age[] => {
    const fact = (source.kind === "Secret" ? references.secrets : references.configMaps)[source.name];
    if (fact?.state !== "known") return [];
    const { dataChangedAt: changedAt, createdAt } = fact.value;
    const base = { pod, source, changedAt };
    if (changedAt === undefined) return [{ ...base, verdict: "unknown" }];
    const [started, changed] = [Date.parse(startedAt), Date.parse(changedAt)];
    const bornWithIt = started === changed && createdAt === changedAt && !source.optional;
    return [{ ...base, verdict: started > changed || bornWithIt ? "fresh" : "may-be-stale" }];
  });
}

/** One finding a source, with exactly the pods that may hold its earlier values. */
export function stalePods(
  cluster: ClusterFacts,
  references: ReferenceFacts,
  ages: readonly Age[],
  generation: Generation | undefined,
  statefulSets: readonly StatefulSetFacts[],
): Finding[] {
  const bySource = new Map<string, Age[]>();
  for (const age of ages) {
    if (age.verdict !== "may-be-stale") continue;
    const key = `${age.source.kind} ${age.source.name}`;
    bySource.set(key, [...(bySource.get(key) ?? []), age]);
  }
  return [...bySource].map(([what, mine]) => {
    const pods = mine.map((age) => age.pod);
    const [{ source, changedAt } = { source: undefined, changedAt: undefined }] = mine;
    const subject = { kind: source?.kind ?? "Secret", namespace: cluster.namespace, name: source?.name ?? "" };
    // A hash over contents was stamped on the pod; another one now proves that the content is another.
    const hashed = generation === 1 || source?.kind === "ConfigMap";
    const certain = hashed && pods.every((pod) => contentDiffers(pod, references, generation));
    const verb = certain ? `still hold${pods.length === 1 ? "s" : ""}` : "may still hold";
    const fact = source?.kind === "Secret" ? references.secrets[source.name] : undefined;
    const isSynced = fact?.state === "known" && fact.value.owner?.tool === "External Secrets";
    const names = sentenceList(pods.map((pod) => pod.name));
    const message = isSynced
      ? `External Secrets wrote ${what} at ${changedAt}, and ${count(pods.length, "pod")} ${verb} earlier values of it: ${names}`
      : `${count(pods.length, "pod")} ${verb} earlier values of ${what}, changed ${changedAt}: ${names}`;
    const because = hashed
      ? "this operator replaces them at its next reconcile only"
      : "this operator never replaces pods when a value changes";
    return finding(
      isSynced ? "eso.synced-but-pods-stale" : "k8s.stale-pod-env",
      certain ? "error" : "warning",
      subject,
      message,
      {
        evidence: [
          ...pods.map((pod) => ({
            label: `pod ${pod.name}`,
            want: `started after ${changedAt}`,
            has: `started ${pod.startedAt}`,
          })),
          ...(generation === undefined ? [] : [{ label: "operator", has: because }]),
        ],
        fixes: hashed ? [touchCluster(cluster)] : replaceOneByOne(cluster, pods),
        transient: pods.every((pod) => isBeingReplaced(pod, cluster, statefulSets)),
      },
    );
  });
}

/** The template has moved on from what the pod was made of: the StatefulSet will replace it. Otherwise nobody will. */
function isBeingReplaced(
  { group, envFromHash }: PodFacts,
  { groups }: ClusterFacts,
  statefulSets: readonly StatefulSetFacts[],
): boolean {
  const name = groups.find((one) => one.name === group)?.statefulSet;
  const template = statefulSets.find((one) => one.name === name);
  return template !== undefined && template.envFromHash !== envFromHash;
}

function contentDiffers(pod: PodFacts, references: ReferenceFacts, generation: Generation | undefined): boolean {
  const hashes = references.hashes[pod.group];
  const now = generation === 1 ? hashes?.content : hashes?.reference;
  return generation !== undefined && pod.envFromHash !== undefined && now !== undefined && pod.envFromHash !== now;
}
