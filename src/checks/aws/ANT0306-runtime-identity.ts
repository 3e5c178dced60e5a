import { isComplete } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { hasStaticKey } from "../../domain/env/static-keys.ts";
import type { BackupFacts } from "../../domain/facts.ts";
import { command, edit, finding } from "../../domain/finding.ts";
import { isAccountEmail } from "../../domain/gcp/account-form.ts";
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
  wants: ["references"],
  after: ["ANT0101", "ANT0201"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_BACKUPS],
  run: ({ cluster, serviceAccount, environments = [], backups = [], operator, references }, { policy }) => {
    if (cluster === undefined) return [];
    const { awsRole, gcpAccount, name: account } = serviceAccount ?? {};
    const identity = awsRole ?? gcpAccount;
    if (identity === undefined || account === undefined)
      return { skip: "no annotation of the pods' ServiceAccount gives them an identity in a cloud" };
    const toS3 = backups.find((one) => one.location.startsWith("s3://") && one.connection === undefined);
    if (operator?.generation === 3 && toS3 === undefined) return [];
    const hasKey = hasStaticKey(cluster, environments, references);
    if (hasKey === undefined) {
      // What an envFrom source would bring that is missing or unreadable is told elsewhere.
      return nodeEnvironments(cluster, environments).every(isComplete)
        ? { skip: `which keys Secret ${cluster.secretStore} of spec.secretStore holds cannot be read here` }
        : [];
    }
    const { namespace, name } = cluster;
    const evidence = [
      { label: "identity", has: `${identity} of ServiceAccount ${account}`, path: "/spec/serviceAccountName" },
      { label: "image", has: cluster.image },
      { label: "operator", has: `generation ${operator?.generation ?? "unknown"}` },
    ];
    // Who has set the identity up for something else knows that backups do without it, and is reminded.
    const severity = policy.identityOnly ? "warning" : !hasKey && toS3 !== undefined ? "error" : "info";
    const then = consequence(hasKey, toS3);
    if (awsRole === undefined) {
      const message = `Workload Identity gives ServiceAccount ${account} tokens, which cannot sign a request of the S3 API; the database needs an HMAC key: ${then}`;
      return [
        finding("gke.wi-cannot-sign-s3", severity, refOfCluster(cluster), message, {
          evidence,
          fixes: hasKey
            ? []
            : [command`antfly-creds init secret ${name} -n ${namespace} --provider gcs ${keyFor(gcpAccount)}`],
        }),
      ];
    }
    const message = `ServiceAccount ${account} has a role, and this database signs backups with static keys alone: ${then}`;
    return [
      finding("antfly.runtime-static-only", severity, refOfCluster(cluster), message, {
        evidence,
        fixes: hasKey
          ? [edit("keep the Secret until a backup has succeeded without it")]
          : [command`antfly-creds init secret ${name} -n ${namespace} --provider aws`],
      }),
    ];
  },
});

/** The identity may be there for something else, such as inference; without a backup to S3 nothing fails. */
function consequence(hasKey: boolean, toS3: BackupFacts | undefined): string {
  if (hasKey) return "it uses the static key that it has, which must stay";
  if (toS3 === undefined) return "it has none, and a backup to s3:// would fail";
  return `it has none, and ${toS3.kind} ${toS3.name} (${toS3.location}) fails`;
}

/** A key can be made for the account that the ServiceAccount was to act as. */
function keyFor(account: string | undefined): string[] {
  return account !== undefined && isAccountEmail(account) ? ["--create-hmac", account] : [];
}
