import type { SecretReader } from "../../domain/facts.ts";
import { edit, finding, safeCommand } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_RBAC } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

/** Groups that hold everybody, or every pod. */
const EVERYBODY = /^Group system:(authenticated|unauthenticated|serviceaccounts(:.*)?)$|^User system:anonymous$/;

export default defineCheck({
  code: "ANT0809",
  slug: "readers",
  title: "Few may read the Secrets",
  area: "hygiene",
  causes: ["k8s.over-broad-readers"],
  needs: ["secretReaders", "references"],
  after: ["ANT0201"],
  thorough: true,
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS, ...LIST_RBAC],
  run: ({ secretReaders = [] }, { target }) => {
    if (secretReaders.length === 0) return [];
    const broad = secretReaders.filter(({ subject }) => EVERYBODY.test(subject) || isDefaultAccount(subject));
    const told = broad.length > 0 ? broad : secretReaders;
    const secrets = sentenceList([...new Set(told.flatMap((one) => one.secrets))]);
    const who = sentenceList([...new Set(told.map((one) => one.subject))]);
    const message =
      broad.length > 0
        ? `${who} may read Secret ${secrets}: that is more or less everybody`
        : `Secret ${secrets} may be read by ${who}`;
    const subject = { kind: "Namespace", name: target.namespace };
    return [
      finding("k8s.over-broad-readers", broad.length > 0 ? "warning" : "info", subject, message, {
        evidence: told.map(toEvidence),
        fixes: [
          safeCommand`kubectl auth can-i --list -n ${target.namespace}`,
          edit("bind a Role that may get the Secret by its name (resourceNames), to those who need it"),
        ],
      }),
    ];
  },
});

function isDefaultAccount(subject: string): boolean {
  return /^ServiceAccount [^/]+\/default$/.test(subject);
}

function toEvidence({ subject, via, secrets }: SecretReader): { label: string; has: string } {
  return { label: subject, has: `${via}: ${secrets.join(", ")}` };
}
