import { finding } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_SECRETS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0104",
  slug: "secrets-ready",
  title: "The condition SecretsReady says what is true",
  area: "access",
  causes: ["antfly.secretsready-unknown", "operator.secretsready-stale"],
  needs: ["cluster", "references"],
  after: ["ANT0101"],
  notIn: { files: "a manifest has no status", overlay: "the operator has not seen the manifests yet" },
  required: false,
  effect: "read",
  severity: "info",
  grants: [LIST_CLUSTERS, GET_SECRETS],
  run: ({ cluster, references }) => {
    if (cluster === undefined || references === undefined) return [];
    const condition = cluster.conditions.find(({ type }) => type === "SecretsReady");
    if (condition === undefined) return { skip: "the AntflyCluster has no condition SecretsReady" };
    const { status, reason, message: words } = condition;
    const evidence = [{ label: "SecretsReady", has: `${status}, ${reason}: ${words}` }];
    if (status === "Unknown") {
      const message =
        "SecretsReady is Unknown: this operator never reads Secrets, and the condition says nothing of whether they are there";
      return [finding("antfly.secretsready-unknown", "info", refOfCluster(cluster), message, { evidence })];
    }
    const named = cluster.groups.flatMap(({ envFrom }) =>
      envFrom.flatMap(({ kind, name, optional }) => (kind === "Secret" && !optional ? name : [])),
    );
    const absent = [...new Set(named)].filter((name) => references.secrets[name]?.state === "absent");
    const stale = status === "True" ? absent.length > 0 : absent.length === 0;
    if (!stale) return [];
    const message =
      status === "True"
        ? `SecretsReady is True, and ${sentenceList(absent)} ${absent.length === 1 ? "is" : "are"} not there: the operator has not looked since`
        : "SecretsReady is False, and every Secret is there: the operator has not looked since";
    return [
      finding("operator.secretsready-stale", "warning", refOfCluster(cluster), message, { evidence, transient: true }),
    ];
  },
});
