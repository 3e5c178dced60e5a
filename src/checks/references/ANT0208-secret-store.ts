import type { EffectiveEnvironment } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { CREDENTIAL_KEYS, REQUIRED_KEYS } from "../../domain/env/static-keys.ts";
import { edit, finding, type Finding, type Ref } from "../../domain/finding.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

/** Names under which a store's file holds a variable; both are looked for (operator facts, 7.2). */
const ENTRY_OF: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: "aws.access_key_id",
  AWS_SECRET_ACCESS_KEY: "aws.secret_access_key",
  AWS_SESSION_TOKEN: "aws.session_token",
  AWS_REGION: "aws.region",
  AWS_ENDPOINT_URL: "aws.endpoint_url",
};

export default defineCheck({
  code: "ANT0208",
  slug: "secret-store",
  title: "spec.secretStore does not override what envFrom sets",
  area: "references",
  causes: ["antfly.secretstore", "antfly.secretstore-unreadable"],
  needs: ["cluster", "references", "environments"],
  after: ["ANT0201"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS],
  run: ({ cluster, references, environments = [] }) => {
    if (cluster === undefined || references === undefined) return [];
    const { secretStore: name, secretStoreKey: key, namespace } = cluster;
    if (name === undefined) return { skip: "the cluster has no spec.secretStore" };
    const fact = references.secrets[name];
    if (fact?.state !== "known") return [];
    const subject = { kind: "Secret", namespace, name };
    const held = fact.value.keys[key];
    if (held?.unread === true) return { skip: `what ${key} of Secret ${name} holds is not in the files` };
    const { storeEntries } = fact.value;
    if (held === undefined) return [unreadable(subject, key, NO_KEY)];
    if (storeEntries === undefined) return [unreadable(subject, key, NO_STORE)];
    return overriding(subject, key, storeEntries, nodeEnvironments(cluster, environments));
  },
});

/** The volume names the key and is not optional; the database loads the file before anything else. */
const NO_KEY = ["has no key", "no pod can mount the store, and none starts"] as const;
const NO_STORE = [
  "holds no store under",
  "the database does not start with it, and one that runs stays with what it had",
] as const;

function unreadable(subject: Ref, key: string, [what, consequence]: readonly [string, string]): Finding {
  const message = `Secret ${subject.name} of spec.secretStore ${what} ${key}: ${consequence}`;
  return finding("antfly.secretstore-unreadable", "error", subject, message, {
    evidence: [{ label: key, want: '{"secrets": [{"key": …, "value": …}]}', path: `/data/${key}` }],
    fixes: [edit(`write the store's JSON into key ${key} of Secret ${subject.name}`)],
  });
}

function overriding(
  subject: Ref,
  key: string,
  entries: readonly string[],
  nodes: readonly EffectiveEnvironment[],
): Finding[] {
  const entryOf = (variable: string): string | undefined =>
    entries.find((entry) => entry === ENTRY_OF[variable] || entry === variable);
  const isSet = (variable: string): boolean => nodes.some((node) => node.variables[variable] !== undefined);
  const both = CREDENTIAL_KEYS.filter((variable) => entryOf(variable) !== undefined && isSet(variable));
  if (both.length === 0) return [];
  const stored = REQUIRED_KEYS.find((variable) => entryOf(variable) !== undefined);
  const left = REQUIRED_KEYS.find((variable) => entryOf(variable) === undefined && isSet(variable));
  const outcome =
    stored === undefined || left === undefined
      ? "what envFrom says is not used"
      : `the database puts the ${stored} of the store and the ${left} of envFrom together`;
  const message = `Secret ${subject.name} of spec.secretStore sets ${sentenceList(both)} as well, and wins over envFrom: ${outcome}`;
  return [
    finding("antfly.secretstore", "warning", subject, message, {
      evidence: both.map((variable) => ({
        label: variable,
        has: `${entryOf(variable)} in ${key} wins over the environment`,
        path: `/data/${key}`,
      })),
      fixes: [edit("keep the whole credential in one place: in the store, or in a Secret of envFrom")],
    }),
  ];
}
