import { edit, finding, gcloudCommand, safeGcloudCommand, type Finding, type Severity } from "../../domain/finding.ts";
import { bucketRights, hasSome } from "../../domain/gcp/bucket-rights.ts";
import { withoutGoogle } from "../../domain/gcp/google-use.ts";
import type { Identity } from "../../domain/gcp/member.ts";
import { workloadOf } from "../../domain/gcp/workload-identity.ts";
import { GET_CLUSTER_PROJECT, GET_GKE_CLUSTER, READ_BUCKET_POLICIES } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS } from "../../domain/grants.ts";
import type { Unknown } from "../../domain/known.ts";
import { defineCheck } from "../define.ts";
import { NOT_GKE, notMeant } from "./not-google.ts";

export default defineCheck({
  code: "ANT0410",
  slug: "direct-principal",
  title: "A ServiceAccount that has its rights in a bucket itself can use them there",
  area: "gcp",
  causes: ["gke.direct-unsupported"],
  needs: ["cluster", "serviceAccount", "gkeCluster", "googleAims", "googleBuckets"],
  wants: ["googleRoles", "operator"],
  after: ["ANT0101", "ANT0402", "ANT0405"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_BACKUPS],
  googleGrants: [GET_GKE_CLUSTER, GET_CLUSTER_PROJECT, ...READ_BUCKET_POLICIES],
  run: (facts, { policy, now }) => {
    const { cluster, serviceAccount, gkeCluster: gke, googleAims = [], googleBuckets = [], googleRoles } = facts;
    if (cluster === undefined) return [];
    const not = notMeant(facts);
    if (not !== undefined) return not;
    if (serviceAccount === undefined) return { waits: "the pods' ServiceAccount does not exist" };
    if (serviceAccount.gcpAccount !== undefined)
      return { skip: `ServiceAccount ${serviceAccount.name} acts as a Google service account` };
    if (gke === undefined) return NOT_GKE;
    const who: Identity = { kind: "workload", ...workloadOf(gke, cluster.namespace, serviceAccount) };
    const severity: Severity = withoutGoogle(facts, policy) === "critical" ? "error" : "warning";
    const findings: Finding[] = [];
    const undecided: Unknown[] = [];
    for (const bucket of googleBuckets) {
      const aim = googleAims.find((one) => one.bucket === bucket.bucket && one.source === "default");
      const rights = aim && bucketRights(who, aim, bucket, googleRoles, now);
      if (rights === undefined || !hasSome(rights)) continue;
      if (bucket.uniformAccess.state === "unknown") undecided.push(bucket.uniformAccess);
      if (bucket.uniformAccess.state === "known" && !bucket.uniformAccess.value)
        findings.push(fineGrained(bucket.bucket, serviceAccount.name, severity));
    }
    return { findings, undecided };
  },
});

/** "Identity federation: products and limitations", Cloud Storage. */
function fineGrained(bucket: string, account: string, severity: Severity): Finding {
  const message = `Bucket ${bucket} has no uniform bucket-level access: Google takes a role of ServiceAccount ${account} itself there for some requests, and denies others`;
  return finding("gke.direct-unsupported", severity, { kind: "Bucket", name: bucket }, message, {
    evidence: [{ label: "uniform bucket-level access", want: "on", has: "off" }],
    fixes: [
      edit("ACLs of the bucket and its objects count no more with it; see first who has access by them:"),
      safeGcloudCommand`gcloud storage buckets describe ${`gs://${bucket}`} --format ${"json(acl,default_acl)"}`,
      gcloudCommand`gcloud storage buckets update ${`gs://${bucket}`} --uniform-bucket-level-access`,
      edit(
        "or let the ServiceAccount act as a Google service account that has the role: antfly-creds init workload-identity",
      ),
    ],
  });
}
