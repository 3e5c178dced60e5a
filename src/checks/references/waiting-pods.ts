import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { command, edit, finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { count, sentenceList } from "../../domain/text.ts";

const CONFIG_ERROR = "CreateContainerConfigError";

export interface SourceRef {
  readonly kind: "Secret" | "ConfigMap";
  readonly name: string;
}

/** The kubelet's own message: `secret "x" not found`. */
export function waitsFor(pod: PodFacts, source: SourceRef): boolean {
  const message = `${source.kind.toLowerCase()} "${source.name}" not found`;
  return pod.waiting?.reason === CONFIG_ERROR && pod.waiting.message.includes(message);
}

/** The pod was made from a list that names the source. */
export function readsSource(pod: PodFacts, source: SourceRef): boolean {
  return pod.envFrom.some((one) => one.kind === source.kind && one.name === source.name);
}

/** Pods whose container cannot be made, for a reason that no source of the AntflyCluster explains. */
export function notStarting(
  cluster: ClusterFacts,
  pods: readonly PodFacts[],
  explained: readonly SourceRef[],
  references: ReferenceFacts,
): Finding[] {
  const stuck = pods.filter(
    (pod) =>
      pod.waiting?.reason === CONFIG_ERROR && !pod.terminating && !explained.some((source) => waitsFor(pod, source)),
  );
  const byMessage = new Map<string, PodFacts[]>();
  for (const pod of stuck) {
    const message = pod.waiting?.message ?? "";
    byMessage.set(message, [...(byMessage.get(message) ?? []), pod]);
  }
  return [...byMessage].map(([message, list]) => {
    const names = sentenceList(list.map((pod) => pod.name));
    const text = `${count(list.length, "pod")} cannot start: ${message} (${names})`;
    const lost = lostKey(message);
    if (lost !== undefined) return missingKey(cluster, lost, list, references);
    const former = list[0]?.envFrom.find((source) => list.every((pod) => waitsFor(pod, source)));
    if (former !== undefined && list.every((pod) => readsSource(pod, former)))
      return formerSource(cluster, former, text, list);
    return finding("k8s.container-config-error", "error", refOfCluster(cluster), text, {
      evidence: list.map((pod) => ({ label: `pod ${pod.name}`, has: `${pod.waiting?.reason}: ${message}` })),
      fixes: [safeCommand`kubectl describe pod ${list[0]?.name ?? ""} -n ${cluster.namespace}`],
      transient: true,
    });
  });
}

/** No more than a warning: what the AntflyCluster asks for by now, or is about to, is not what they wait for. */
function formerSource(
  cluster: ClusterFacts,
  { kind, name }: SourceRef,
  text: string,
  pods: readonly PodFacts[],
): Finding {
  const message = `${text}; the AntflyCluster does not read ${kind} ${name}, and new pods need it no more`;
  return finding("k8s.container-config-error", "warning", refOfCluster(cluster), message, {
    evidence: pods.map((pod) => ({ label: `pod ${pod.name}`, has: `${pod.waiting?.reason}: ${pod.waiting?.message}` })),
    fixes: [command`kubectl delete pod ${pods.map((pod) => pod.name)} -n ${cluster.namespace}`],
    transient: true,
  });
}

interface LostKey extends SourceRef {
  readonly key: string;
}

/** The kubelet's words: `couldn't find key AWS_REGION in Secret production/keys`. */
function lostKey(message: string): LostKey | undefined {
  const [, key, kind, name] = /couldn't find key (\S+) in (Secret|ConfigMap) [^/\s]+\/(\S+)/.exec(message) ?? [];
  if (key === undefined || name === undefined || (kind !== "Secret" && kind !== "ConfigMap")) return undefined;
  return { key, kind, name };
}

function missingKey(
  { namespace }: ClusterFacts,
  { key, kind, name }: LostKey,
  pods: readonly PodFacts[],
  { secrets, configMaps }: ReferenceFacts,
): Finding {
  const names = sentenceList(pods.map((pod) => pod.name));
  const subject = { kind, namespace, name };
  const evidence = pods.map((pod) => ({
    label: `pod ${pod.name}`,
    has: `${pod.waiting?.reason}: ${pod.waiting?.message}`,
  }));
  const fact = (kind === "Secret" ? secrets : configMaps)[name];
  if (fact?.state === "known" && key in fact.value.keys) {
    const message = `${kind} ${name} has key ${key} by now, and ${count(pods.length, "pod")} still wait${pods.length === 1 ? "s" : ""} for it (${names}); the kubelet tries again by itself`;
    return finding("k8s.secret-just-created", "warning", subject, message, { evidence, transient: true });
  }
  const message = `${kind} ${name} has no key ${key}, and ${count(pods.length, "pod")} cannot start without it (${names})`;
  return finding("k8s.secretkeyref-missing-key", "critical", subject, message, {
    evidence,
    fixes: [edit(`add ${key} to ${kind} ${name}, or remove the env entry from what puts it into the pods`)],
    transient: true,
  });
}

/** The kubelet tries again by itself; until then the pod shows the old message. */
export function stillWaiting(cluster: ClusterFacts, source: SourceRef, pods: readonly PodFacts[]): Finding[] {
  const waiting = pods.filter((pod) => waitsFor(pod, source));
  if (waiting.length === 0) return [];
  const subject = { kind: source.kind, namespace: cluster.namespace, name: source.name };
  const message = `${source.kind} ${source.name} exists, and ${waiting.length} of the pods still wait for it; the kubelet tries again by itself`;
  return [
    finding("k8s.secret-just-created", "warning", subject, message, {
      evidence: waiting.map((pod) => ({
        label: `pod ${pod.name}`,
        has: `${pod.waiting?.reason}: ${pod.waiting?.message}`,
      })),
      transient: true,
    }),
  ];
}
