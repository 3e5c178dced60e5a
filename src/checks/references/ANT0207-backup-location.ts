import type { BackupFacts, ClusterFacts } from "../../domain/facts.ts";
import { command, edit, finding, type Finding } from "../../domain/finding.ts";
import { initWorkloadIdentity } from "../../domain/fixes.ts";
import { LIST_BACKUPS, LIST_RESTORES } from "../../domain/grants.ts";
import { heldLogin } from "../../domain/location.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { nearest } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

const GOOGLE = /^gc?s:\/\//;

export default defineCheck({
  code: "ANT0207",
  slug: "backup-location",
  title: "Backups go to a place that the operator takes, with credentials that are found there",
  area: "references",
  causes: [
    "antfly.connection-missing",
    "antfly.connection-required",
    "antfly.location-scheme",
    "k8s.backup-secret-namespace",
  ],
  needs: ["cluster", "backups"],
  wants: ["operator"],
  after: ["ANT0101"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, backups, operator }, { mode }) => {
    if (cluster === undefined || backups === undefined) return [];
    const written = mode === "files" || mode === "overlay";
    if (backups.length === 0) return { skip: "the cluster has no AntflyBackup or AntflyRestore" };
    return backups.flatMap((backup) => [
      ...(!written && isTaken(backup, operator?.generation) ? [] : wrongScheme(backup, operator?.generation)),
      ...otherProtocol(backup, cluster),
      ...connectionOf(backup, cluster, operator?.generation),
      ...otherNamespace(backup),
    ]);
  },
});

/**
 * A CRD that let it in is one of a later operator; the database knows `gs://` from generation 3 on, and so does the CRD
 * the connection: one that is there tells the generation where nothing else does.
 */
function isTaken({ location, connection }: BackupFacts, generation: Generation | undefined): boolean {
  return (generation === 3 || generation === undefined) && connection !== undefined && GOOGLE.test(location);
}

/**
 * The CRD's pattern is `^(s3://|file://).+` (operator facts, 6.1), in generation 3 as well (`antflybackup_types.go`): there
 * the database knows `gs://`, and takes it by its own API alone, with a connection of the protocol `gcs`.
 */
function wrongScheme(backup: BackupFacts, generation: Generation | undefined): Finding[] {
  const { kind, name, field, location, connection } = backup;
  if (heldLogin(location)) return [keysInLocation(backup)];
  if (/^(s3|file):\/\/./.test(location) || (location === "" && connection !== undefined)) return [];
  const google = GOOGLE.exec(location)?.[0];
  const verb = kind === "AntflyRestore" ? "reads from" : "goes to";
  const where = location === "" ? "has no location" : `${verb} ${location}`;
  const message = google
    ? `${kind} ${name} ${where}: the API server refuses ${google}, and takes Google Cloud Storage as s3:// with an HMAC key`
    : `${kind} ${name} ${where}: the API server takes s3://BUCKET and file://PATH only`;
  const want = google ? location.replace(GOOGLE, "s3://") : "s3://BUCKET/PREFIX";
  const key =
    generation === 3
      ? "name a connection of spec.config with protocol s3, endpoint https://storage.googleapis.com and an HMAC key; one with protocol gcs is for backups that are asked of the database itself"
      : "put an HMAC key with AWS_ENDPOINT_URL=https://storage.googleapis.com into envFrom";
  return [
    finding("antfly.location-scheme", "error", refOf(backup), message, {
      evidence: [{ label: "location", want, has: location || "not set", path: `/spec/${field}/location` }],
      fixes: [edit(google ? `set location: ${want}, and ${key}` : `set location: ${want}`)],
    }),
  ];
}

/**
 * Generation 3 does nothing for a backup to a bucket without a connection of `spec.config` (operator facts, 6.3), or the
 * older `credentialsSecret`; earlier ones know no connections.
 */
