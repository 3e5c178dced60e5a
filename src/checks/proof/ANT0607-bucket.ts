import type { StaticKeyFacts, StoreFacts } from "../../domain/aws-facts.ts";
import { isAboutKey, isDenied } from "../../domain/call-outcome.ts";
import { distinctBy } from "../../domain/distinct.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { defineCheck } from "../define.ts";
import { noKeys } from "./ANT0606-static-key.ts";
import { bucketFault } from "./bucket-faults.ts";
import { NO_BUCKET, subjectOf } from "./expected-probes.ts";

export default defineCheck({
  code: "ANT0607",
  slug: "bucket",
  title: "The bucket is there, and in the region that the database signs for",
  area: "proof",
  causes: [
    "minio.region-mismatch",
    "s3.bucket-taken-elsewhere",
    "s3.endpoint-scheme-wrong",
    "s3.nosuchbucket",
    "s3.region-default",
    "s3.region-mismatch",
    "s3.tls-ca",
  ],
  needs: ["cluster", "staticKeys", "operator", "aims"],
  after: ["ANT0201", "ANT0202", "ANT0203", "ANT0204", "ANT0212", "ANT0213", "ANT0606"],
  notIn: { files: "files may hold keys of another day: no bucket is asked with them" },
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, staticKeys = [], operator, aims = [] }) => {
    if (cluster === undefined) return [];
    if (staticKeys.length === 0) return { skip: noKeys(cluster) };
    if (!aims.some(({ identity }) => identity === "usual")) return NO_BUCKET;
    const asked = staticKeys.flatMap((key) => key.stores.map((store) => ({ key, store })));
    if (asked.length === 0) return { waits: "no bucket was asked with a key that is refused" };
    const findings = asked.flatMap(({ key, store }) => faultOf(key, store, cluster, operator?.generation));
    const undecided = asked.flatMap(({ key, store }) => untold(key, store));
    if (findings.length === 0 && undecided.length === 0)
      return asked.every(({ store }) => store.list.state !== "not-tried")
        ? { holds: true }
        : { waits: "not every bucket was asked" };
    return {
      findings: distinctBy(findings, ({ message }) => message),
      undecided: findings.length > 0 ? [] : [...new Set(undecided)],
    };
  },
});

function faultOf(
  key: StaticKeyFacts,
  store: StoreFacts,
  cluster: ClusterFacts,
  generation: Generation | undefined,
): Finding[] {
  const fault = bucketFault({ key, store, cluster, generation });
  if (fault === undefined) return [];
  const { cause, severity, what, evidence, fixes, explainedBy = [] } = fault;
  const subject = subjectOf({ holder: key.source }, cluster);
  return [
    finding(cause, severity, subject, `${placeOf(store.aim)} (${store.aim.from}) ${what}`, {
      evidence: [...evidence, { label: "asked with", has: `access key ${key.keyId} of ${key.source}` }],
      fixes,
      explainedBy,
    }),
  ];
}

/** Not reached is no fault of the key, nor of the bucket. */
function untold({ identity }: StaticKeyFacts, { aim, outOfReach, list, endpoint, bucketRegion }: StoreFacts): string[] {
  const where = `the bucket of ${aim.from}`;
  if (outOfReach !== undefined) {
    return [
      `${where} was not asked: ${outOfReach}; with kubectl port-forward to the store, --endpoint http://localhost:PORT asks it from here`,
    ];
  }
  if (list.state === "failed")
    return [`${where} was not reached${endpoint === undefined ? "" : ` at ${endpoint}`}: ${list.why}`];
  if (list.state !== "refused") return [];
  const { code, message } = list;
  // Who may not list is told by other stores than AWS neither that there is a bucket nor that there is none.
  if (isDenied(list)) {
    if (bucketRegion.state === "known") return [];
    return [`whether ${where}, ${aim.bucket}, is there is not told to a key that may not list it (${code})`];
  }
  if (!isAboutKey(list)) return [`${where}: the store answered ${code}: ${message}`];
  if (identity.state !== "ok") return [];
  return [
    `${where}: the store answered ${code}, and STS takes the same key: the store is none of AWS, or a proxy on the way changes what was signed`,
  ];
}
