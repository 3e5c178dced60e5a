import { describeSource, refOfSource, type Supply } from "../../domain/env/effective.ts";
import { CREDENTIAL_KEYS, REGION, SESSION_TOKEN } from "../../domain/env/static-keys.ts";
import { makersOf } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding, type Severity } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import { LIST_EXTERNAL_SECRETS } from "../../domain/external-secrets-grants.ts";
import { GET_CONFIG_MAPS, GET_SECRETS } from "../../domain/grants.ts";
import type { Shape } from "../../domain/values/classify.ts";
import { consequenceOf, SHAPE_TEXT } from "../../domain/values/shapes.ts";
import { count } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { isToldUpstream } from "../external-secrets/wrong-values.ts";
import { unreadReason } from "./judged-environments.ts";

export default defineCheck({
  code: "ANT0203",
  slug: "value-shape",
  title: "The values have the shape of what they are",
  area: "values",
  scopes: ["cluster", "values"],
  causes: [
    "value.bom-or-invisible",
    "value.crlf",
    "value.csv-row",
    "value.double-base64",
    "value.echo-n-literal",
    "value.empty",
    "value.json-escaped",
    "value.leading-trailing-space",
    "value.line-break",
    "value.non-utf8",
    "value.not-base64-decoded",
    "value.nul",
    "value.percent-encoded",
    "value.placeholder",
    "value.quotes",
    "value.trailing-comment",
    "value.trailing-newline",
  ],
  needs: ["cluster", "environments"],
  wants: ["externalSecrets"],
  after: ["ANT0201"],
  explainedBy: ["ANT0504"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, GET_CONFIG_MAPS, { ...LIST_EXTERNAL_SECRETS, optional: true }],
  run: ({ cluster, environments = [], externalSecrets = [] }, { target }) => {
    const judged = new Map<string, Finding[]>();
    for (const environment of environments) {
      for (const { name, from } of Object.values(environment.variables)) {
        if (from === undefined || !(isCredential(name) || isCredential(from.key))) continue;
        const { kind, name: source } = from.source;
        const wanted = isCredential(name) ? name : from.key;
        judged.set(`${kind}/${source}/${from.key}`, judge(cluster, target.namespace, wanted, from, externalSecrets));
      }
    }
    const found = [...judged.values()].flat();
    const unread = unreadReason(environments);
    return found.length === 0 && unread !== undefined ? { skip: unread } : found;
  },
});

/** Other variables may hold anything: a certificate ends with a newline, and rightly. */
function isCredential(name: string): boolean {
  return (CREDENTIAL_KEYS as readonly string[]).includes(name) || name === "AWS_DEFAULT_REGION";
}

function judge(
  cluster: ClusterFacts | undefined,
  namespace: string,
  name: string,
  supply: Supply,
  externalSecrets: readonly ExternalSecretFacts[],
): Finding[] {
  const { source, key, facts } = supply;
  const subject = refOfSource(source, namespace);
  const [maker] = source.kind === "Secret" ? makersOf(externalSecrets, source.name) : [];
  return facts.shape.map((shape) => {
    const text = SHAPE_TEXT[shape];
    const message = `${key} in ${describeSource({ ...source, prefix: "" })} ${text.problem}: ${consequenceOf(name, shape)}`;
    return finding(`value.${shape}`, severityOf(name, shape), subject, message, {
      evidence: [
        { label: key, want: text.want, has: `${count(facts.bytes, "byte")} (value not shown)`, path: `/data/${key}` },
      ],
      fixes: [writeKeys(cluster, subject)],
      ...(maker !== undefined && isToldUpstream(key, shape) ? { explainedBy: ["ANT0504"] as const } : {}),
    });
  });
}

/** Both may be left out, and not every image or store minds an empty one. */
function severityOf(name: string, shape: Shape): Severity {
  return shape === "empty" && (name === REGION || name === SESSION_TOKEN) ? "warning" : SHAPE_TEXT[shape].severity;
}
