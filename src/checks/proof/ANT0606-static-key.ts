import type { StaticKeyFacts } from "../../domain/aws-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck, type Verdict } from "../define.ts";
import { refusalOf } from "./key-refusals.ts";
import { subjectOf } from "./expected-probes.ts";

export default defineCheck({
  code: "ANT0606",
  slug: "static-key",
  title: "The static key is one that its store knows, and is active",
  area: "proof",
  causes: [
    "aws.asia-in-secret",
    "aws.clock-skew",
    "aws.key-inactive",
    "aws.key-unknown",
    "aws.partition",
    "aws.secret-wrong",
  ],
  needs: ["cluster", "staticKeys"],
  after: ["ANT0201", "ANT0202", "ANT0203", "ANT0212"],
  notIn: { files: "files may hold keys of another day: they are not shown to AWS" },
  required: false,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  awsGrants: [
    { action: "sts:GetAccessKeyInfo", resource: "*", optional: true },
    { action: "iam:GetAccessKeyLastUsed", resource: "*", optional: true },
    { action: "iam:ListAccessKeys", resource: "*", optional: true },
  ],
  run: ({ cluster, staticKeys = [] }) => {
    if (cluster === undefined) return [];
    if (staticKeys.length === 0) return { skip: noKeys(cluster) };
    const verdicts = staticKeys.map((key) => judge(key, cluster));
    const findings = verdicts.flatMap((verdict) => ("findings" in verdict ? verdict.findings : []));
    const undecided = verdicts.flatMap((verdict) => ("undecided" in verdict ? verdict.undecided : []));
    if (findings.length > 0 || undecided.length > 0) return { findings, undecided };
    return verdicts.find((verdict) => "skip" in verdict) ?? { holds: true };
  },
});

export function noKeys({ configured }: ClusterFacts): string {
  return configured.credentials
    ? "spec.config sets the storage credentials itself"
    : "the nodes have no access key and secret in their environment";
}

/** The store's answers say whether it knows the key, where there is no STS to ask. */
function judge(key: StaticKeyFacts, cluster: ClusterFacts): Exclude<Verdict, readonly unknown[]> {
  const answers = [key.identity, ...key.stores.map(({ list }) => list)];
  const told = answers.flatMap((answer) => {
    const refusal = answer.state === "refused" ? refusalOf(key, answer, cluster) : undefined;
    return refusal === undefined ? [] : [{ ...refusal, answer }];
  })[0];
  if (told !== undefined && told.answer.state === "refused") {
    const { cause, severity, because, fixes, answer } = told;
    const message = `${key.source} holds access key ${key.keyId}, and ${because}`;
    const evidence = [
      { label: "key", has: `${key.keyId}, of the ${sentenceList(key.users)} nodes`, path: dataPath(key) },
      { label: "store said", has: `${answer.code}: ${answer.message}` },
    ];
    const { misshapen } = key;
    const explainedBy = misshapen.length > 0 ? (["ANT0203", "ANT0212"] as const) : (["ANT0212"] as const);
    const found = finding(cause, severity, subjectOf({ holder: key.source }, cluster), message, {
      evidence,
      fixes,
      explainedBy,
    });
    return { findings: [found], undecided: [] };
  }
  if (key.identity.state === "failed") return { findings: [], undecided: [`STS did not answer: ${key.identity.why}`] };
  if (answers.some(({ state }) => state === "ok" || state === "refused")) return { findings: [], undecided: [] };
  return { skip: `the store of ${key.source} is not AWS, and was not reached: nobody else knows the key` };
}

function dataPath({ idKey }: StaticKeyFacts): string {
  return idKey === undefined ? "/data" : `/data/${idKey}`;
}
