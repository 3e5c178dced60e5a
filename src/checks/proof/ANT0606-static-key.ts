import type { CallOutcome, StaticKeyFacts, StoreFacts } from "../../domain/aws-facts.ts";
import { isDenied, type Refused } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { endpointKind } from "../../domain/values/endpoint.ts";
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
  after: ["ANT0201", "ANT0202", "ANT0203", "ANT0212", "ANT0407"],
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

/** What a key is refused for however well STS knows it. */
const IN_TIME: ReadonlySet<string> = new Set(["aws.asia-in-secret", "aws.clock-skew"]);

/** The store's answers say whether it knows the key, where there is no STS to ask. */
function judge(key: StaticKeyFacts, cluster: ClusterFacts): Exclude<Verdict, readonly unknown[]> {
  const refusals = [{ answer: key.identity, of: key }, ...key.stores.map((store) => answerOf(key, store))];
  const told = refusals.flatMap(({ answer, of }) => {
    const refusal = answer.state === "refused" ? refusalOf(of, answer, cluster) : undefined;
    if (refusal === undefined || answer.state !== "refused") return [];
    // STS has just taken id and secret: what S3 has against them is not in them, and told of the bucket.
    const isTaken = of.provider === "aws" && key.identity.state === "ok";
    return isTaken && !IN_TIME.has(refusal.cause) ? [] : [{ ...refusal, answer }];
  })[0];
  if (told !== undefined) {
    const { cause, severity, because, fixes, answer } = told;
    const message = `${key.source} holds access key ${key.keyId}, and ${because}`;
    const evidence = [
      { label: "key", has: `${key.keyId}, of the ${sentenceList(key.users)} nodes`, path: dataPath(key) },
      { label: "store said", has: `${answer.code}: ${answer.message}` },
    ];
    const { misshapen } = key;
    const explainedBy =
      misshapen.length > 0 ? (["ANT0203", "ANT0212", "ANT0407"] as const) : (["ANT0212", "ANT0407"] as const);
    const found = finding(cause, severity, subjectOf({ holder: key.source }, cluster), message, {
      evidence,
      fixes,
      explainedBy,
    });
    return { findings: [found], undecided: [] };
  }
  const { identity } = key;
  if (identity.state === "failed") return { findings: [], undecided: [`STS did not answer: ${identity.why}`] };
  const isKnown = identity.state === "ok" || key.stores.some(({ list }) => showsKnown(list));
  const unclear = [identity, ...(isKnown ? [] : key.stores.map(({ list }) => list))].find(isRefusal);
  if (unclear !== undefined)
    return {
      findings: [],
      undecided: [`whether the key is known was answered with ${unclear.code}: ${unclear.message}`],
    };
  if (isKnown) return { findings: [], undecided: [] };
  return { skip: `the store of ${key.source} is not AWS, and was not reached: nobody else knows the key` };
}

/** A connection of `spec.config` may be to another store than the key's own endpoint. */
function answerOf(key: StaticKeyFacts, { list, endpoint }: StoreFacts): { answer: CallOutcome; of: StaticKeyFacts } {
  const isAws = endpoint === undefined || endpointKind(endpoint).host === "aws";
  const provider = isAws ? "aws" : key.provider === "aws" ? "s3-compatible" : key.provider;
  return { answer: list, of: { ...key, provider } };
}

/** Whose key it is comes before what it may do; other refusals may be of anybody on the way. */
function showsKnown(list: CallOutcome): boolean {
  return list.state === "ok" || (list.state === "refused" && (list.code === "NoSuchBucket" || isDenied(list)));
}

function isRefusal(answer: CallOutcome): answer is Refused {
  return answer.state === "refused";
}

function dataPath({ idKey }: StaticKeyFacts): string {
  return idKey === undefined ? "/data" : `/data/${idKey}`;
}
