import type { BackupFacts } from "../../domain/facts.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { LIST_BACKUPS, LIST_RESTORES } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0207",
  slug: "backup-location",
  title: "Backups go to a place that the operator takes, with credentials that are found there",
  area: "references",
  causes: ["antfly.location-scheme", "k8s.backup-secret-namespace"],
  needs: ["cluster", "backups"],
  after: ["ANT0101"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, backups }) => {
    if (cluster === undefined || backups === undefined) return [];
    if (backups.length === 0) return { skip: "the cluster has no AntflyBackup or AntflyRestore" };
    return backups.flatMap((backup) => [...wrongScheme(backup), ...otherNamespace(backup)]);
  },
});

/** The CRD's pattern is `^(s3://|file://).+` (operator facts, 6.1). */
function wrongScheme(backup: BackupFacts): Finding[] {
  if (/^(s3|file):\/\/./.test(backup.location) || (backup.location === "" && backup.connection !== undefined))
    return [];
  const google = /^g(c)?s:\/\//.test(backup.location);
  const message = google
    ? `${backup.kind} ${backup.name} goes to ${backup.location}: the API server refuses gs://, and takes Google Cloud Storage as s3:// with an HMAC key`
    : `${backup.kind} ${backup.name} goes to "${backup.location}"; the API server takes s3:// and file:// only`;
  const want = google ? backup.location.replace(/^g(c)?s:/, "s3:") : "s3://bucket/prefix";
  return [
    finding("antfly.location-scheme", "error", refOf(backup), message, {
      evidence: [{ label: "location", want, has: backup.location, path: `/spec/${backup.field}/location` }],
      fixes: [
        edit(
          google
            ? `set location: ${want}, and put an HMAC key with AWS_ENDPOINT_URL=https://storage.googleapis.com into envFrom`
            : `set location: ${want}`,
        ),
      ],
    }),
  ];
}

/** A Secret is looked for where the AntflyBackup is, not where the cluster is. */
function otherNamespace(backup: BackupFacts): Finding[] {
  const { credentialsSecret, namespace, cluster } = backup;
  if (credentialsSecret === undefined || namespace === cluster.namespace) return [];
  const message = `${backup.kind} ${backup.name} is in namespace ${namespace}, and its cluster in ${cluster.namespace}: credentialsSecret ${credentialsSecret} is looked for in ${namespace}, and the nodes that write to the bucket never see it`;
  return [
    finding("k8s.backup-secret-namespace", "error", refOf(backup), message, {
      evidence: [
        {
          label: "namespace",
          want: cluster.namespace,
          has: namespace,
          path: `/spec/${backup.field}/credentialsSecret/name`,
        },
      ],
      fixes: [
        edit(`put the credential into envFrom of AntflyCluster ${cluster.name}, and leave credentialsSecret out`),
      ],
    }),
  ];
}

function refOf({ kind, namespace, name }: BackupFacts): Finding["subject"] {
  return { kind, namespace, name };
}
