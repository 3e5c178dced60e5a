import { CREDENTIAL_KEYS, isNearMiss } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { command, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import type { KeyFacts } from "../../domain/values/classify.ts";
import { SHAPE_TEXT } from "../../domain/values/shapes.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0203",
  slug: "value-shape",
  title: "The values have the shape of what they are",
  area: "values",
  needs: ["cluster", "references"],
  after: ["ANT0201"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS],
  run: ({ cluster, references }) => {
    if (cluster === undefined || references === undefined) return [];
    return Object.entries(references.secrets).flatMap(([name, fact]) =>
      fact.state === "known"
        ? Object.entries(fact.value.keys).flatMap(([key, facts]) =>
            isCredential(key) ? judge(cluster, name, key, facts) : [],
          )
        : [],
    );
  },
});

/** Other keys may hold anything: a certificate ends with a newline, and rightly. */
function isCredential(key: string): boolean {
  return CREDENTIAL_KEYS.some((wanted) => key === wanted || isNearMiss(key, wanted)) || key === "AWS_DEFAULT_REGION";
}

function judge(cluster: ClusterFacts, secret: string, key: string, facts: KeyFacts): Finding[] {
  const { namespace, name } = cluster;
  return facts.shape.map((shape) => {
    const text = SHAPE_TEXT[shape];
    const message = `${key} in Secret ${secret} ${text.problem}: ${text.consequence}`;
    return finding(`value.${shape}`, text.severity, { kind: "Secret", namespace, name: secret }, message, {
      evidence: [{ label: key, want: text.want, has: `${facts.bytes} bytes (value not shown)`, path: `/data/${key}` }],
      fixes: [command`antfly-creds init secret ${name} -n ${namespace} --secret-name ${secret} --overwrite`],
    });
  });
}
