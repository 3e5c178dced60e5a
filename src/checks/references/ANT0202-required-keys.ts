import { distinctBy } from "../../domain/distinct.ts";
import {
  describeSource,
  isComplete,
  lacksOptionalSecret,
  type EffectiveEnvironment,
  type EnvFromSource,
} from "../../domain/env/effective.ts";
import { describeGroups, nodeEnvironments } from "../../domain/env/groups.ts";
import {
  CREDENTIAL_KEYS,
  REQUIRED_KEYS,
  staticKeysUse,
  whyMissing,
  type MissingBecause,
} from "../../domain/env/static-keys.ts";
import { makersOf } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { command, finding, type Evidence, type Finding } from "../../domain/finding.ts";
import { editCluster, refOfCluster, writeKeys } from "../../domain/fixes.ts";
import { LIST_EXTERNAL_SECRETS } from "../../domain/external-secrets-grants.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_RESTORES } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { looseKeys } from "./loose-keys.ts";

export default defineCheck({
  code: "ANT0202",
  slug: "required-keys",
  title: "The access key reaches the database under its real names",
  area: "references",
  scopes: ["cluster", "values"],
  causes: [
    "k8s.expected-keys-missing",
    "k8s.key-near-miss",
    "k8s.prefix-breaks-names",
    "k8s.prefix-rescues-or-breaks-name",
  ],
  needs: ["cluster", "environments", "backups"],
  wants: ["operator", "externalSecrets"],
  after: ["ANT0201"],
  explainedBy: ["ANT0504"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, LIST_BACKUPS, LIST_RESTORES, { ...LIST_EXTERNAL_SECRETS, optional: true }],
  run: ({ cluster, environments = [], backups, operator, externalSecrets = [] }, { target }) => {
    if (cluster === undefined) return looseKeys(environments, target.namespace);
    const use = staticKeysUse(cluster, environments, backups ?? []);
    if (!use.used) {
      return nodeEnvironments(cluster, environments).every(isComplete) ? { skip: use.because } : [];
    }
    const lacks = nodeEnvironments(cluster, environments)
      .filter(isComplete)
      .flatMap((environment) =>
        REQUIRED_KEYS.flatMap((key) => {
          const because = whyMissing(environment, key);
          // An optional Secret that is not there explains it: that is ANT0201's finding.
          const hidden = because?.why === "not-there" && lacksOptionalSecret(environment);
          return because === undefined || hidden ? [] : [{ environment, key, because }];
        }),
      );
    const precise = lacks.filter((lack) => lack.because.why !== "not-there");
    const unset = nowhere(cluster, environments, lacks, use.because);
    if (operator?.generation === 3 && unset.length > 0 && precise.length === 0) return { skip: BY_CONNECTION };
    return [...mergeByCause(cluster, precise), ...unset].map((found) => mayBeMapped(found, cluster, externalSecrets));
  },
});

/** Keys that an ExternalSecret does not bring are put into its mapping, and not into the Secret that it writes. */
function mayBeMapped(
  found: Finding,
  { groups }: ClusterFacts,
  externalSecrets: readonly ExternalSecretFacts[],
): Finding {
  const isMade = groups.some(({ envFrom }) =>
    envFrom.some(({ kind, name }) => kind === "Secret" && makersOf(externalSecrets, name).length > 0),
  );
  return isMade ? { ...found, explainedBy: ["ANT0504"] } : found;
}

const BY_CONNECTION =
  "an operator of generation 3 takes a backup's credentials from the connection that it names, which is asked by ANT0207";

interface Lack {
  readonly environment: EffectiveEnvironment;
  readonly key: string;
  readonly because: MissingBecause;
}

/** One finding per cause and source, whichever keys and node groups it touches. */
function mergeByCause(cluster: ClusterFacts, lacks: readonly Lack[]): Finding[] {
  const merged = new Map<string, Lack[]>();
  for (const lack of lacks) {
    const source = sourceOf(lack.because);
    const key = `${lack.because.why} ${source?.kind} ${source?.name}`;
    merged.set(key, [...(merged.get(key) ?? []), lack]);
  }
  return [...merged.values()].map((group) => describe(cluster, group));
}

