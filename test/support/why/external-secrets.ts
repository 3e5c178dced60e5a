import type { Case } from "./case.ts";

export const EXTERNAL_SECRETS: readonly Case[] = [
  ['error: no matches for kind "ExternalSecret"', "eso.not-installed"],
  [
    'error: unable to recognize "es.yaml": no matches for kind "ExternalSecret" in version "external-secrets.io/v1beta1"\nensure CRDs are installed first',
    "eso.api-version",
    "eso.not-installed",
  ],
  [
    'resource mapping not found for name: "x" namespace: "production" from "es.yaml": no matches for kind "SecretStore" in version "external-secrets.io/v1"',
    "eso.not-installed",
    "eso.api-version",
  ],
  [
    'The Kubernetes API could not find version "v1beta1" of external-secrets.io/ExternalSecret for requested resource production/backup-credentials',
    "eso.api-version",
  ],
  ['error: the server doesn\'t have a resource type "externalsecrets"', "eso.not-installed"],
  ["backup-credentials   antfly-store   1h   SecretSyncedError   False", "eso.sync-error"],
  [
    '{"level":"error","logger":"controllers.ExternalSecret","msg":"could not get secret data from provider","ExternalSecret":{"name":"backup-credentials","namespace":"production"},"error":"error processing spec.data[0] (key: antfly/backup), err: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/eso-reader/1725541882585093008 is not authorized to perform: secretsmanager:GetSecretValue on resource: antfly/backup because no identity-based policy allows the secretsmanager:GetSecretValue action"}',
    "eso.remote-denied",
    "eso.sync-error",
  ],
  [
    "Warning  UpdateFailed  externalsecret/backup-credentials  error processing spec.data[0]: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    "eso.remote-missing",
  ],
  [
    "UpdateFailed externalsecret/x rpc error: code = NotFound desc = Secret [projects/12345/secrets/backup] not found or has no versions.",
    "eso.remote-missing",
  ],
  ["UpdateFailed externalsecret/x error processing spec.data[0]: Secret does not exist", "eso.remote-missing"],
  [
    "could not get secret data from provider: key access_key does not exist in secret antfly/backup",
    "eso.remote-missing",
  ],
  [
    "rpc error: code = PermissionDenied desc = Permission 'secretmanager.versions.access' denied for resource 'projects/1/secrets/x/versions/latest' (or it may not exist).",
    "eso.remote-denied",
  ],
  [
    "cannot read secret data from Vault: Error making API request.\nURL: GET https://vault.example/v1/secret/data/antfly\nCode: 403. Errors:\n\n* 1 error occurred:\n\t* permission denied",
    "eso.remote-denied",
  ],
  ["could not get secret data from provider: AccessDeniedException: Access to KMS is not allowed", "eso.remote-denied"],
  [
    "error fetching secretsmanager entry: User: arn:aws:sts::123456789012:assumed-role/eso/s is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1",
    "eso.remote-denied",
  ],
  [
    'Warning UpdateFailed externalsecret/x error processing spec.data[0] (key: antfly/backup), err: cannot find secret data for key: "access_key"',
    "eso.remote-missing",
  ],
  [
    "UpdateFailed externalsecret/x error processing spec.data[0] (key: antfly-backup), err: property access_key does not exist in key antfly-backup",
    "eso.remote-missing",
  ],
  [
    "UpdateFailed externalsecret/x error processing spec.data[0] (key: antfly-backup), err: keyvault.BaseClient#GetSecret: StatusCode=403, Code=Forbidden, Message=The user, group or application 'appid=1' does not have secrets get permission on key vault 'acme'",
    "eso.remote-denied",
  ],
  [
    "ExternalSecret production/x: an IAM role must be associated with service account eso-reader (namespace: production)",
    "eso.store-irsa",
  ],
  ["UpdateFailed unable to mutate secret keys: secret is owned by another ExternalSecret: other", "eso.owner-conflict"],
  ["UpdateFailed unable to update secret keys: secret is immutable", "eso.immutable-target"],
  ["could not update secret", "eso.sync-error"],
  ["could not update secret, target is immutable", "eso.immutable-target"],
  ["target is owned by another ExternalSecret", "eso.owner-conflict"],
  ["failed to take ownership of target secret", "eso.owner-conflict"],
  ["Ready False SecretMissing secret will not be created due to CreationPolicy=Merge", "eso.merge-target-missing"],
  ["Ready True SecretSynced secret retained due to DeletionPolicy=Retain", "eso.remote-missing", "eso.deletion-policy"],
  ["Deleted SecretDeleted secret deleted due to DeletionPolicy=Delete", "eso.deletion-policy"],
  ["SecretStore/antfly-store Ready False InvalidProviderConfig", "eso.store-not-ready"],
  ["Ready False InvalidStoreConfiguration", "eso.store-not-ready"],
  ["SecretStore antfly-store: ValidationFailed unable to validate store", "eso.store-not-ready"],
  ["secretstore.external-secrets.io/antfly-store ValidationUnknown", "eso.store-not-ready"],
  ["unable to create client", "eso.store-not-ready"],
  [
    'could not get SecretStore "antfly-store", SecretStore.external-secrets.io "antfly-store" not found',
    "eso.store-missing",
    "eso.store-kind",
  ],
  ['could not get ClusterSecretStore "shared", not found', "eso.store-missing"],
  ['SecretStore "antfly-store" is not ready', "eso.store-not-ready"],
  [
    'using cluster store "shared" is not allowed from namespace "production": denied by spec.condition',
    "eso.cluster-store-denied",
  ],
  ['ExternalSecret production/x: net/http: invalid header field value for "Authorization"', "eso.store-auth-secret"],
  [
    "could not get secret data from provider: InvalidSignatureException: The request signature we calculated does not match the signature you provided.",
    "eso.store-auth-secret",
  ],
  [
    'cannot get Kubernetes secret "awssm-secret" from namespace "production": secrets "awssm-secret" not found',
    "eso.store-auth-secret",
  ],
  [
    "SecretStore antfly-store: operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 403, RequestID: 1, api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
    "eso.store-irsa",
    "irsa.role-missing",
  ],
  [
    'Internal error occurred: failed calling webhook "validate.externalsecret.external-secrets.io": failed to call webhook: Post "https://external-secrets-webhook.external-secrets.svc:443/validate": dial tcp 10.0.0.9:443: connect: connection refused',
    "eso.webhook-down",
  ],
  [
    "admission webhook denied the request: deletionPolicy=Delete must not be used when the controller doesn't own the secret. Please set creationPolicy=Owner",
    "eso.invalid-combination",
  ],
  [
    "deletionPolicy=Merge must not be used with creationPolicy=None. There is no Secret to merge with",
    "eso.invalid-combination",
  ],
  [
    "ExternalSecret x: error applying decoding strategy Base64 to data: illegal base64 data at input byte 8",
    "eso.decoding",
  ],
  [
    "ExternalSecret production/x: dial tcp: lookup external-secrets-webhook.external-secrets.svc: no such host",
    "eso.webhook-down",
  ],
  [
    "SecretStore/antfly-store Ready False ValidationFailed could not determine validation status",
    "eso.store-not-ready",
  ],
  ["Warning  UpdateFailed  externalsecret/backup-credentials  context deadline exceeded", "eso.sync-error"],
];