function connectionOf(
  backup: BackupFacts,
  { namespace, name: cluster, configured: { connectionIds: ids } }: ClusterFacts,
  generation: Generation | undefined,
): Finding[] {
  const { kind, name, field, location, connection, credentialsSecret } = backup;
  const path = `/spec/${field}/connection`;
  const makeOne = command`antfly-creds init irsa ${cluster} -n ${namespace}`;
  if (connection !== undefined) {
    if (ids === undefined || ids.includes(connection)) return [];
    const message = `${kind} ${name} names connection ${connection}, and spec.config of AntflyCluster ${cluster} has none of that id`;
    const near = nearest(connection, ids) ?? ids[0];
    return [
      finding("antfly.connection-missing", "error", refOf(backup), message, {
        evidence: [
          {
            label: "connection",
            want: ids.length === 0 ? "one of spec.config" : ids.join(", "),
            has: connection,
            path,
          },
        ],
        fixes: near === undefined ? [makeOne] : [edit(`set connection: ${near}`)],
      }),
    ];
  }
  const google = GOOGLE.test(location);
  if (generation !== 3 || credentialsSecret !== undefined || !(google || location.startsWith("s3://"))) return [];
  const message = `${kind} ${name} names no connection: an operator of generation 3 does not run it without one`;
  return [
    finding("antfly.connection-required", "error", refOf(backup), message, {
      evidence: [{ label: "connection", want: "one of spec.config", has: "not set", path }],
      fixes: [
        edit(
          `add an external_io connection with the bucket to spec.config, and name it; for ${google ? "the pods' identity on Google Cloud" : "a role of the pods"} that is done by:`,
        ),
        google ? initWorkloadIdentity({ namespace, name: cluster }) : makeOne,
      ],
    }),
  ];
}

/** The database compares the scheme of a location with the protocol of its connection. */
function otherProtocol(backup: BackupFacts, { name: cluster, configured }: ClusterFacts): Finding[] {
  const { kind, name, field, location, connection } = backup;
  const gcs = configured.googleBuckets?.some((one) => one.connection === connection) === true;
  if (connection === undefined || !gcs || !location.startsWith("s3://")) return [];
  const message = `${kind} ${name} names connection ${connection} of AntflyCluster ${cluster}, whose protocol is gcs, for ${location}: the database says that the protocol does not match the location`;
  return [
    finding("antfly.location-scheme", "error", refOf(backup), message, {
      evidence: [
        {
          label: "connection",
          want: "one with protocol s3",
          has: `${connection}, protocol gcs`,
          path: `/spec/${field}/connection`,
        },
      ],
      fixes: [
        edit(
          "name a connection with protocol s3, endpoint https://storage.googleapis.com and an HMAC key: an AntflyBackup can have no gs:// location, and Workload Identity cannot sign requests of the S3 API",
        ),
      ],
    }),
  ];
}

/** The store would take it for the name of a bucket. */
function keysInLocation(backup: BackupFacts): Finding {
  const { kind, name, field, location } = backup;
  const message = `${kind} ${name} holds a user name or a key in its location: none is read from there, and whoever may read ${kind}s reads it`;
  return finding("antfly.location-scheme", "error", refOf(backup), message, {
    evidence: [{ label: "location", want: "s3://BUCKET/PREFIX", has: location, path: `/spec/${field}/location` }],
    fixes: [edit("take a new key, put it into a Secret of envFrom, and leave it out of the location")],
  });
}

/**
 * A Secret is looked for where the AntflyBackup is, not where the cluster is. It may well be there: then the Job starts,
 * and the Secret is still of no use, so that this is a warning.
 */
function otherNamespace(backup: BackupFacts): Finding[] {
  const { kind, name, field, credentialsSecret, namespace, cluster } = backup;
  if (credentialsSecret === undefined || namespace === cluster.namespace) return [];
  const message = `${kind} ${name} is in namespace ${namespace}, and its cluster in ${cluster.namespace}: its Job looks for credentialsSecret ${credentialsSecret} in ${namespace}, and the nodes, which do the work, never see it`;
  return [
    finding("k8s.backup-secret-namespace", "warning", refOf(backup), message, {
      evidence: [
        { label: "namespace", want: cluster.namespace, has: namespace, path: `/spec/${field}/credentialsSecret/name` },
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
