import type { StaticKeyFacts } from "../../domain/aws-facts.ts";
import { isAboutKey, type Refused } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { edit, type Fix, type Severity, awsCommand, safeAwsCommand } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import { partitionOf } from "../../domain/values/region.ts";
import { firstCandidate } from "./candidate.ts";
import { subjectOf } from "./expected-probes.ts";

export interface KeyRefusal {
  readonly cause: string;
  readonly severity: Severity;
  /** Goes on after `Secret x holds access key AKIA…Q7XA, and`. */
  readonly because: string;
  readonly fixes: readonly Fix[];
}

const ABOUT_KEYS = [
  "aws.asia-in-secret",
  "aws.clock-skew",
  "aws.key-inactive",
  "aws.key-unknown",
  "aws.secret-wrong",
] as const;

/** Why a store does not take a key; undefined where its answer is about something else. */
export function refusalOf(key: StaticKeyFacts, said: Refused, cluster: ClusterFacts): KeyRefusal | undefined {
  if (!isAboutKey(said)) return undefined;
  const cause = firstCandidate(`${said.code}: ${said.message}`, ABOUT_KEYS)?.cause ?? "aws.key-unknown";
  const write =
    key.idKey === undefined
      ? edit(`write id and secret anew in ${key.source.replace(/,$/, "")}`)
      : writeKeys(cluster, subjectOf({ holder: key.source }, cluster));
  const store = key.provider === "aws" ? "AWS" : "the store";
  switch (cause) {
    case "aws.secret-wrong":
      return {
        cause,
        severity: "critical",
        because: `${store} knows it, but the secret beside it is not its own (${said.code})`,
        fixes: [write],
      };
    case "aws.asia-in-secret":
      return {
        cause,
        severity: "critical",
        because: `it was a temporary one, which has expired (${said.code})`,
        fixes: [edit("use the key of an IAM user, or a role"), write],
      };
    case "aws.clock-skew":
      return {
        cause,
        severity: "error",
        because: `${store} takes the time of the request for wrong: the clock of this machine is off, or the store's (${said.code})`,
        fixes: [edit("compare the time of date -u with another clock, and look at those of the nodes: ANT0705")],
      };
    default:
      return unknownKey(key, said, cause, write);
  }
}

/** IAM may know more: AWS says the same of keys that are inactive, deleted, and of another partition. */
function unknownKey(key: StaticKeyFacts, said: Refused, cause: string, write: Fix): KeyRefusal {
  const owner = key.key;
  if (owner.state === "known" && owner.value.status === "Inactive") {
    const { user } = owner.value;
    return {
      cause: "aws.key-inactive",
      severity: "critical",
      because: `that key of user ${user} is inactive`,
      fixes: [activate(user), edit("if it was deactivated on purpose, write a new key:"), write],
    };
  }
  if (cause === "aws.key-inactive")
    return {
      cause,
      severity: "critical",
      because: "its user is disabled in the store",
      fixes: [edit("enable the user, or write another key:"), write],
    };
  const store = key.provider === "aws" ? "AWS" : "the store";
  if (key.otherPartition !== undefined) {
    const [mine, theirs] = [partitionOf(key.region), key.otherPartition];
    return {
      cause: "aws.partition",
      severity: "critical",
      because: `it is one of partition ${theirs}, while region ${key.region} lies in ${mine}, which does not know it (${said.code})`,
      fixes: [edit(`correct the region and the endpoint, or write a key of partition ${mine}:`), write],
    };
  }
  const account = key.account === undefined ? "" : `; it is, or was, one of account ${key.account}`;
  return {
    cause: "aws.key-unknown",
    severity: "critical",
    because: `${store} does not know it: it was deleted${owner.state === "absent" ? "" : " or deactivated"}, or is of another store (${said.code}${account})`,
    fixes: [write],
  };
}

/** The id is looked up where it is needed: it is not printed. A user has two keys at most. */
function activate(user: string): Fix {
  const inactive = "AccessKeyMetadata[?Status=='Inactive'].AccessKeyId";
  const id = safeAwsCommand`aws iam list-access-keys --user-name ${user} --output text --query ${inactive}`.text;
  const fix = awsCommand`aws iam update-access-key --user-name ${user} --status Active`;
  return { ...fix, text: `${fix.text} --access-key-id "$(${id})"` };
}
