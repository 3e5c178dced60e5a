import type { Case } from "./case.ts";

export const ANTFLY: readonly Case[] = [
  [
    "missing S3-compatible endpoint; set AWS_ENDPOINT_URL for s3:// backups",
    "s3.endpoint-missing",
    "k8s.prefix-breaks-names",
  ],
  [
    'HTTP 400 {"error":"missing S3-compatible endpoint; set AWS_ENDPOINT_URL for s3:// backends"}',
    "s3.endpoint-missing",
  ],
  ["error: MissingEndpoint", "s3.endpoint-missing"],
  ["endpoint is required", "s3.endpoint-missing"],
  ['level=error msg="backup failed" error="creating S3 client: endpoint is required"', "s3.endpoint-missing"],
  [
    "missing S3-compatible access key; set AWS_ACCESS_KEY_ID for s3:// backups",
    "k8s.expected-keys-missing",
    "k8s.prefix-breaks-names",
    "antfly.backup-creds-in-wrong-pod",
  ],
  ["missing S3-compatible secret; set AWS_SECRET_ACCESS_KEY for s3:// backups", "k8s.expected-keys-missing"],
  ["creating S3 client: access key ID is required", "k8s.expected-keys-missing"],
  ["creating S3 client: secret access key is required", "k8s.expected-keys-missing"],
  [
    "missing GCS auth; set GCS_BEARER_TOKEN, GOOGLE_OAUTH_ACCESS_TOKEN, GOOGLE_SERVICE_ACCOUNT_JSON, or GOOGLE_APPLICATION_CREDENTIALS for gs:// backups",
    "antfly.location-scheme",
  ],
  ["missing GCS project id; set GOOGLE_CLOUD_PROJECT or GCLOUD_PROJECT for gs:// backups", "k8s.expected-keys-missing"],
  [
    'The AntflyBackup "nightly" is invalid: spec.destination.location: Invalid value: "gs://b/p": spec.destination.location in body should match \'^(s3://|file://).+\'',
    "antfly.location-scheme",
  ],
  ["error: unsupported backup location", "antfly.location-scheme"],
  ["configured HA admin token env var ANTFLY_HA_ADMIN_TOKEN is empty or unset", "k8s.expected-keys-missing"],
  [
    "Failed to write cluster metadata: access key ID is required",
    "k8s.expected-keys-missing",
    "k8s.prefix-breaks-names",
  ],
  ["500 Failed to write cluster metadata: writing metadata.json: broken pipe", "k8s.component-mismatch"],
  [
    '{"secret_store":{"stale":true,"last_reload_failed":true,"reload_successes":3,"reload_failures":9}}',
    "antfly.secretstore",
  ],
  [
    "ScheduleReady=False ConnectionRequired: A named external_io connection with backup.write is required for s3 backups",
    "antfly.connection-required",
  ],
  ["JobReady False RestoreConnectionRequired", "antfly.connection-required"],
  ["named backup connection is unavailable on this server", "antfly.connection-unavailable"],
  ["error: backup connection was not found", "antfly.connection-missing"],
  ["backup location bucket is outside the connection allowlist", "antfly.connection-bucket-denied"],
  ["backup connection credential configuration is invalid", "antfly.connection-credentials"],
  ["a secret referenced by the backup connection was not found", "antfly.secretstore"],
  ["backup bucket does not exist and the connection does not allow provisioning", "s3.nosuchbucket"],
  ["creating backup: bucket antfly-backups does not exist", "s3.nosuchbucket", "s3.endpoint-has-bucket"],
  [
    "AntflyCluster validation failed: spec.metadataNodes.envFrom must be empty when spec.mode=Swarm",
    "antfly.swarm-mode",
  ],
  [
    "EnvFrom validation failed: spec.dataNodes.envFrom[1]: must specify exactly one of secretRef or configMapRef, not both",
    "k8s.envfrom-invalid",
  ],
  ["spec.swarm.envFrom[0].secretRef.name: must not be empty", "k8s.envfrom-invalid"],
  ["spec.secretStore.secretName is required", "antfly.secretstore"],
  ['Error: unknown command "cli" for "antfly"', "antfly.restore-job-command"],
  ["Job has reached the specified backoff limit", "antfly.backup-creds-in-wrong-pod"],
  ["Warning BackoffLimitExceeded job/nightly-backup-29300", "antfly.backup-creds-in-wrong-pod"],
  ["BackupRunHealthy False BackupJobFailed", "antfly.backup-creds-in-wrong-pod"],
  ["Restore failed: Job has reached the specified backoff limit", "antfly.backup-creds-in-wrong-pod"],
  [
    "SecretsReady Unknown AllSecretsFound Secret references are delegated to Kubernetes and are not read by the operator",
    "antfly.secretsready-unknown",
  ],
  ["curl: (6) Could not resolve host: prod-public-api.production.svc.cluster.local", "antfly.public-api-unreachable"],
];
