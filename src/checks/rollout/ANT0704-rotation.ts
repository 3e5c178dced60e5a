import { finding, edit, safeCommand, type Finding } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import type { ClusterFacts, PodFacts, StatefulSetFacts } from "../../domain/facts.ts";
import { LIST_PODS, LIST_STATEFUL_SETS } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0704",
  slug: "rotation",
  title: "What makes the pods take new values here is known, and was not undone",
  area: "rollout",
  causes: ["antfly.hash-names-only", "antfly.rollout-restart-reverted"],
  needs: ["cluster", "operator", "statefulSets", "pods"],
  after: ["ANT0101"],
  notIn: { files: "files do not show which operator runs" },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_STATEFUL_SETS, LIST_PODS],
  run: ({ cluster, operator, statefulSets = [], pods = [] }) => {
    if (cluster === undefined || operator === undefined) return [];
    const reverted = statefulSets.flatMap((set) =>
      revertedRestart(
        cluster,
        set,
        pods.filter((pod) => cluster.groups.some((one) => one.name === pod.group && one.statefulSet === set.name)),
      ),
    );
    const readsSecrets = cluster.groups.some((group) => group.envFrom.some((source) => source.kind === "Secret"));
    if (!readsSecrets || operator.generation === 1) return reverted;
    return operator.generation === undefined
      ? {
          findings: reverted,
          undecided: ["whether a changed Secret replaces pods depends on the operator's generation"],
        }
      : [...reverted, namesOnly(cluster, operator.generation)];
  },
});

function namesOnly(cluster: ClusterFacts, generation: number): Finding {
  const message =
    "A changed Secret restarts nothing here: this operator hashes the Secret's name, not its values; a new name under envFrom makes it replace the pods";
  return finding("antfly.hash-names-only", "info", refOfCluster(cluster), message, {
    evidence: [{ label: "operator", has: `generation ${generation}` }],
    fixes: [
      edit("to change a key: a new Secret, its name under envFrom; or the same Secret, and each pod deleted in turn"),
    ],
  });
}

/** `kubectl rollout restart` writes into the template, which the operator writes anew at its next reconcile. */
function revertedRestart(
  { namespace, name }: ClusterFacts,
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
): Finding[] {
  const restarted = pods.filter((pod) => pod.restartedAt !== undefined && pod.restartedAt !== set.restartedAt);
  const untouched = pods.filter((pod) => pod.restartedAt === undefined || pod.restartedAt === set.restartedAt);
  if (restarted.length === 0 || set.restartedAt !== undefined) return [];
  const rest =
    untouched.length === 0
      ? "every pod is replaced a second time"
      : `${sentenceList(untouched.map((pod) => pod.name))} ${untouched.length === 1 ? "was" : "were"} not restarted`;
  const message = `A kubectl rollout restart of StatefulSet ${set.name} was undone by the operator: ${rest}`;
  return [
    finding("antfly.rollout-restart-reverted", "warning", { kind: "StatefulSet", namespace, name: set.name }, message, {
      evidence: [
        { label: "template", want: "kubectl.kubernetes.io/restartedAt", has: "not set" },
        ...restarted.map((pod) => ({ label: `pod ${pod.name}`, has: `restartedAt ${pod.restartedAt}` })),
      ],
      fixes: [
        safeCommand`kubectl get pods -n ${namespace} -l ${`app.kubernetes.io/instance=${name}`}`,
        edit("to restart pods here, delete them one at a time, each after the one before is Ready"),
      ],
    }),
  ];
}
