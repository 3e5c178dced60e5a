import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import { edit, finding, gcloudCommand, safeGcloudCommand, type Finding, type Ref } from "../../domain/finding.ts";
import { projectOfAccount } from "../../domain/gcp/account-form.ts";
import type { GoogleKeyFacts } from "../../domain/gcp/json-key.ts";
import type { GoogleKeyState } from "../../domain/google-facts.ts";
import { LIST_GOOGLE_KEYS } from "../../domain/google-grants.ts";
import { GET_SECRETS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { valueOf, type Unknown } from "../../domain/known.ts";
import { printable } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0408",
  slug: "google-keys",
  title: "JSON keys of Google service accounts are whole, and Google still takes them",
  area: "gcp",
  causes: ["gke.json-key-account-missing", "gke.json-key-invalid", "gke.json-key-newlines"],
  needs: ["cluster", "references"],
  wants: ["googleKeys"],
  after: ["ANT0101", "ANT0201"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SECRETS],
  googleGrants: [LIST_GOOGLE_KEYS],
  run: ({ cluster, references, googleKeys }, { now, mode }) => {
    if (cluster === undefined || references === undefined) return [];
    const keys = keysIn(cluster, references);
    if (keys.length === 0) return { skip: "no Secret of the cluster holds a JSON key of a Google service account" };
    const findings: Finding[] = [];
    const undecided: (string | Unknown)[] = [];
    for (const key of keys) {
      const found = malformed(key);
      if (found !== undefined) {
        findings.push(found);
        continue;
      }
      const state = googleKeys?.find((one) => one.secret === key.subject.name && one.entry === key.entry);
      if (state?.key.state === "known") findings.push(...refused(key, state, now));
      else if (state?.key.state === "unknown") undecided.push(state.key);
      else if (mode !== "files")
        undecided.push(`whether Google still takes the key of ${key.facts.account} was not asked`);
    }
    return { findings, undecided };
  },
});

interface JsonKey {
  readonly subject: Ref;
  readonly entry: string;
  readonly facts: GoogleKeyFacts;
}

function keysIn({ namespace }: ClusterFacts, { secrets }: ReferenceFacts): JsonKey[] {
  return Object.entries(secrets).flatMap(([name, fact]) =>
    Object.entries(valueOf(fact)?.keys ?? {}).flatMap(([entry, { googleKey }]) =>
      googleKey === undefined ? [] : [{ subject: { kind: "Secret", namespace, name }, entry, facts: googleKey }],
    ),
  );
}

function malformed({ subject, entry, facts }: JsonKey): Finding | undefined {
  const { type, account, keyId, pem } = facts;
  if (type === "service_account" && (pem === "escaped" || pem === "flat")) {
    const message = `The private_key in ${entry} of Secret ${subject.name} has no line breaks${pem === "escaped" ? ", but the two characters \\n for each" : ""}: it is no PEM, and nothing can be signed with it`;
    return finding("gke.json-key-newlines", "error", subject, message, {
      evidence: [
        {
          label: "private_key",
          want: "a PEM with line breaks",
          has: pem === "escaped" ? "\\n as text" : "one line",
          path: `/data/${entry}`,
        },
      ],
      fixes: [
        edit(
          `write ${entry} anew from the file that gcloud made, with kubectl create secret … --from-file=${entry}=FILE, and edit nothing in it`,
        ),
      ],
    });
  }
  const problem =
    type === undefined
      ? "is no JSON"
      : type !== "service_account"
        ? `is of type ${printable(type)}, and no key of a service account`
        : pem === "none" || account === undefined || keyId === undefined
          ? "lacks a part of a key: private_key, client_email or private_key_id"
          : undefined;
  if (problem === undefined) return undefined;
  return finding("gke.json-key-invalid", "error", subject, `What ${entry} of Secret ${subject.name} holds ${problem}`, {
    evidence: [{ label: entry, want: "the JSON of a service account's key", has: problem, path: `/data/${entry}` }],
    fixes: [edit(`write the file that gcloud iam service-accounts keys create made into ${entry}, unchanged`)],
  });
}

function refused({ subject, entry }: JsonKey, { account, keyId, key }: GoogleKeyState, now: Date): Finding[] {
  const state = valueOf(key);
  if (state === undefined) return [];
  const project = projectOfAccount(account);
  const of = project === undefined ? [] : ["--project", project];
  const where = `${entry} of Secret ${subject.name}`;
  const list = safeGcloudCommand`gcloud iam service-accounts keys list --iam-account ${account} ${of}`;
  const instead = edit("the pods need no key with Workload Identity: antfly-creds init workload-identity");
  if (state.found === "no-account") {
    const message = `The key in ${where} is of ${account}, which does not exist`;
    return [
      finding("gke.json-key-account-missing", "error", subject, message, {
        evidence: [
          { label: "client_email", want: "a service account that is there", has: account, path: `/data/${entry}` },
        ],
        fixes: [edit(`put a key of an account that is there into ${entry}`), instead],
      }),
    ];
  }
  const over = state.validBefore !== undefined && Date.parse(state.validBefore) <= now.getTime();
  if (state.found === "key" && !state.disabled && !over) return [];
  const problem =
    state.found === "no-key" ? "was deleted" : state.disabled ? "is disabled" : `was good until ${state.validBefore}`;
  const message = `Key ${keyId} of ${account}, which ${where} holds, ${problem}: Google answers Invalid JWT Signature`;
  const enable = gcloudCommand`gcloud iam service-accounts keys enable ${keyId} --iam-account ${account} ${of}`;
  return [
    finding("gke.json-key-invalid", "error", subject, message, {
      evidence: [{ label: "key", want: "enabled", has: problem, path: `/data/${entry}` }],
      fixes:
        state.found === "key" && state.disabled
          ? [enable, instead]
          : [list, edit(`put a new key into ${entry}`), instead],
    }),
  ];
}
