import { describeSource, type EnvFromSource } from "../../domain/env/effective.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { count, sentenceList } from "../../domain/text.ts";

/** The pod was made from another `envFrom` than the AntflyCluster has now. */
export function isDrifted(pod: PodFacts, cluster: ClusterFacts): boolean {
  return sources(pod.envFrom) !== sources(expected(pod, cluster));
}

/** Pods that do not run, and wait for what the AntflyCluster does not name any more, are down. */
export function drift(cluster: ClusterFacts, pods: readonly PodFacts[]): Finding {
  const down = pods.some((pod) => pod.startedAt === undefined && pod.waiting !== undefined);
  const message = `${count(pods.length, "pod")} ${pods.length === 1 ? "does" : "do"} not have the envFrom of AntflyCluster ${cluster.name} yet: ${sentenceList(pods.map((pod) => pod.name))}`;
  return finding(
    "k8s.cr-vs-pod-drift",
    down ? "error" : "warning",
    { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name },
    message,
    {
      evidence: pods.map((pod) => ({
        label: `pod ${pod.name}`,
        want: sources(expected(pod, cluster)),
        has: `${sources(pod.envFrom)}${pod.waiting === undefined ? "" : ` (${pod.waiting.reason})`}`,
      })),
      fixes: [
        safeCommand`kubectl get statefulset -n ${cluster.namespace} -l app.kubernetes.io/instance=${cluster.name}`,
      ],
      transient: true,
    },
  );
}

function expected(pod: PodFacts, cluster: ClusterFacts): readonly EnvFromSource[] {
  return cluster.groups.find((group) => group.name === pod.group)?.envFrom ?? [];
}

function sources(list: readonly EnvFromSource[]): string {
  return list.map(describeSource).join(", ") || "none";
}
