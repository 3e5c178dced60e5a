import { finding, edit, type Finding } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { LIST_PODS, LIST_REVISIONS, LIST_STATEFUL_SETS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";
import { undoneRestart } from "./undone-restart.ts";

const NO_GENERATION = "whether a changed Secret replaces pods depends on the operator's generation";
const NO_REVISIONS =
  "only the ControllerRevisions show whether a kubectl rollout restart was undone, and they could not be read";

export default defineCheck({
  code: "ANT0704",
  slug: "rotation",
  title: "What makes the pods take new values here is known, and was not undone",
  area: "rollout",
  causes: ["antfly.hash-names-only", "antfly.rollout-restart-reverted"],
  needs: ["cluster", "operator", "statefulSets", "pods"],
  wants: ["revisions"],
  after: ["ANT0101"],
  notIn: { files: "files do not show which operator runs" },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_STATEFUL_SETS, LIST_PODS, LIST_REVISIONS],
  run: ({ cluster, operator, statefulSets = [], pods = [], revisions }) => {
    if (cluster === undefined || operator === undefined) return [];
    const findings = statefulSets.flatMap((set) =>
      undoneRestart(
        cluster,
        set,
        pods.filter((pod) => cluster.groups.some((one) => one.name === pod.group && one.statefulSet === set.name)),
        revisions ?? [],
      ),
    );
    const undecided = revisions === undefined ? [NO_REVISIONS] : [];
    const readsSecrets = cluster.groups.some((group) => group.envFrom.some((source) => source.kind === "Secret"));
    if (!readsSecrets || operator.generation === 1) return { findings, undecided };
    return operator.generation === undefined
      ? { findings, undecided: [...undecided, NO_GENERATION] }
      : { findings: [...findings, namesOnly(cluster, operator.generation)], undecided };
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
