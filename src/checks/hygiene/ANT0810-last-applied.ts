import { command, edit, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0810",
  slug: "last-applied",
  title: "No annotation repeats a Secret's values",
  area: "hygiene",
  causes: ["k8s.last-applied-leak"],
  needs: ["cluster", "references"],
  after: ["ANT0201"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS],
  run: ({ cluster, references }) => {
    if (cluster === undefined || references === undefined) return [];
    return Object.entries(references.secrets).flatMap(([name, fact]): Finding[] => {
      const field = fact.state === "known" ? fact.value.lastApplied : undefined;
      if (field === undefined) return [];
      const how = field === "stringData" ? "in plain text" : "in base64";
      const message = `An annotation of Secret ${name} repeats its values ${how} (kubectl apply): whoever is shown the metadata has them`;
      return [
        finding("k8s.last-applied-leak", "warning", { kind: "Secret", namespace: cluster.namespace, name }, message, {
          evidence: [
            {
              label: "annotation",
              has: `kubectl.kubernetes.io/last-applied-configuration with ${field}`,
              path: "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration",
            },
          ],
          fixes: [
            command`kubectl annotate secret ${name} -n ${cluster.namespace} kubectl.kubernetes.io/last-applied-configuration-`,
            edit("write it with antfly-creds init secret, or kubectl apply --server-side, from now on"),
          ],
        }),
      ];
    });
  },
});
