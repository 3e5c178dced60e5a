import type { Case } from "./case.ts";

export const GOOGLE: readonly Case[] = [
  [
    "Identity Pool does not exist (antfly-prod.svc.id.goog). Please check that you specified a valid resource name as returned in the `name` attribute in the configuration API.",
    "gke.identity-pool-missing",
    "gke.pool-disabled",
  ],
  [
    "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
    "gke.binding-missing",
    "gke.binding-member-typo",
    "gke.gsa-missing",
    "gke.annotation-shadows-direct",
  ],
  [
    '{"error":{"code":403,"status":"PERMISSION_DENIED","details":[{"reason":"IAM_PERMISSION_DENIED","domain":"iam.googleapis.com","metadata":{"permission":"iam.serviceAccounts.getAccessToken"}}]}}',
    "gke.binding-missing",
  ],
  ["reason: IAM_PERMISSION_DENIED domain: iam.googleapis.com", "gke.binding-missing"],
  ["Gaia id not found for email antfly-backup", "gke.annotation-value", "gke.gsa-missing"],
  [
    "Gaia id not found for email antfly-backup@antfly-prod.iam.gserviceaccount.com",
    "gke.annotation-value",
    "gke.gsa-missing",
  ],
  ["Service account antfly-backup@antfly-prod.iam.gserviceaccount.com is disabled.", "gke.gsa-disabled"],
  [
    "googleapi: Error 400: Service account antfly-backup@antfly-prod.iam.gserviceaccount.com does not exist., badRequest",
    "gke.gsa-missing",
    "gke.annotation-value",
  ],
  [
    "members: deleted:serviceAccount:antfly-backup@antfly-prod.iam.gserviceaccount.com?uid=123456789",
    "gke.gsa-recreated",
  ],
  [
    "antfly-backup@antfly-prod.iam.gserviceaccount.com does not have storage.objects.list access to the Google Cloud Storage bucket. Permission 'storage.objects.list' denied on resource (or it may not exist).",
    "gke.role-missing",
    "gke.role-on-wrong-principal",
  ],
  [
    "googleapi: Error 403: 123456789012-compute@developer.gserviceaccount.com does not have storage.objects.create access to the Google Cloud Storage object.",
    "gke.nodepool-metadata",
    "gke.hostnetwork",
  ],
  [
    "Error 403: antfly-prod.svc.id.goog[production/antfly] does not have storage.objects.list access to the Google Cloud Storage bucket.",
    "gke.annotation-missing",
    "gke.role-missing",
  ],
  [
    "principal://iam.googleapis.com/projects/12345/locations/global/workloadIdentityPools/antfly-prod.svc.id.goog/subject/ns/production/sa/antfly does not have storage.objects.get access",
    "gke.annotation-missing",
  ],
  [
    "<Error><Code>AccessDenied</Code><Message>Access denied.</Message><Details>antfly-backup@antfly-prod.iam.gserviceaccount.com does not have storage.objects.list access to the Google Cloud Storage bucket.</Details></Error>",
    "gke.hmac-account-no-role",
  ],
  [
    "Anonymous caller does not have storage.objects.list access to the Google Cloud Storage bucket.",
    "k8s.expected-keys-missing",
  ],
  ["Request had insufficient authentication scopes. ACCESS_TOKEN_SCOPE_INSUFFICIENT", "gke.nodepool-metadata"],
  [
    'metadata: GCE metadata "instance/service-accounts/default/token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fdevstorage" not defined',
    "gke.metadata-not-defined",
  ],
  [
    'Get "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token": dial tcp 169.254.169.254:80: connect: connection refused',
    "gke.metadata-startup",
    "gke.networkpolicy",
  ],
  [
    "google: could not find default credentials. See https://cloud.google.com/docs/authentication/external/set-up-adc for more information",
    "gke.gac-shadows",
  ],
  ["GOOGLE_APPLICATION_CREDENTIALS: open /var/secrets/key.json: no such file or directory", "gke.gac-shadows"],
  [
    "IAM Service Account Credentials API has not been used in project 12345 before or it is disabled. SERVICE_DISABLED",
    "gke.iamcredentials-api-off",
  ],
  ["SERVICE_DISABLED", "gke.iamcredentials-api-off"],
  ["Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: abcdefg", "gke.vpc-sc"],
  ["Bucket is a requester pays bucket but no user project provided.", "gke.requester-pays"],
  [
    "google.auth.exceptions.RefreshError: ('invalid_grant: Invalid JWT Signature.', {'error': 'invalid_grant'})",
    "gke.json-key-invalid",
  ],
  ["invalid_grant: Account not found", "gke.json-key-account-missing"],
  [
    "invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
    "gke.json-key-clock",
  ],
  [
    "gcs client: private key should be a PEM or plain PKCS1 or PKCS8; parse error: asn1: structure error",
    "gke.json-key-newlines",
  ],
  [
    "<Code>InvalidSecurity</Code><Message>The provided security credentials are not valid.</Message>",
    "gke.hmac-unknown",
    "gke.hmac-inactive",
    "gke.hmac-deleted",
  ],
  ["<Code>InvalidAccessKeyId</Code> GOOG1EQQQQQQQQQQQQQQQQQQ", "gke.hmac-unknown"],
  [
    "<Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>GOOG1EQQQQQQQQQQQQQQQQQQ</AWSAccessKeyId>",
    "s3.endpoint-key-mismatch",
  ],
  [
    "<Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.</Message>",
    "value.trailing-newline",
    "aws.secret-wrong",
  ],
  ["Request violates constraint 'constraints/storage.restrictAuthTypes'", "gke.hmac-forbidden"],
  [
    "you need a private key to sign credentials.the credentials you are currently using just contains a token",
    "gke.direct-unsupported",
  ],
  ["Error 400: Service account … is disabled", "gke.gsa-disabled"],
  ["invalid_grant", "gke.json-key-invalid"],
  [
    "google.auth.exceptions.RefreshError: ('invalid_grant: Bad Request', {'error': 'invalid_grant'})",
    "gke.json-key-invalid",
  ],
];
