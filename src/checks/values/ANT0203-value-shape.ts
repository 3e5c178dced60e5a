import type { Supply } from "../../domain/env/effective.ts";
import { CREDENTIAL_KEYS, REGION, SESSION_TOKEN } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding, type Severity } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import { GET_CONFIG_MAPS, GET_SECRETS } from "../../domain/grants.ts";
import type { Shape } from "../../domain/values/classify.ts";
import { SHAPE_TEXT } from "../../domain/values/shapes.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0203",
  slug: "value-shape",
  title: "The values have the shape of what they are",
  area: "values",
  causes: [
    "value.bom-or-invisible",
    "value.crlf",
    "value.double-base64",
    "value.echo-n-literal",
    "value.empty",
    "value.leading-trailing-space",
    "value.line-break",
    "value.non-utf8",
    "value.nul",
    "value.placeholder",
    "value.quotes",
    "value.trailing-newline",
  ],
  needs: ["cluster", "environments"],
  after: ["ANT0201"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, GET_CONFIG_MAPS],
  run: ({ cluster, environments }) => {
    if (cluster === undefined || environments === undefined) return [];
    const judged = new Map<string, Finding[]>();
    for (const environment of environments) {
      for (const { name, from } of Object.values(environment.variables)) {
        if (from === undefined || !(isCredential(name) || isCredential(from.key))) continue;
        const { kind, name: source } = from.source;
        judged.set(`${kind}/${source}/${from.key}`, judge(cluster, isCredential(name) ? name : from.key, from));
      }
    }
    return [...judged.values()].flat();
  },
});

/** Other variables may hold anything: a certificate ends with a newline, and rightly. */
function isCredential(name: string): boolean {
  return (CREDENTIAL_KEYS as readonly string[]).includes(name) || name === "AWS_DEFAULT_REGION";
}

function judge(cluster: ClusterFacts, name: string, { source, key, facts }: Supply): Finding[] {
  const subject = { kind: source.kind, namespace: cluster.namespace, name: source.name };
  return facts.shape.map((shape) => {
    const text = SHAPE_TEXT[shape];
    const message = `${key} in ${source.kind} ${source.name} ${text.problem}: ${text.consequence}`;
    return finding(`value.${shape}`, severityOf(name, shape), subject, message, {
      evidence: [{ label: key, want: text.want, has: `${facts.bytes} bytes (value not shown)`, path: `/data/${key}` }],
      fixes: [writeKeys(cluster, subject)],
    });
  });
}

/** Both may be left out, and the database takes an empty one as left out. */
function severityOf(name: string, shape: Shape): Severity {
  return shape === "empty" && (name === REGION || name === SESSION_TOKEN) ? "warning" : SHAPE_TEXT[shape].severity;
}
