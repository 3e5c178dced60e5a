import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts, RevisionFacts, StatefulSetFacts } from "../../domain/workload-facts.ts";
import { edit, finding, safeCommand, type Evidence, type Finding } from "../../domain/finding.ts";
import { sentenceList } from "../../domain/text.ts";

/**
 * `kubectl rollout restart` writes into the template, which the operator writes anew at its next reconcile. While pods of
 * the restart are there they show it; once they are replaced again, only the StatefulSet's earlier templates do.
 */
export function undoneRestart(
  cluster: ClusterFacts,
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  revisions: readonly RevisionFacts[],
): Finding[] {
  const found = byPods(set, pods) ?? byRevisions(set, pods, revisions);
  if (found === undefined) return [];
  const { namespace, name } = cluster;
  const subject = { kind: "StatefulSet", namespace, name: set.name };
  return [
    finding("antfly.rollout-restart-reverted", "warning", subject, found.message, {
      evidence: found.evidence,
      fixes: [
        safeCommand`kubectl get pods -n ${namespace} -l ${`app.kubernetes.io/instance=${name}`}`,
        edit("to restart pods here, delete them one at a time, each after the one before is Ready"),
      ],
    }),
  ];
}

interface Trace {
  readonly message: string;
  readonly evidence: readonly Evidence[];
}

function byPods(set: StatefulSetFacts, pods: readonly PodFacts[]): Trace | undefined {
  const restarted = pods.filter((pod) => pod.restartedAt !== undefined && pod.restartedAt !== set.restartedAt);
  const untouched = pods.filter((pod) => !restarted.includes(pod));
  if (restarted.length === 0 || set.restartedAt !== undefined) return undefined;
  const rest =
    untouched.length === 0
      ? "every pod is replaced a second time"
      : `${sentenceList(untouched.map((pod) => pod.name))} ${untouched.length === 1 ? "was" : "were"} not restarted`;
  return {
    message: `A kubectl rollout restart of StatefulSet ${set.name} was undone by the operator: ${rest}`,
    evidence: [
      { label: "template", want: "kubectl.kubernetes.io/restartedAt", has: "not set" },
      ...restarted.map((pod) => ({ label: `pod ${pod.name}`, has: `restartedAt ${pod.restartedAt}` })),
    ],
  };
}

/**
 * The newest template is an older one that came back right after the restart's. One that came with a later change is newer,
 * or another revision lies between: then all pods were replaced since.
 */
function byRevisions(
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  revisions: readonly RevisionFacts[],
): Trace | undefined {
  const mine = revisions.filter((one) => one.statefulSet === set.name).sort((a, b) => b.revision - a.revision);
  const [now, restart] = mine;
  if (now === undefined || restart?.restartedAt === undefined || restart.revision !== now.revision - 1)
    return undefined;
  if (Date.parse(now.createdAt) > Date.parse(restart.createdAt) || !isOlder(now.restartedAt, restart.restartedAt))
    return undefined;
  // By the cluster's clock: the annotation has that of whoever asked.
  const older = pods.filter((pod) => Date.parse(pod.createdAt) < Date.parse(restart.createdAt));
  // Pods that were replaced in whichever way have what the restart was for.
  if (older.length === 0) return undefined;
  const were = older.length === 1 ? "is older and was" : "are older and were";
  return {
    message: `The kubectl rollout restart of StatefulSet ${set.name} at ${restart.restartedAt} was undone by the operator: ${older.length} of ${pods.length} pods ${were} not restarted`,
    evidence: [
      {
        label: "template",
        want: `revision ${restart.revision}, restartedAt ${restart.restartedAt}`,
        has: `revision ${now.revision}, again as before the restart (ControllerRevision ${now.name})`,
      },
      { label: "pods", has: `${older.length} created before the restart, ${pods.length - older.length} after it` },
      ...older.map((pod) => ({
        label: `pod ${pod.name}`,
        want: `created after ${restart.createdAt}`,
        has: `created ${pod.createdAt}`,
      })),
    ],
  };
}

function isOlder(restartedAt: string | undefined, than: string): boolean {
  return restartedAt === undefined || Date.parse(restartedAt) < Date.parse(than);
}
