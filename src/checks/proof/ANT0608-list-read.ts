import type { StaticKeyFacts, StoreFacts } from "../../domain/aws-facts.ts";
import { isDenied, type Refused } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { edit, finding, type Finding, safeAwsCommand } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import { defineCheck } from "../define.ts";
import { noKeys } from "./ANT0606-static-key.ts";
import { denialOf, type Denial, type Refusal } from "./denial.ts";
import { NO_BUCKET, subjectOf } from "./expected-probes.ts";
import { allowFixes } from "./policy-fixes.ts";

export default defineCheck({
  code: "ANT0608",
  slug: "list-and-read",
  title: "The static key may list and read below the prefix",
  area: "proof",
  causes: [
    "aws.wrong-account",
    "irsa.boundary-scp-rcp",
    "s3.action-missing",
    "s3.bucket-policy-deny",
    "s3.explicit-deny",
    "s3.kms-denied",
    "s3.no-listbucket",
    "s3.prefix-condition",
    "s3.vpce-policy",
  ],
  needs: ["cluster", "staticKeys", "aims"],
  after: ["ANT0201", "ANT0202", "ANT0203", "ANT0204", "ANT0407", "ANT0606", "ANT0607"],
  notIn: { files: "files may hold keys of another day: no bucket is asked with them" },
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, staticKeys = [], aims = [] }) => {
    if (cluster === undefined) return [];
    if (staticKeys.length === 0) return { skip: noKeys(cluster) };
    if (!aims.some(({ identity }) => identity === "usual")) return NO_BUCKET;
    const asked = staticKeys.flatMap((key) => key.stores.map((store) => ({ key, store })));
    const findings = asked.flatMap(({ key, store }) => denials(key, store, cluster));
    if (findings.length > 0) return findings;
    const told = asked.filter(({ store }) => store.list.state === "ok" && store.read.state === "ok");
    return told.length > 0 && told.length === asked.length
      ? { holds: true }
      : { waits: whyUntold(asked.map(({ store }) => store)) };
  },
});

function whyUntold(stores: readonly StoreFacts[]): string {
  const told = stores.flatMap(
    ({ list, read, outOfReach }) => outOfReach ?? [list, read].flatMap((one) => ("why" in one ? one.why : [])),
  );
  return told[0] ?? "not every bucket answered";
}

function denials(key: StaticKeyFacts, store: StoreFacts, cluster: ClusterFacts): Finding[] {
  const { list, read } = store;
  if (isDenied(list)) {
    const denied = { key, store, cluster, said: list, action: "s3:ListBucket", cannot: "cannot list" };
    return tell(denied, (refusal) => listDenial(refusal, store, saysWhy(key)));
  }
  // Who may not list is not told either whether there is an object: only with a list does a refusal mean that.
  if (list.state !== "ok" || !isDenied(read)) return [];
  const denied = { key, store, cluster, said: read, action: "s3:GetObject", cannot: "cannot read objects in" };
  return tell(denied, (refusal) => denialOf(refusal, "s3.action-missing"));
}

interface Denied {
  readonly key: StaticKeyFacts;
  readonly store: StoreFacts;
  readonly cluster: ClusterFacts;
  readonly said: Refused;
  readonly action: string;
  readonly cannot: string;
}

function tell(
  { key, store, cluster, said, action, cannot }: Denied,
  denial: (refusal: Refusal) => Denial | undefined,
): Finding[] {
  const { source, caller, keyId } = key;
  const { aim } = store;
  const told = denial({ said, action, aim, holder: source, arn: caller?.arn });
  if (told === undefined) return [];
  const { cause, because, fixes } = told;
  const message = `${source} ${cannot} ${placeOf(aim)}: ${because}`;
  const found = finding(cause, "error", subjectOf({ holder: source }, cluster), message, {
    evidence: [
      { label: "identity", has: caller?.arn ?? `access key ${keyId}` },
      { label: "from", has: aim.from },
      { label: "store said", has: `${said.code}: ${said.message}` },
    ],
    fixes,
    explainedBy: ["ANT0204", "ANT0407", "ANT0607"],
  });
  return [found];
}

/** AWS names the policy, unless the bucket is another account's. Servers that stand in for AWS, by an account of zeros, do not. */
function saysWhy({ provider, caller }: StaticKeyFacts): boolean {
  return provider === "aws" && caller !== undefined && !/^0+$/.test(caller.account);
}

function listDenial(refusal: Refusal, { listAll, aim }: StoreFacts, isAws: boolean): Denial | undefined {
  if (listAll.state === "ok") {
    return {
      cause: "s3.prefix-condition",
      because: `it may list the bucket, and not below ${aim.prefix}/: a condition on s3:prefix leaves that out`,
      fixes: allowFixes(aim, refusal.arn),
    };
  }
  const { message } = refusal.said;
  if (/because no resource-based policy/i.test(message) || (isAws && !/not authorized to perform/i.test(message))) {
    return {
      cause: "aws.wrong-account",
      because: `bucket ${aim.bucket} is in another account, and its policy does not let the key in`,
      fixes: [
        edit("write the key of the bucket's account, or let this one in by the policy of the bucket:"),
        safeAwsCommand`aws s3api get-bucket-policy --bucket ${aim.bucket}`,
      ],
    };
  }
  return denialOf(refusal, "s3.no-listbucket");
}
