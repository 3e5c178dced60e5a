import { nodeEnvironments } from "../../domain/env/groups.ts";
import { REQUIRED_KEYS } from "../../domain/env/static-keys.ts";
import type { EffectiveEnvironment } from "../../domain/env/effective.ts";
import type { ClusterFacts, SecretFacts } from "../../domain/facts.ts";
import { command, edit, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
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
  after: ["ANT0201"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS],
  run: ({ cluster, references, environments = [] }) => {
    if (cluster === undefined || references === undefined) return [];
    const nodes = nodeEnvironments(cluster, environments);
    const secrets = Object.entries(references.secrets).flatMap(([name, fact]) =>
      fact.state === "known" ? [{ name, facts: fact.value }] : [],
    );
    return [
      ...secrets.flatMap(({ name, facts }) => [
        ...immutable(cluster, name, facts),
        ...oddType(cluster, name, facts),
        ...tooLarge(cluster, name, facts),
      ]),
      ...nodes.flatMap((node) => tooLong(cluster, node)),
    ].filter((one, i, list) => list.findIndex((other) => other.message === one.message) === i);
  },
});

function immutable({ namespace, name: cluster }: ClusterFacts, name: string, facts: SecretFacts): Finding[] {
  if (!facts.immutable) return [];
  const message = `Secret ${name} is immutable: its values can never be changed, a rotation takes a new Secret`;
  return [
    finding("k8s.secret-immutable", "warning", { kind: "Secret", namespace, name }, message, {
      evidence: [{ label: "immutable", has: "true", path: "/immutable" }],
      fixes: [
        command`antfly-creds init secret ${cluster} -n ${namespace} --secret-name ${`${name}-2`}`,
        edit("a new name under envFrom also makes the operator replace the pods"),
      ],
    }),
  ];
}

/** The type cannot be changed either; a typed Secret has the keys of its type. */
function oddType({ namespace, groups }: ClusterFacts, name: string, { type, keys }: SecretFacts): Finding[] {
  const read = groups.some((group) => group.envFrom.some((one) => one.kind === "Secret" && one.name === name));
  if (!read || type === "Opaque" || type === "" || REQUIRED_KEYS.some((key) => key in keys)) return [];
  const message = `Secret ${name} is of type ${type}, and has the keys of that type, none of an S3 credential`;
  return [
    finding("k8s.secret-type-unexpected", "warning", { kind: "Secret", namespace, name }, message, {
      evidence: [{ label: "type", want: "Opaque", has: type, path: "/type" }],
      fixes: [edit("name another Secret under envFrom; the type of this one cannot be changed")],
    }),
  ];
}

function tooLarge({ namespace }: ClusterFacts, name: string, { keys }: SecretFacts): Finding[] {
  const bytes = Object.values(keys).reduce((sum, key) => sum + key.bytes, 0);
  if (bytes <= LARGEST_SECRET) return [];
  const message = `Secret ${name} holds ${bytes} bytes; the API server refuses more than ${LARGEST_SECRET}`;
  return [
    finding("k8s.secret-too-large", "error", { kind: "Secret", namespace, name }, message, {
      evidence: [{ label: "data", want: `at most ${LARGEST_SECRET} bytes`, has: `${bytes} bytes`, path: "/data" }],
      fixes: [edit("mount what is no variable as a file, from a Secret of its own")],
    }),
  ];
}

function tooLong({ namespace }: ClusterFacts, { variables }: EffectiveEnvironment): Finding[] {
  return Object.values(variables).flatMap(({ name: variable, from }): Finding[] => {
    // NAME=value and the NUL at its end.
    if (from === undefined || from.facts.bytes + variable.length + 2 <= LONGEST_VARIABLE) return [];
    const { kind, name } = from.source;
    const message = `${variable} of ${kind} ${name} is too long for a variable: the container cannot start (argument list too long)`;
    return [
      finding("k8s.secret-too-large", "error", { kind, namespace, name }, message, {
        evidence: [
          {
            label: from.key,
            want: `less than ${LONGEST_VARIABLE} bytes`,
            has: `${from.facts.bytes} bytes`,
            path: `/data/${from.key}`,
          },
        ],
        fixes: [edit(`move ${from.key} into a Secret that envFrom does not name`)],
      }),
    ];
  });
}
