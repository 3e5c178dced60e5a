import { high, low, medium, type Symptom } from "./symptom.ts";
import { theHost, theSecret } from "./words.ts";

const NO_KEY_ELSE = [
  medium(
    "k8s.prefix-breaks-names",
    "A prefix in envFrom gives the variable another name, which the database does not read.",
  ),
  medium(
    "antfly.backup-creds-in-wrong-pod",
    "The keys have to reach the database pods: credentialsSecret of an AntflyBackup does not bring them there.",
  ),
] as const;

/** Messages of the database, its operator and its Jobs (operator facts, sections 2.2, 4, 6 and 7). */
export const ANTFLY: readonly Symptom[] = [
  {
    topic: "runtime",
    seen: /missing S3-compatible endpoint|\bMissingEndpoint\b|(?:^|[:=('"\]] ?)endpoint is required/i,
    means: [
      high(
        "s3.endpoint-missing",
        "The database says that it has no endpoint: AWS_ENDPOINT_URL does not reach its pods.",
      ),
      NO_KEY_ELSE[0],
      low("k8s.key-near-miss", "The Secret may call it AWS_ENDPOINT or S3_ENDPOINT."),
    ],
  },
  {
    topic: "runtime",
    seen: /missing S3-compatible (?:access key|secret)|\bMissing(?:AccessKeyId|SecretAccessKey)\b|access key ID is required|secret access key is required/i,
    means: [
      high(
        "k8s.expected-keys-missing",
        (c) =>
          `The database says that it has no ${/secret/i.test(/missing S3-compatible \w+|SecretAccessKey|secret access key/i.exec(c.flat)?.[0] ?? "") ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"}.`,
      ),
      ...NO_KEY_ELSE,
      medium("k8s.key-near-miss", "The Secret may hold the key under another spelling."),
      low(
        "irsa.runtime-unsupported",
        "Most database images do not use the role of a ServiceAccount for backups: they need static keys.",
      ),
    ],
  },
  {
    topic: "runtime",
    seen: /missing GCS auth|\bMissingServiceAccount\b/i,
    means: [
      high(
        "antfly.location-scheme",
        "For gs:// the database takes a token or a service account's JSON from its environment, and has neither; it does not ask GKE's metadata server.",
      ),
    ],
  },
  {
    topic: "runtime",
    seen: /missing GCS project id|\berror\.MissingProjectId\b/i,
    means: [
      high("k8s.expected-keys-missing", "Neither GOOGLE_CLOUD_PROJECT nor GCLOUD_PROJECT reaches the database pods."),
    ],
  },
  {
    topic: "runtime",
    seen: /should match .{0,4}\(s3:\/\/\|file:\/\/\)|unsupported backup location/i,
    means: [
      high("antfly.location-scheme", "AntflyBackup and AntflyRestore take s3:// and file:// locations, and no others."),
    ],
  },
  {
    topic: "runtime",
    seen: /configured HA admin token env var \S{1,80} is empty or unset/i,
    means: [
      high(
        "k8s.expected-keys-missing",
        (c) => `Variable ${c.key ?? "of the admin token"} is empty or not set in the pod.`,
      ),
    ],
  },
  {
    topic: "antfly-server",
    seen: /Failed to write cluster metadata/i,
    means: [
      medium(
        "k8s.component-mismatch",
        "The metadata nodes could not write to the store; they need the credentials as the data nodes do.",
      ),
    ],
  },
  {
    topic: "antfly-server",
    seen: /["']?secret_store["']?.{0,200}(?:["']?stale["']?: ?true|["']?last_reload_failed["']?: ?true)|["']?last_reload_failed["']?: ?true/i,
    means: [
      high(
        "antfly.secretstore",
        "The database could not read its secret store file again and goes on with the old values.",
      ),
    ],
  },
  {
    topic: "antfly-connection",
    seen: /named external_io connection with (?:backup\.write|restore\.read) is required|\b(?:Restore)?ConnectionRequired\b/i,
    means: [
      high(
        "antfly.connection-required",
        "This operator wants a named connection: destination.connection (source.connection of a restore) is not set.",
      ),
    ],
  },
  {
    topic: "antfly-connection",
    seen: /named backup connection is unavailable on this server/i,
    means: [
      high(
        "antfly.connection-unavailable",
        "The server does not offer named connections: its image is older than the backup's spec, or its config has none.",
      ),
      medium("k8s.cr-vs-pod-drift", "The pods may still run with the config from before the connection was added."),
    ],
  },
  {
    topic: "antfly-connection",
    seen: /a secret referenced by the backup connection was not found/i,
    means: [
      high(
        "antfly.secretstore",
        "A ${secret:…} of the connection has no entry in the secret store file, nor a variable.",
      ),
      medium("k8s.expected-keys-missing", "The variable that it falls back to is not set in the pods."),
    ],
  },
  {
    topic: "antfly-connection",
    seen: /backup connection was not found/i,
    means: [
      high("antfly.connection-missing", "spec.config.connections has no connection of the id that the backup names."),
    ],
  },
  {
    topic: "antfly-connection",
    seen: /backup location bucket is outside the connection allowlist/i,
    means: [
      high("antfly.connection-bucket-denied", "The bucket of the location is not in the connection's list of buckets."),
    ],
  },
  {
    topic: "antfly-connection",
    seen: /backup connection credential configuration is invalid/i,
    means: [
      high(
        "antfly.connection-credentials",
        "The connection's credentials do not fit together: their source wants other fields.",
      ),
    ],
  },
  {
    topic: "antfly-connection",
    seen: /backup bucket does not exist and the connection does not allow provisioning/i,
    means: [high("s3.nosuchbucket", "The bucket does not exist, and the connection may not create it.")],
  },
  {
    topic: "antfly-server",
    seen: /spec\.(?:metadataNodes|dataNodes)\.envFrom must be empty when spec\.mode=Swarm/i,
    means: [high("antfly.swarm-mode", "In Swarm mode the pods take spec.swarm.envFrom alone.")],
  },
  {
    topic: "antfly-server",
    seen: /spec\.\w{3,30}\.envFrom\[\d{1,4}\][^:]{0,40}: must |EnvFrom validation failed/i,
    means: [
      high("k8s.envfrom-invalid", (c) => {
        const place = /spec\.\w{3,30}\.envFrom\[\d{1,4}\]/i.exec(c.flat)?.[0];
        return `${place ?? "An entry of envFrom"} is not one secretRef or configMapRef with a name, and the operator refuses the whole AntflyCluster.`;
      }),
    ],
  },
  {
    topic: "antfly-server",
    seen: /spec\.secretStore\.(?:secretName|key|path) (?:is required|must )/i,
    means: [high("antfly.secretstore", "The operator refuses spec.secretStore as it is.")],
  },
  {
    topic: "antfly-server",
    seen: /unknown command "cli" for "antfly"/i,
    means: [
      high(
        "antfly.restore-job-command",
        "The restore Job of this operator calls `antfly cli`, which the image does not have; no credential is involved.",
      ),
    ],
  },
  {
    topic: "network",
    when: (c) => c.unreached?.place === "antfly-api",
    means: [
      high(
        "antfly.public-api-unreachable",
        (c) =>
          `${theHost(c)} is the database's own API, which the Job calls; spec.publicAPI is off by default, and no credential is involved.`,
      ),
    ],
  },
  {
    topic: "antfly-job",
    seen: /BackoffLimitExceeded|has reached the specified backoff limit|\bBackupJobFailed\b|\bRestoreFailed\b|Restore failed: /i,
    means: [
      low(
        "antfly.backup-creds-in-wrong-pod",
        (c) =>
          `${c.job === undefined ? "The Job" : `Job ${c.job}`} gave up, and this text does not say why; if it was credentials, the database pods lack them.`,
      ),
    ],
  },
  {
    topic: "operator",
    seen: /Secret references are delegated to Kubernetes and are not read by the operator/i,
    means: [
      low(
        "antfly.secretsready-unknown",
        (c) => `This operator does not look at Secrets: the condition says nothing about ${theSecret(c)}, good or bad.`,
      ),
    ],
  },
];
