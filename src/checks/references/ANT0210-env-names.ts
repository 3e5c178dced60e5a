import { describeSource, type EffectiveEnvironment, type Supply } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { REQUIRED_KEYS } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { GET_CONFIG_MAPS, GET_SECRETS } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0210",
  slug: "env-names",
  title: "Every key can be the name of a variable",
  area: "references",
  causes: ["k8s.invalid-env-names"],
  needs: ["cluster", "environments", "server"],
  after: ["ANT0201"],
  required: false,
  effect: "read",
  severity: "info",
  grants: [GET_SECRETS, GET_CONFIG_MAPS],
  run: ({ cluster, environments = [], server }) => {
    if (cluster === undefined) return [];
    const bySource = new Map<string, (Supply & { readonly name: string })[]>();
    for (const { dropped } of nodeEnvironments(cluster, environments)) {
      for (const one of dropped) {
        // A required name that is lost is ANT0202's finding.
        if ((REQUIRED_KEYS as readonly string[]).includes(one.key)) continue;
        const key = describeSource(one.source);
        const known = bySource.get(key) ?? [];
        if (!known.some((other) => other.name === one.name)) bySource.set(key, [...known, one]);
      }
    }
    return [...bySource].map(([what, list]) => tell(cluster, what, list, server?.version ?? ""));
  },
});

function tell(
  { namespace }: ClusterFacts,
  what: string,
  list: EffectiveEnvironment["dropped"],
  version: string,
): Finding {
  const { kind, name } = list[0]?.source ?? { kind: "Secret", name: "" };
  const names = sentenceList(list.map((one) => one.name));
  const message = `The kubelet leaves ${names} of ${what} out: on Kubernetes ${version} ${list.length === 1 ? "it is no name" : "they are no names"} of a variable`;
  return finding("k8s.invalid-env-names", "info", { kind, namespace, name }, message, {
    evidence: list.map((one) => ({
      label: one.key,
      want: "letters, digits, dots, dashes and underscores; no digit first",
      has: one.name,
      path: `/data/${one.key}`,
    })),
    fixes: [edit("rename the keys if a program needs them")],
  });
}
