import type { Case } from "./case.ts";

export const KUBERNETES: readonly Case[] = [
  ['Error: secret "backup-credentials" not found', "k8s.secret-missing", "k8s.secret-wrong-namespace"],
  [
    `NAME              READY   STATUS                       RESTARTS   AGE
antfly-data-0     0/1     CreateContainerConfigError   0          3m
  Warning  Failed  12s (x8 over 90s)  kubelet  Error: secret "backup-credentials" not found`,
    "k8s.secret-missing",
    "k8s.secret-wrong-namespace",
  ],
  [
    '{"level":"error","ts":"2026-09-01T10:00:00Z","msg":"sync failed","error":"secret \\"backup-credentials\\" not found","namespace":"production"}',
    "k8s.secret-missing",
  ],
  [
    'E0901 10:00:00.000000 1 pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"antfly\\" with CreateContainerConfigError: \\"secret \\\\\\"backup-credentials\\\\\\" not found\\"" pod="production/antfly-data-0"',
    "k8s.secret-missing",
  ],
  ['Error from server (NotFound): secrets "backup-credentials" not found', "k8s.secret-missing"],
  ['MountVolume.SetUp failed for volume "secret-store" : secret "antfly-secrets" not found', "k8s.secret-missing"],
  ["SecretsReady False SecretNotFound Secret(s) not found: [backup-credentials extra]", "k8s.secret-missing"],
  ["Warning  SecretNotFound  antflycluster/prod", "k8s.secret-missing"],
  ['Secret "backup-credentials" not found in namespace "production"', "k8s.secret-missing"],
  ['\u001b[31mERROR\u001b[0m Error: \u001b[1msecret "backup-credentials" not found\u001b[0m', "k8s.secret-missing"],
  ['ERROR: SECRET "backup-credentials" NOT FOUND', "k8s.secret-missing"],
  ['Error: configmap "antfly-env" not found', "k8s.configmap-missing"],
  ['Error from server (NotFound): configmaps "antfly-env" not found', "k8s.configmap-missing"],
  [
    "Error: couldn't find key AWS_ACCESS_KEY_ID in Secret production/backup-credentials",
    "k8s.secretkeyref-missing-key",
    "k8s.key-near-miss",
  ],
  [
    "CreateContainerConfigError: couldn’t find key AWS_ACCESS_KEY_ID in Secret production/backup-credentials",
    "k8s.secretkeyref-missing-key",
  ],
  ["Error: couldn't find key LOG_LEVEL in ConfigMap production/antfly-env", "k8s.container-config-error"],
  [
    'MountVolume.SetUp failed for volume "secret-store" : references non-existent secret key: secrets.json',
    "antfly.secretstore",
    "k8s.secretkeyref-missing-key",
  ],
  [
    'MountVolume.SetUp failed for volume "ca" : references non-existent secret key: ca.crt',
    "k8s.secretkeyref-missing-key",
  ],
  ["antfly-metadata-1   0/1   CreateContainerConfigError   0   2m", "k8s.secret-missing", "k8s.container-config-error"],
  [
    "Warning  InvalidEnvironmentVariableNames  Keys [1badkey, 2alsobad] from the EnvFrom secret default/mysecret were skipped since they are considered invalid environment variable names.",
    "k8s.invalid-env-names",
    "k8s.prefix-rescues-or-breaks-name",
  ],
  ["LASTSEEN  REASON  InvalidVariableNames  pod/antfly-data-0", "k8s.invalid-env-names"],
  [
    'Error from server (BadRequest): error when creating "secret.yaml": Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 4',
    "value.not-base64-decoded",
  ],
  [
    'The Secret "backup-credentials" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    "k8s.secret-immutable",
  ],
  [
    'The Secret "backup-credentials" is invalid: type: Invalid value: "Opaque": field is immutable',
    "k8s.secret-type-unexpected",
  ],
  [
    'The Secret "backup-credentials" is invalid: data: Too long: must have at most 1048576 bytes',
    "k8s.secret-too-large",
  ],
  [
    'Error: failed to create containerd task: runc create failed: unable to start container process: exec: "/antfly": argument list too long: unknown',
    "k8s.secret-too-large",
  ],
  [
    'Operation cannot be fulfilled on secrets "backup-credentials": the object has been modified; please apply your changes to the latest version and try again',
    "rot.concurrent",
  ],
  [
    'Error from server (Forbidden): secrets "backup-credentials" is forbidden: User "jane@example.com" cannot get resource "secrets" in API group "" in the namespace "production"',
    "k8s.reader-rbac",
  ],
  [
    'secrets is forbidden: User "system:serviceaccount:antfly-operator-namespace:antfly-operator-service-account" cannot list resource "secrets" in API group "" at the cluster scope',
    "k8s.reader-rbac",
  ],
  [
    'serviceaccounts "db" is forbidden: User "ci" cannot create resource "serviceaccounts/token" in API group "" in the namespace "production"',
    "k8s.reader-rbac",
  ],
  [
    'create Pod antfly-data-0 in StatefulSet antfly-data failed error: pods "antfly-data-0" is forbidden: error looking up service account production/antfly-backup: serviceaccount "antfly-backup" not found',
    "irsa.sa-missing",
  ],
  ['Error from server (NotFound): serviceaccounts "antfly-backup" not found', "irsa.sa-missing"],
  ["Rollout False RolloutBlocked antfly-data-2 does not become ready", "k8s.sts-stuck-broken-pod"],
  ["Normal  RepairingBlockedRollout  antflycluster/prod  deleting stale pod antfly-data-2", "k8s.sts-stuck-broken-pod"],
  ["error: rollout status is only available for RollingUpdate strategy type", "k8s.sts-ondelete"],
  [
    'error when evicting pods/"antfly-data-0" -n "production" (will retry after 5s): Cannot evict pod as it would violate the pod\'s disruption budget.',
    "k8s.pdb-misread",
  ],
  ["DataReady False WaitingForPods 0/3 pods ready", "k8s.secret-missing"],
];