function describe(cluster: ClusterFacts, lacks: readonly Lack[]): Finding {
  const because = lacks[0]?.because ?? { why: "not-there" };
  const keys = [...new Set(lacks.map((lack) => lack.key))];
  const who = describeGroups(lacks.map((lack) => lack.environment.of));
  const { kind, name } = sourceOf(because) ?? { kind: "Secret", name: "" };
  const subject = { kind, namespace: cluster.namespace, name };
  const evidence = distinctBy(lacks, ({ key }) => key).map((lack) => ({
    label: "variable",
    want: lack.key,
    has: presentName(lack.because),
    ...placeOf(cluster, lack),
  }));
  const options = { evidence };
  if (because.why === "prefix" && because.variable.from !== undefined) {
    const { source } = because.variable.from;
    const message = `The prefix "${source.prefix}" of ${source.kind} ${source.name} renames ${sentenceList(keys)} on the ${who}; the database reads only the bare names`;
    const fixes = editCluster(
      cluster,
      `remove "prefix: ${source.prefix}" from envFrom of AntflyCluster ${cluster.name}`,
    );
    return finding("k8s.prefix-breaks-names", "error", subject, message, { ...options, fixes });
  }
  if (because.why === "invalid-name") {
    const { prefix } = because.source;
    const message = `${sentenceList(keys)} never ${keys.length === 1 ? "reaches" : "reach"} the ${who}: on this Kubernetes version ${because.name} (prefix ${prefix}) cannot be the name of a variable, and the API server refuses such pods`;
    return finding("k8s.prefix-rescues-or-breaks-name", "error", subject, message, {
      ...options,
      fixes: editCluster(cluster, `remove "prefix: ${prefix}" from envFrom of AntflyCluster ${cluster.name}`),
    });
  }
  const message = `${kind} ${name} has no ${sentenceList(keys)}, but near misses: ${evidence.map((item) => item.has).join(", ")}`;
  return finding("k8s.key-near-miss", "error", subject, message, {
    ...options,
    fixes: [writeKeys(cluster, subject)],
  });
}

/** Where it is written: the misspelt key, or the prefix. */
function placeOf(cluster: ClusterFacts, { environment, because }: Lack): Pick<Evidence, "path" | "of"> {
  if (because.why === "near-miss") return { path: `/data/${because.variable.from?.key ?? ""}` };
  const field = cluster.groups.find(({ name }) => name === environment.of)?.field;
  const index = sourceOf(because)?.index;
  if (field === undefined || index === undefined) return {};
  return { path: `/spec/${field}/envFrom/${index}/prefix`, of: refOfCluster(cluster) };
}

/** Keys that no node group has. Where only some lack them, or a backup's Secret holds them, ANT0206 says it better. */
function nowhere(
  cluster: ClusterFacts,
  environments: readonly EffectiveEnvironment[],
  lacks: readonly Lack[],
  because: string,
): Finding[] {
  const nodes = nodeEnvironments(cluster, environments);
  const keys = REQUIRED_KEYS.filter((key) => {
    const missing = lacks.filter((lack) => lack.key === key && lack.because.why === "not-there");
    const held = environments.some((environment) => environment.variables[key] !== undefined);
    return missing.length === nodes.length && nodes.length > 0 && !held;
  });
  if (keys.length === 0) return [];
  const sources = nodes.flatMap((node) =>
    Object.values(node.variables).flatMap((variable) => variable.from?.source ?? []),
  );
  const from = [...new Set(sources.map(describeSource))];
  // The rest of the credential is there: it is written anew as a whole.
  const held = nodes
    .flatMap((node) => CREDENTIAL_KEYS.flatMap((key) => node.variables[key]?.from?.source ?? []))
    .find((source) => source.kind === "Secret" && source.prefix === "");
  const subject = { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name };
  const message = `${sentenceList(keys)} ${keys.length > 1 ? "are" : "is"} not set on the ${describeGroups(nodes.map((node) => node.of))}`;
  return [
    finding("k8s.expected-keys-missing", "error", subject, message, {
      evidence: [
        { label: "sources", has: from.length === 0 ? "none" : from.join(", ") },
        { label: "needed because", has: because },
      ],
      fixes: [
        held === undefined
          ? command`antfly-creds init secret ${cluster.name} -n ${cluster.namespace}`
          : writeKeys(cluster, held),
      ],
    }),
  ];
}

function sourceOf(because: MissingBecause): EnvFromSource | undefined {
  if (because.why === "invalid-name") return because.source;
  return because.why === "not-there" ? undefined : because.variable.from?.source;
}

function presentName(because: MissingBecause): string {
  if (because.why === "invalid-name") return because.name;
  return because.why === "not-there" ? "" : because.variable.name;
}
