import { nodeEnvironments } from "../../domain/env/groups.ts";
import { CREDENTIAL_KEYS } from "../../domain/env/static-keys.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
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
    if (held === undefined || (!held.unread && fact.value.storeEntries === undefined)) {
      const what = held === undefined ? `has no key ${key}` : `holds no store under ${key}`;
      const message = `Secret ${name} ${what}: the database starts without the store that spec.secretStore mounts`;
      return [
        finding("antfly.secretstore-unreadable", "error", subject, message, {
          evidence: [{ label: key, want: '{"secrets": [{"key": …, "value": …}]}', path: `/data/${key}` }],
          fixes: [edit(`write the store's JSON into key ${key} of Secret ${name}`)],
        }),
      ];
    }
    if (held.unread) return { skip: `what ${key} of Secret ${name} holds is not in the files` };
    const entries = fact.value.storeEntries ?? [];
    const shadowed = CREDENTIAL_KEYS.filter(
      (variable) =>
        (entries.includes(ENTRY_OF[variable] ?? "") || entries.includes(variable)) &&
        nodeEnvironments(cluster, environments).some((node) => node.variables[variable] !== undefined),
    );
    if (shadowed.length === 0) return [];
    const message = `Secret ${name} of spec.secretStore sets ${sentenceList(shadowed)} too, and overrides envFrom: what envFrom says is not used`;
    const found: Finding = finding("antfly.secretstore", "warning", subject, message, {
      evidence: shadowed.map((variable) => ({
        label: variable,
        has: `${ENTRY_OF[variable]} in ${key} wins over the environment`,
        path: `/data/${key}`,
      })),
      fixes: [edit("keep the credential in one place: the store, or a Secret of envFrom")],
    });
    return [found];
  },
});
