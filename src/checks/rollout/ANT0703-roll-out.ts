import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts, StatefulSetFacts } from "../../domain/workload-facts.ts";
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
      ...quorum(cluster, statefulSets, pods),
    ];
  },
});

function neverUpdated(
  { namespace }: ClusterFacts,
  { name, onDelete, partition, replicas }: StatefulSetFacts,
): Finding[] {
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
  const which = partition >= replicas ? "all pods" : `the pods below number ${partition}`;
  const message = `StatefulSet ${name} leaves ${which} as they are (updateStrategy partition ${partition}), whatever changes in its template`;
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

/**
 * The pods are replaced one after the other, from the highest number. A new one that does not get Ready stops the rest;
 * and broken ones of the earlier template may be waited for (kubernetes/kubernetes#67250). Where the operator repairs
 * them (event RepairingBlockedRollout), a while later they are gone.
 */
function stuck(
  { namespace }: ClusterFacts,
  { name, settled, revisions, onDelete, partition }: StatefulSetFacts,
  pods: readonly PodFacts[],
  { now }: CheckContext,
): Finding[] {
  if (!settled || onDelete || revisions.update === "" || revisions.update === revisions.current) return [];
  const changing = pods.filter((pod) => ordinal(pod) >= partition);
  const isNew = (pod: PodFacts): boolean => pod.revision === revisions.update;
  const broken = changing.filter(
    (pod) => !pod.ready && !pod.terminating && now.getTime() - Date.parse(pod.createdAt) > LONGEST_START_MS,
  );
  const subject = { kind: "StatefulSet", namespace, name };
  const evidence = (list: readonly PodFacts[]): Finding["evidence"] =>
    list.map((pod) => ({
      label: `pod ${pod.name}`,
      want: `revision ${revisions.update}, Ready`,
      has: `revision ${pod.revision}, ${pod.waiting?.reason ?? "not Ready"}`,
    }));
  const isOne = (list: readonly PodFacts[]): string => (list.length === 1 ? "is" : "are");

  const stopping = broken.filter(isNew);
  if (stopping.length > 0) {
    const have = stopping.length === 1 ? "has" : "have";
    const message = `The roll-out of StatefulSet ${name} stops at ${sentenceList(stopping.map((pod) => pod.name))}, which ${have} the new template and ${isOne(stopping)} not Ready`;
    return [
      finding("k8s.sts-stuck-broken-pod", "error", subject, message, {
        evidence: evidence(stopping),
        fixes: [safeCommand`kubectl describe pod ${stopping[0]?.name ?? ""} -n ${namespace}`],
        transient: true,
      }),
    ];
  }
  // While one goes or starts, the others wait their turn.
  if (changing.some((pod) => pod.terminating || (isNew(pod) && !pod.ready)) || broken.length === 0) return [];
  const message = `The roll-out of StatefulSet ${name} does not go on: ${sentenceList(broken.map((pod) => pod.name))} of the earlier template ${isOne(broken)} not Ready, and ${isOne(broken)} not replaced`;
  return [
    finding("k8s.sts-stuck-broken-pod", "error", subject, message, {
      evidence: evidence(broken),
      fixes: broken.map((pod) => command`kubectl delete pod ${pod.name} -n ${namespace}`),
      transient: true,
    }),
  ];
}

/** Metadata nodes vote: with one down, another restart may take the majority away. */
function quorum(
  cluster: ClusterFacts,
  statefulSets: readonly StatefulSetFacts[],
  pods: readonly PodFacts[],
): Finding[] {
  const { namespace, name, groups } = cluster;
  const set = groups.find((group) => group.name === "metadata")?.statefulSet;
  const voters = statefulSets.find((one) => one.name === set)?.replicas ?? 0;
  const mine = pods.filter((pod) => pod.group === "metadata");
  const up = mine.filter((pod) => pod.ready && !pod.terminating);
  const down = voters - up.length;
  // That there is no pod at all is told by ANT0701.
  if (voters < 3 || down <= 0 || mine.length === 0) return [];
  const what = `${count(down, "metadata pod")} of ${voters} ${down === 1 ? "is" : "are"} not Ready`;
  const message =
    up.length > voters / 2
      ? `${what}: restart no other one before ${down === 1 ? "it is" : "they are"}, or the cluster may lose its majority`
      : `${what}: the cluster has no majority`;
  return [
    finding("k8s.quorum-risk", "warning", refOfCluster(cluster), message, {
      evidence: mine
        .filter((pod) => !up.includes(pod))
        .map((pod) => ({
          label: `pod ${pod.name}`,
          want: "Ready",
          has: pod.terminating ? "terminating" : (pod.waiting?.reason ?? "not Ready"),
        })),
      fixes: [
        safeCommand`kubectl get pods -n ${namespace} -l ${`app.kubernetes.io/instance=${name},app.kubernetes.io/component=metadata`}`,
      ],
      transient: true,
    }),
  ];
}

function ordinal({ name }: PodFacts): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 0);
}
