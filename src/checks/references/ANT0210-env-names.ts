import { describeSource, type EffectiveEnvironment, type Supply } from "../../domain/env/effective.ts";
import { isEnvName, RELAXED_SINCE_MINOR } from "../../domain/env/env-name.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { REQUIRED_KEYS } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { ServerFacts } from "../../domain/server-facts.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { editCluster, refOfCluster } from "../../domain/fixes.ts";
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
    if (cluster === undefined || server === undefined) return [];
    const bySource = new Map<string, Dropped[]>();
    for (const environment of nodeEnvironments(cluster, environments)) {
      for (const supply of environment.dropped) {
        if (isMissed(supply, environment)) continue;
        const key = describeSource(supply.source);
        const known = bySource.get(key) ?? [];
        if (!known.some(({ name }) => name === supply.name))
          bySource.set(key, [...known, { ...supply, group: environment.of }]);
      }
    }
    return [...bySource.values()].map((list) => tell(cluster, list, server));
  },
});

type Dropped = EffectiveEnvironment["dropped"][number] & { readonly group: string };

/** A required name that nothing else sets is ANT0202's finding. */
function isMissed({ key }: Supply, { variables }: EffectiveEnvironment): boolean {
  return (REQUIRED_KEYS as readonly string[]).includes(key) && variables[key] === undefined;
}

function tell(cluster: ClusterFacts, list: readonly Dropped[], server: ServerFacts): Finding {
  const [first] = list;
  if (first !== undefined && first.source.prefix !== "" && !isEnvName(first.source.prefix, server.minor))
    return badPrefix(cluster, first, server);
  const { kind = "Secret", name = "" } = first?.source ?? {};
  const what = first === undefined ? "" : describeSource(first.source);
  const names = sentenceList(list.map((one) => one.name));
  const be = list.length === 1 ? "it cannot be the name of a variable" : "they cannot be names of variables";
  const message = `The kubelet leaves ${names} of ${what} out: on Kubernetes ${server.version} ${be}`;
  return finding("k8s.invalid-env-names", "info", { kind, namespace: cluster.namespace, name }, message, {
    evidence: list.map((one) => ({
      label: one.key,
      want: allowed(server),
      has: one.name,
      path: `/data/${one.key}`,
    })),
    fixes: [edit(`rename ${list.length === 1 ? "the key if a program needs it" : "the keys if a program needs them"}`)],
  });
}

/** A prefix has to be a name by itself (Kubernetes, `ValidateEnvFrom`); the AntflyCluster's CRD does not ask for that. */
function badPrefix(cluster: ClusterFacts, { source, group }: Dropped, server: ServerFacts): Finding {
  const field = cluster.groups.find(({ name }) => name === group)?.field ?? "";
  const place = `spec.${field}.envFrom[${source.index ?? 0}].prefix`;
  const message = `The API server refuses pods with the prefix "${source.prefix}" of ${source.kind} ${source.name}: on Kubernetes ${server.version} no variable can begin like that`;
  return finding("k8s.invalid-env-names", "error", refOfCluster(cluster), message, {
    evidence: [
      {
        label: place,
        want: allowed(server),
        has: source.prefix,
        path: `/spec/${field}/envFrom/${source.index ?? 0}/prefix`,
      },
    ],
    fixes: editCluster(cluster, `remove "prefix: ${source.prefix}" from envFrom of AntflyCluster ${cluster.name}`),
  });
}

function allowed({ minor }: ServerFacts): string {
  return minor < RELAXED_SINCE_MINOR
    ? "letters, digits, dots, dashes and underscores; no digit first"
    : "printable ASCII without =";
}
