import { distinctBy } from "../../domain/distinct.ts";
import { isComplete, type EffectiveEnvironment } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { REQUIRED_KEYS, staticKeysUse } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { SecretFacts } from "../../domain/secret-facts.ts";
import { command, edit, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_RESTORES } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

/** Linux: one string of a process's arguments and environment (MAX_ARG_STRLEN). */
const LONGEST_VARIABLE = 128 * 1024;
/** Kubernetes refuses a Secret whose data is larger (apis/core/validation, MaxSecretSize). */
const LARGEST_SECRET = 1024 * 1024;

export default defineCheck({
  code: "ANT0211",
  slug: "secret-object",
  title: "The Secrets can be changed and read as variables",
  area: "references",
  causes: ["k8s.secret-immutable", "k8s.secret-too-large", "k8s.secret-type-unexpected"],
  needs: ["cluster", "references", "environments"],
  wants: ["backups"],
  after: ["ANT0201"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, references, environments = [], backups = [] }) => {
    if (cluster === undefined || references === undefined) return [];
    const nodes = nodeEnvironments(cluster, environments);
    const { used } = staticKeysUse(cluster, environments, backups);
    const secrets = Object.entries(references.secrets).flatMap(([name, fact]) =>
      fact.state === "known" ? [{ name, facts: fact.value }] : [],
    );
    return distinctBy(
      [
        ...secrets.flatMap(({ name, facts }) => [
          ...(isHidden(cluster, name, nodes) ? [] : immutable(cluster, references, name, facts)),
          ...(used ? oddType(cluster, name, facts, nodes) : []),
          ...tooLarge(cluster, name, facts),
        ]),
        ...nodes.flatMap((node) => tooLong(cluster, node)),
      ],
      ({ message }) => message,
    );
  },
});

/** Of Secrets with a version in their names it is a good habit; it only has to be known before one is to be changed. */
function immutable(cluster: ClusterFacts, { secrets }: ReferenceFacts, name: string, facts: SecretFacts): Finding[] {
  if (!facts.immutable) return [];
  const { namespace } = cluster;
  const message = `Secret ${name} is immutable: its values can never be changed, and a rotation needs a Secret of another name`;
  return [
    finding("k8s.secret-immutable", "warning", { kind: "Secret", namespace, name }, message, {
      evidence: [{ label: "immutable", has: "true", path: "/immutable" }],
      fixes:
        groupsReading(cluster, name).length > 0
          ? [
              command`antfly-creds init secret ${cluster.name} -n ${namespace} --secret-name ${nextName(name, secrets)}`,
              edit(`name the new Secret under envFrom instead of ${name}; that makes the operator replace the pods`),
            ]
          : [edit(`make a Secret of another name, and name it where ${name} is named`)],
    }),
  ];
}

/** Nodes read it, and have every variable of it from a later source: its values are not in use any more. */
function isHidden(cluster: ClusterFacts, secret: string, nodes: readonly EffectiveEnvironment[]): boolean {
  const supplies = nodes.some(({ variables }) =>
    Object.values(variables).some(({ from }) => from?.source.kind === "Secret" && from.source.name === secret),
  );
  return !supplies && groupsReading(cluster, secret).length > 0 && nodes.every(isComplete);
}

/** `keys-2` after `keys`, `keys-v3` after `keys-v2`; none that is referred to already. */
function nextName(name: string, taken: ReferenceFacts["secrets"]): string {
  const [, stem = `${name}-`, version = "1"] = /^(.*-v?)(\d{1,4})$/.exec(name) ?? [];
  let next = Number(version) + 1;
  while (`${stem}${next}` in taken) next += 1;
  return `${stem}${next}`;
}

/** A built-in type brings its own keys, and cannot be changed. One that somebody made up may hold anything. */
function oddType(
  cluster: ClusterFacts,
  name: string,
  { type, keys }: SecretFacts,
  nodes: readonly EffectiveEnvironment[],
): Finding[] {
  if (!/(^|\.)kubernetes\.io\//.test(type) || REQUIRED_KEYS.some((key) => key in keys)) return [];
  const groups = groupsReading(cluster, name);
  // Beside a Secret that has the keys, one of another type has its own reasons.
  const lacking = nodes.some(
    (node) => groups.includes(node.of) && REQUIRED_KEYS.every((key) => node.variables[key] === undefined),
  );
  if (!lacking) return [];
  const { namespace } = cluster;
  const message = `Secret ${name} is of type ${type}: it has the keys of that type, and none of an S3 credential`;
  return [
    finding("k8s.secret-type-unexpected", "warning", { kind: "Secret", namespace, name }, message, {
      evidence: [{ label: "type", want: "Opaque", has: type, path: "/type" }],
      fixes: [
        command`antfly-creds init secret ${cluster.name} -n ${namespace}`,
        edit(`name another Secret under envFrom instead of ${name}, whose type cannot be changed`),
      ],
    }),
  ];
}

function groupsReading({ groups }: ClusterFacts, secret: string): string[] {
  return groups.flatMap(({ name, envFrom }) =>
    envFrom.some((source) => source.kind === "Secret" && source.name === secret) ? [name] : [],
  );
}

function tooLarge({ namespace }: ClusterFacts, name: string, { keys }: SecretFacts): Finding[] {
  const bytes = Object.values(keys).reduce((sum, key) => sum + key.bytes, 0);
  if (bytes <= LARGEST_SECRET) return [];
  const message = `Secret ${name} holds ${bytes} bytes: the API server refuses more than ${LARGEST_SECRET}`;
  return [
    finding("k8s.secret-too-large", "error", { kind: "Secret", namespace, name }, message, {
      evidence: [{ label: "data", want: `at most ${LARGEST_SECRET} bytes`, has: `${bytes} bytes`, path: "/data" }],
      fixes: [edit("keep what is no credential in a Secret or a file of its own")],
    }),
  ];
}

function tooLong({ namespace }: ClusterFacts, { variables }: EffectiveEnvironment): Finding[] {
  return Object.values(variables).flatMap(({ name: variable, from }): Finding[] => {
    // NAME=value and the NUL at its end.
    if (from === undefined || variable.length + from.facts.bytes + 2 <= LONGEST_VARIABLE) return [];
    const { kind, name } = from.source;
    const message = `${variable} of ${kind} ${name} is too long for a variable: no container starts with it (argument list too long)`;
    return [
      finding("k8s.secret-too-large", "error", { kind, namespace, name }, message, {
        evidence: [
          {
            label: from.key,
            want: `less than ${LONGEST_VARIABLE} bytes, the name included`,
            has: `${from.facts.bytes} bytes`,
            path: `/data/${from.key}`,
          },
        ],
        fixes: [edit(`move ${from.key} into a ${kind} that envFrom does not name`)],
      }),
    ];
  });
}
