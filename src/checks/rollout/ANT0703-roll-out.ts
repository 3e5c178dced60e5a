import type { ClusterFacts, PodFacts, StatefulSetFacts } from "../../domain/facts.ts";
import { command, edit, finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { LIST_PODS, LIST_STATEFUL_SETS } from "../../domain/grants.ts";
import { count, sentenceList } from "../../domain/text.ts";
import { defineCheck, type CheckContext } from "../define.ts";

/** A start may take this long: the startup probe allows 30 s and 30 times 10 s (failure catalogue, 2.6). */
const LONGEST_START_MS = 330_000;

export default defineCheck({
  code: "ANT0703",
  slug: "roll-out",
  title: "A change of the template reaches every pod",
  area: "rollout",
  causes: ["k8s.quorum-risk", "k8s.sts-ondelete", "k8s.sts-partition", "k8s.sts-stuck-broken-pod"],
  needs: ["cluster", "statefulSets", "pods"],
  after: ["ANT0101", "ANT0201"],
  notIn: { files: "files do not show pods", overlay: "the pods that the manifests will make are not there yet" },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_STATEFUL_SETS, LIST_PODS],
  run: ({ cluster, statefulSets = [], pods = [] }, context) => {
    if (cluster === undefined) return [];
    if (statefulSets.length === 0) return { skip: "the cluster has no StatefulSets" };
    return [
      ...statefulSets.flatMap((set) => [
        ...neverUpdated(cluster, set),
        ...stuck(
          cluster,
          set,
          pods.filter((pod) => cluster.groups.some((one) => one.name === pod.group && one.statefulSet === set.name)),
          context,
        ),
      ]),
      ...quorum(cluster, pods),
    ];
  },
});

function neverUpdated({ namespace }: ClusterFacts, { name, onDelete, partition }: StatefulSetFacts): Finding[] {
  const subject = { kind: "StatefulSet", namespace, name };
  if (onDelete) {
    const message = `StatefulSet ${name} replaces no pod by itself (updateStrategy OnDelete): a change waits until each pod is deleted by hand`;
    return [
      finding("k8s.sts-ondelete", "warning", subject, message, {
        evidence: [
          { label: "updateStrategy", want: "RollingUpdate", has: "OnDelete", path: "/spec/updateStrategy/type" },
        ],
        fixes: [
          edit(
            "the operator sets no updateStrategy: find out who does (kubectl get statefulset -o yaml --show-managed-fields)",
          ),
        ],
      }),
    ];
  }
  if (partition === 0) return [];
  const message = `StatefulSet ${name} never replaces the pods below number ${partition} (updateStrategy partition)`;
  return [
    finding("k8s.sts-partition", "warning", subject, message, {
      evidence: [
        { label: "partition", want: "0", has: String(partition), path: "/spec/updateStrategy/rollingUpdate/partition" },
      ],
      fixes: [
        command`kubectl patch statefulset ${name} -n ${namespace} --type merge -p ${'{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'}`,
      ],
    }),
  ];
}

/** Pods of the earlier template that are broken, and that the StatefulSet waits for (kubernetes/kubernetes#67250). */
function stuck(
  { namespace }: ClusterFacts,
  { name, settled, revisions, onDelete, partition }: StatefulSetFacts,
  pods: readonly PodFacts[],
  { now }: CheckContext,
): Finding[] {
  if (!settled || onDelete || revisions.update === "" || revisions.update === revisions.current) return [];
  const broken = pods.filter(
    (pod) =>
      pod.revision !== revisions.update &&
      !pod.ready &&
      !pod.terminating &&
      ordinal(pod) >= partition &&
      now.getTime() - Date.parse(pod.createdAt) > LONGEST_START_MS,
  );
  if (broken.length === 0) return [];
  const message = `The roll-out of StatefulSet ${name} does not go on: ${sentenceList(broken.map((pod) => pod.name))} of the earlier template ${broken.length === 1 ? "is" : "are"} not Ready, and ${broken.length === 1 ? "is" : "are"} not replaced`;
  return [
    finding("k8s.sts-stuck-broken-pod", "error", { kind: "StatefulSet", namespace, name }, message, {
      evidence: broken.map((pod) => ({
        label: `pod ${pod.name}`,
        want: `revision ${revisions.update}, Ready`,
        has: `revision ${pod.revision}, ${pod.waiting?.reason ?? "not Ready"}`,
      })),
      fixes: broken.map((pod) => command`kubectl delete pod ${pod.name} -n ${namespace}`),
    }),
  ];
}

/** Metadata nodes vote: with one down, another restart may take the majority away. */
function quorum(cluster: ClusterFacts, pods: readonly PodFacts[]): Finding[] {
  const voters = pods.filter((pod) => pod.group === "metadata" && !pod.terminating);
  const down = voters.filter((pod) => !pod.ready);
  const spare = Math.floor((voters.length - 1) / 2);
  if (voters.length < 3 || down.length === 0 || down.length > spare) return [];
  const message = `${count(down.length, "metadata pod")} of ${voters.length} ${down.length === 1 ? "is" : "are"} not Ready: restart no other one before ${down.length === 1 ? "it is" : "they are"}, or the cluster may lose its majority`;
  return [
    finding("k8s.quorum-risk", "warning", refOfCluster(cluster), message, {
      evidence: down.map((pod) => ({
        label: `pod ${pod.name}`,
        want: "Ready",
        has: pod.waiting?.reason ?? "not Ready",
      })),
      fixes: [safeCommand`kubectl describe pod ${down[0]?.name ?? ""} -n ${cluster.namespace}`],
      transient: true,
    }),
  ];
}

function ordinal({ name }: PodFacts): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 0);
}
