import { edit, finding } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { LIST_CLUSTERS } from "../../domain/grants.ts";
import { environmentsOf } from "../../domain/policy.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0814",
  slug: "environments",
  title: "The namespace belongs to one environment",
  area: "hygiene",
  causes: ["hygiene.namespace-of-several-environments"],
  needs: ["cluster"],
  after: ["ANT0101"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_CLUSTERS],
  run: ({ cluster }, { target, policy }) => {
    if (cluster === undefined) return [];
    if (policy.environments.length === 0)
      return { skip: "which namespaces belong to which environment is said under environments in .antfly-creds.yaml" };
    const mine = environmentsOf(target.namespace, policy);
    if (mine.length === 0) return { skip: `namespace ${target.namespace} belongs to none of the environments` };
    if (mine.length === 1) return [];
    const message = `Namespace ${target.namespace} belongs to environments ${sentenceList(mine)}: whoever may read the Secrets of one may read those of the other${mine.length > 2 ? "s" : ""}`;
    return [
      finding(
        "hygiene.namespace-of-several-environments",
        "warning",
        { kind: "Namespace", name: target.namespace },
        message,
        {
          evidence: [
            {
              label: "environments",
              want: "one",
              has: sentenceList(mine),
              path: "/metadata/namespace",
              of: refOfCluster(cluster),
            },
          ],
          fixes: [edit("a namespace for each environment, each with Secrets and keys of its own")],
        },
      ),
    ];
  },
});
