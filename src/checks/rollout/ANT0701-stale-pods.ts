import type { EnvFromSource } from "../../domain/env/effective.ts";
import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { PodFacts, StatefulSetFacts } from "../../domain/workload-facts.ts";
import { finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { GET_CONFIG_MAPS, GET_SECRETS, LIST_PODS } from "../../domain/grants.ts";
import { count, sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { drift, isDrifted } from "./drifted-pods.ts";
import { agesOf, stalePods, type Age } from "./stale-pods.ts";

export default defineCheck({
  code: "ANT0701",
  slug: "stale-pods",
  title: "Every pod holds the current values",
  area: "rollout",
  causes: [
    "eso.synced-but-pods-stale",
    "k8s.cr-vs-pod-drift",
    "k8s.stale-pod-env",
    "rollout.no-pods",
    "rollout.pod-not-running",
  ],
  needs: ["cluster", "references", "pods", "operator"],
  wants: ["statefulSets"],
  after: ["ANT0201"],
  notIn: {
    files: "files do not show pods",
    overlay: "the pods that the manifests will make are not there yet",
  },
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, GET_CONFIG_MAPS, LIST_PODS],
  run: ({ cluster, references, pods, operator, statefulSets }) => {
    if (cluster === undefined || references === undefined) return [];
    const live = (pods ?? []).filter((pod) => !pod.terminating);
    const tooFew = tooFewPods(cluster, pods ?? [], statefulSets ?? []);
    if (live.length === 0 && tooFew.length === 0) return [noPods(cluster)];
    const drifted = live.filter((pod) => isDrifted(pod, cluster));
    const current = live.filter((pod) => !drifted.includes(pod));
    const ages = current.flatMap((pod) => agesOf(pod, references));
    const findings = [
      ...tooFew,
      ...(drifted.length === 0 ? [] : [drift(cluster, drifted)]),
      ...stalePods(cluster, references, ages, operator?.generation, statefulSets ?? []),
      ...notRunning(cluster, current),
    ];
    return { findings, undecided: doubts(ages, references) };
  },
});

/** Why it cannot be told of some sources when they changed. */
function doubts(ages: readonly Age[], references: ReferenceFacts): string[] {
  const undecided = ages.filter((age) => age.verdict === "unknown").map((age) => age.source);
  const [empty, full] = [undecided.filter(isEmpty), undecided.filter((source) => !isEmpty(source))];
  const list = (sources: readonly EnvFromSource[]): string =>
    sentenceList([...new Set(sources.map(({ kind, name }) => `${kind} ${name}`))]);
  return [
    ...(full.length === 0 ? [] : [`${list(full)} has no managedFields: when its data changed cannot be told`]),
    ...(empty.length === 0
      ? []
      : [`${list(empty)} holds no key: whether it held some when the pods started cannot be told`]),
  ];

  function isEmpty({ kind, name }: EnvFromSource): boolean {
    const fact = (kind === "Secret" ? references.secrets : references.configMaps)[name];
    return fact?.state === "known" && Object.keys(fact.value.keys).length === 0;
  }
}

function noPods({ namespace, name }: ClusterFacts): Finding {
  const message = `AntflyCluster ${name} has no pods: is the operator running?`;
  return finding("rollout.no-pods", "warning", { kind: "AntflyCluster", namespace, name }, message, {
    fixes: [safeCommand`kubectl get deployment -A -l app.kubernetes.io/name=antfly-operator`],
    transient: true,
  });
}

/** The operator has done its part; a webhook or a quota refuses pods, or they could not be made again. */
function tooFewPods(
  { namespace, groups }: ClusterFacts,
  pods: readonly PodFacts[],
  statefulSets: readonly StatefulSetFacts[],
): Finding[] {
  return statefulSets.flatMap(({ name, replicas, settled }): Finding[] => {
    const group = groups.find(({ statefulSet }) => statefulSet === name);
    // One that is terminating is about to be made anew.
    const there = pods.filter((pod) => pod.group === group?.name).length;
    if (group === undefined || !settled || there >= replicas) return [];
    const message = `StatefulSet ${name} has ${there} of the ${count(replicas, "pod")} that it asks for: its events say what refuses the others`;
    return [
      finding("rollout.no-pods", "warning", { kind: "StatefulSet", namespace, name }, message, {
        fixes: [safeCommand`kubectl describe statefulset ${name} -n ${namespace}`],
        transient: true,
      }),
    ];
  });
}

/** What waits for a Secret or ConfigMap is ANT0201's; the rest is told here, so that nobody takes it for healthy. */
function notRunning(
  cluster: ClusterFacts,
  pods: readonly { name: string; waiting: { reason: string } | undefined }[],
): Finding[] {
  const stuck = pods.filter(({ waiting }) => waiting !== undefined && waiting.reason !== "CreateContainerConfigError");
  if (stuck.length === 0) return [];
  const list = sentenceList(stuck.map(({ name, waiting }) => `${name} (${waiting?.reason})`));
  const subject = { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name };
  const message = `${count(stuck.length, "pod")} ${stuck.length === 1 ? "is" : "are"} not running: ${list}`;
  return [
    finding("rollout.pod-not-running", "warning", subject, message, {
      fixes: [safeCommand`kubectl describe pod ${stuck[0]?.name ?? ""} -n ${cluster.namespace}`],
      transient: true,
    }),
  ];
}
