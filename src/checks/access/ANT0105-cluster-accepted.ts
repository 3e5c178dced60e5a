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
      const swarm = cluster.mode === "Swarm";
      const message = `${field} ${problem}; the operator refuses the whole AntflyCluster, and changes nothing until it is mended`;
      return finding(
        swarm ? "antfly.swarm-mode" : "operator.cluster-refused",
        "error",
        refOfCluster(cluster),
        message,
        {
          evidence: [{ label: field, path }],
          fixes: editCluster(cluster, `mend ${field} of AntflyCluster ${cluster.name}`),
        },
      );
    });
    const invalid = cluster.groups.some((group) => group.invalid.length > 0);
    const condition = cluster.conditions.find(
      ({ type, status }) => type === "ConfigurationValid" && status === "False",
    );
    // A list that the operator refuses is ANT0201's finding.
    if (found.length > 0 || invalid || condition === undefined) return found;
    const message = `The operator refuses AntflyCluster ${cluster.name}, and changes nothing until it is mended: ${condition.message}`;
    return [
      finding("operator.cluster-refused", "error", refOfCluster(cluster), message, {
        evidence: [{ label: "ConfigurationValid", has: `${condition.status}, ${condition.reason}` }],
        fixes: editCluster(cluster, "mend what the message names"),
      }),
    ];
  },
});
