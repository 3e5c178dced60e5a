import { finding } from "../../domain/finding.ts";
import { GET_CLUSTER_CRD, LIST_CLUSTERS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0103",
  slug: "operator-generation",
  title: "The operator's behaviour is known",
  area: "access",
  causes: ["operator.contradictory"],
  needs: ["cluster", "operator"],
  after: ["ANT0101"],
  notIn: { files: "files do not show which operator runs" },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_CLUSTERS, GET_CLUSTER_CRD],
  run: ({ cluster, operator }) => {
    if (cluster === undefined || operator === undefined || operator.generation !== undefined) return [];
    if (operator.evidence.length === 0) {
      return {
        findings: [],
        undecided: [
          "nothing on the cluster shows which operator runs: no SecretsReady condition, no envfrom-hash (is the operator running?)",
        ],
      };
    }
    const subject = { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name };
    const message = "What the cluster shows of its operator is contradictory; what a changed Secret does is unknown";
    return [
      finding("operator.contradictory", "warning", subject, message, {
        evidence: operator.evidence.map(({ saw, allows }) => ({
          label: `generation ${allows.join(" or ")}`,
          has: saw,
        })),
      }),
    ];
  },
});
