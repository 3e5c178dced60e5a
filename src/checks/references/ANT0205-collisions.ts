import {
  describeSource,
  type EffectiveEnvironment,
  type EnvFromSource,
  type Supply,
  type Variable,
} from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { ACCESS_KEY_ID, CREDENTIAL_KEYS, SECRET_ACCESS_KEY } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { editCluster } from "../../domain/fixes.ts";
import { GET_CONFIG_MAPS, GET_SECRETS } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0205",
  slug: "collisions",
  title: "No later source overrides a credential",
  area: "references",
  causes: ["k8s.collision-last-wins"],
  needs: ["cluster", "environments"],
  after: ["ANT0201"],
  required: true,
  effect: "read",
  severity: "critical",
  grants: [GET_SECRETS, GET_CONFIG_MAPS],
  run: ({ cluster, environments }) => {
    if (cluster === undefined || environments === undefined) return [];
    return nodeEnvironments(cluster, environments).flatMap((environment) => collisions(cluster, environment));
  },
});

function collisions(cluster: ClusterFacts, environment: EffectiveEnvironment): Finding[] {
  const overridden = CREDENTIAL_KEYS.flatMap((name) => {
    const variable = environment.variables[name];
    const loser = variable === undefined ? undefined : differing(variable);
    return variable?.from === undefined || loser === undefined ? [] : [{ name, winner: variable.from, loser }];
  });
  if (overridden.length === 0) return [];

  const names = sentenceList(overridden.map((item) => item.name));
  const id = environment.variables[ACCESS_KEY_ID]?.from;
  const secret = environment.variables[SECRET_ACCESS_KEY]?.from;
  const ofPair = overridden.some(({ name }) => name === ACCESS_KEY_ID || name === SECRET_ACCESS_KEY);
  const mixed = ofPair && id !== undefined && secret !== undefined && !isSameSource(id.source, secret.source);
  const field = cluster.groups.find((group) => group.name === environment.of)?.field ?? environment.of;
  const subject = { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name };
  const message = mixed
    ? `The ${environment.of} nodes take ${ACCESS_KEY_ID} from ${describeSource(id.source)} and ${SECRET_ACCESS_KEY} from ${describeSource(secret.source)}: the pair does not belong together`
    : `On the ${environment.of} nodes a later source overrides ${names} with another value`;
  return [
    finding("k8s.collision-last-wins", mixed ? "critical" : "warning", subject, message, {
      evidence: overridden.map(({ name, winner, loser }) => ({
        label: name,
        has: `${describeSource(winner.source)} wins over ${describeSource(loser.source)}`,
        path: `/spec/${field}/envFrom/${winner.source.index ?? 0}`,
      })),
      fixes: editCluster(cluster, "keep the whole credential in one Secret, the last one of envFrom"),
    }),
  ];
}

function isSameSource(a: EnvFromSource, b: EnvFromSource): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** An earlier source with another value; the same value twice does no harm. */
function differing(variable: Variable): Supply | undefined {
  return variable.shadowed.find((supply) => supply.facts.fingerprint !== variable.from?.facts.fingerprint);
}
