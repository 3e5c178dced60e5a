import { command, safeCommand, finding } from "../../domain/finding.ts";
import { GET_NAMESPACE, LIST_CLUSTERS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0101",
  slug: "api-and-crd",
  title: "The API server answers and serves AntflyCluster",
  area: "access",
  causes: ["access.crd-not-served"],
  needs: ["server", "clusters"],
  notIn: { files: "no API server is asked", snapshot: "no API server is asked" },
  required: true,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_NAMESPACE],
  run: ({ server, clusters }, { target }) => {
    if (clusters !== undefined) return [];
    const message = `The API server of context ${target.context} does not serve antflyclusters.antfly.io/v1`;
    return [
      finding(
        "access.crd-not-served",
        "critical",
        { kind: "CustomResourceDefinition", name: "antflyclusters.antfly.io" },
        message,
        {
          evidence: [{ label: "server", has: `Kubernetes ${server?.version ?? ""}` }],
          fixes: [
            safeCommand`kubectl get crd antflyclusters.antfly.io`,
            command`kubectl apply -f https://antfly.io/antfly-operator-install.yaml`,
          ],
        },
      ),
    ];
  },
});
