import { isComplete } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { ACCESS_KEY_ID } from "../../domain/env/static-keys.ts";
import { command, edit, finding, type Severity } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0306",
  slug: "runtime-identity",
  title: "The database can use the identity that its ServiceAccount has",
  area: "aws",
  causes: ["antfly.runtime-static-only", "gke.wi-cannot-sign-s3"],
  needs: ["cluster", "serviceAccount", "environments", "backups", "operator"],
  after: ["ANT0101", "ANT0201"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_BACKUPS],
  run: ({ cluster, serviceAccount, environments = [], backups = [], operator }) => {
    if (cluster === undefined) return [];
    const { awsRole, gcpAccount, name: account } = serviceAccount ?? {};
    const identity = awsRole ?? gcpAccount;
    if (identity === undefined || account === undefined)
      return { skip: "the pods' ServiceAccount has no identity in a cloud" };
    const toS3 = backups.find((one) => one.location.startsWith("s3://") && one.connection === undefined);
    if (operator?.generation === 3 && toS3 === undefined) return [];
    const nodes = nodeEnvironments(cluster, environments).filter(isComplete);
    const keys = cluster.configured.credentials || nodes.some((node) => node.variables[ACCESS_KEY_ID] !== undefined);
    const known = operator?.generation === 1 || operator?.generation === 2 || toS3 !== undefined;
    const severity: Severity = keys ? "info" : known ? "error" : "warning";
    const evidence = [
      { label: "identity", has: `${identity} of ServiceAccount ${account}`, path: "/spec/serviceAccountName" },
      { label: "image", has: cluster.image },
      { label: "operator", has: `generation ${operator?.generation ?? "unknown"}` },
    ];
    const reads = keys
      ? "it uses the static keys that it has, and they must stay"
      : "and it has no keys: every backup to s3:// fails";
    if (gcpAccount !== undefined && awsRole === undefined) {
      const message = `Workload Identity gives tokens, and a token cannot sign a request of the S3 API: the database needs an HMAC key; ${reads}`;
      return [
        finding("gke.wi-cannot-sign-s3", severity, refOfCluster(cluster), message, {
          evidence,
          fixes: keys ? [] : [command`antfly-creds init secret ${cluster.name} -n ${cluster.namespace} --provider gcs`],
        }),
      ];
    }
    const message = `ServiceAccount ${account} has a role, and this database signs backups with static keys alone; ${reads}`;
    return [
      finding("antfly.runtime-static-only", severity, refOfCluster(cluster), message, {
        evidence,
        fixes: keys
          ? [edit("keep the Secret until a backup has succeeded without it")]
          : [command`antfly-creds init secret ${cluster.name} -n ${cluster.namespace} --provider aws`],
      }),
    ];
  },
});
