import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { editCluster, refOfCluster } from "../../domain/fixes.ts";
import { LIST_CLUSTERS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0105",
  slug: "cluster-accepted",
  title: "The operator accepts the AntflyCluster",
  area: "access",
  causes: ["antfly.swarm-mode", "operator.cluster-refused"],
  needs: ["cluster"],
  after: ["ANT0101"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS],
  run: ({ cluster }) => {
    if (cluster === undefined) return [];
    const found = cluster.refused.map(({ path, problem }): Finding => {
      const field = path.slice(1).replaceAll("/", ".");
      const cause = isOfSwarm(cluster, path) ? "antfly.swarm-mode" : "operator.cluster-refused";
      return finding(cause, "error", refOfCluster(cluster), refusal(cluster, `${field} ${problem}`), {
        evidence: [{ label: field, path }],
        fixes: editCluster(cluster, `mend ${field} of AntflyCluster ${cluster.name}`),
      });
    });
    const invalid = cluster.groups.some((group) => group.invalid.length > 0);
    // A list that the operator refuses is ANT0201's finding.
    return found.length > 0 || invalid ? found : refusedByOperator(cluster);
  },
});

/** One mode has no use for the fields of another. */
function isOfSwarm({ mode }: ClusterFacts, path: string): boolean {
  if (/^\/spec\/(mode|swarm|storage\/swarmStorage)(\/|$)/.test(path)) return true;
  return mode === "Swarm" && /^\/spec\/(metadataNodes|dataNodes)\//.test(path);
}

/** What the operator itself found, by rules that are not known here. */
function refusedByOperator(cluster: ClusterFacts): Finding[] {
  const condition = cluster.conditions.find(({ type, status }) => type === "ConfigurationValid" && status === "False");
  if (condition === undefined) return [];
  const { status, reason, message } = condition;
  return [
    finding("operator.cluster-refused", "error", refOfCluster(cluster), refusal(cluster, firstProblem(message)), {
      evidence: [{ label: "ConfigurationValid", has: `${status}, ${reason}: ${message}` }],
      fixes: editCluster(cluster, `mend what the condition ConfigurationValid of AntflyCluster ${cluster.name} names`),
    }),
  ];
}

/** The operator lists its problems as `- …`, some below a heading of their own, and each may go on for a page. */
function firstProblem(message: string): string {
  const items = [...message.matchAll(/^\s*- (.*[^:\s])\s*$/gm)].map(([, item]) => item);
  return items[0] ?? message.split("\n")[0] ?? "";
}

function refusal({ name }: ClusterFacts, problem: string): string {
  return `The operator refuses AntflyCluster ${name}, and changes nothing until it is mended: ${problem}`;
}
