import { describeSource, type EnvFromSource } from "../../domain/env/effective.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { StatefulSetFacts } from "../../domain/workload-facts.ts";
import { safeCommand, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_STATEFUL_SETS } from "../../domain/grants.ts";
import { matchHash } from "../../domain/operator/envfrom-hash.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0702",
  slug: "envfrom-hash",
  title: "antfly.io/envfrom-hash is one that the operator computes",
  area: "rollout",
  causes: ["rollout.hash-behind", "rollout.hash-unknown"],
  needs: ["cluster", "references", "statefulSets", "operator"],
  after: ["ANT0201"],
  notIn: {
    files: "files do not show what the operator computed",
    overlay: "the operator has not seen the manifests yet",
  },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS, LIST_STATEFUL_SETS],
  run: ({ cluster, references, statefulSets, operator }) => {
    if (cluster === undefined || references === undefined) return [];
    const found: Finding[] = [];
    const undecided: string[] = [];
    let compared = 0;
    for (const { name: group, statefulSet, envFrom } of cluster.groups) {
      const set = statefulSets?.find((one) => one.name === statefulSet);
      const live = set?.envFromHash;
      const hashes = references.hashes[group];
      if (envFrom.length === 0 || live === undefined || hashes === undefined) continue;
      compared += 1;
      const match = matchHash(live, hashes);
      if (match === "unknown")
        undecided.push(`the hash of ${statefulSet} takes every Secret and ConfigMap that it reads`);
      if (match !== "neither") continue;
      if (set !== undefined && describe(set.envFrom) !== describe(envFrom)) {
        found.push(notTakenOver(cluster, set, envFrom));
        continue;
      }
      // Contents are in the hash: of everything on generation 1, of ConfigMaps on all.
      const behind = operator?.generation === 1 || envFrom.some((source) => source.kind === "ConfigMap");
      const message = behind
        ? `antfly.io/envfrom-hash of StatefulSet ${statefulSet} is that of earlier values: the operator has not reconciled since they changed`
        : `antfly.io/envfrom-hash of StatefulSet ${statefulSet} is neither the content nor the reference hash of its envFrom`;
      found.push(
        finding(
          behind ? "rollout.hash-behind" : "rollout.hash-unknown",
          "warning",
          { kind: "StatefulSet", namespace: cluster.namespace, name: statefulSet },
          message,
          {
            evidence: [
              { label: "content hash", want: hashes.content ?? "not known", has: live },
              { label: "reference hash", want: hashes.reference ?? "not known", has: live },
            ],
            fixes: [safeCommand`antfly-creds hash ${cluster.name} -n ${cluster.namespace}`],
          },
        ),
      );
    }
    if (compared === 0) return { skip: "no StatefulSet of the cluster carries antfly.io/envfrom-hash" };
    return undecided.length === 0 ? found : { findings: found, undecided };
  },
});

/** The template is made of an earlier list: the pods cannot have the new one before the operator has been there. */
function notTakenOver(
  { namespace, name }: ClusterFacts,
  set: StatefulSetFacts,
  envFrom: readonly EnvFromSource[],
): Finding {
  const message = `StatefulSet ${set.name} does not have the envFrom of AntflyCluster ${name} yet: the operator has not reconciled since it changed, if it runs at all`;
  return finding("rollout.hash-behind", "warning", { kind: "StatefulSet", namespace, name: set.name }, message, {
    evidence: [{ label: "envFrom", want: describe(envFrom), has: describe(set.envFrom) }],
    fixes: [safeCommand`kubectl get deployment -A -l app.kubernetes.io/name=antfly-operator`],
    transient: true,
  });
}

function describe(list: readonly EnvFromSource[]): string {
  return list.map(describeSource).join(", ") || "none";
}
