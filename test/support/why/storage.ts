import type { Case } from "./case.ts";

const NODE =
  "User: arn:aws:sts::123456789012:assumed-role/eksctl-prod-nodegroup-NodeInstanceRole/i-0abc1234def567890 is not authorized to perform:";
const ROLE =
  "User: arn:aws:sts::123456789012:assumed-role/antfly-backup/botocore-session-1 is not authorized to perform:";
const USER = "User: arn:aws:iam::123456789012:user/backup is not authorized to perform:";
const LIST = 's3:ListBucket on resource: "arn:aws:s3:::antfly-backups"';
const PUT = 's3:PutObject on resource: "arn:aws:s3:::antfly-backups/prod/manifest.json"';

export const STORAGE: readonly Case[] = [
  [
    "<Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'us-east-2'</Message><Region>us-east-2</Region>",
    "s3.region-mismatch",
    "s3.region-default",
  ],
  [
    "AuthorizationHeaderMalformed: The authorization header is malformed; the region is wrong; expecting 'minio'.",
    "minio.region-mismatch",
  ],
  [
    "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'garage'",
    "minio.region-mismatch",
  ],
  ["AuthorizationHeaderMalformed", "s3.region-mismatch", "value.leading-trailing-space"],
  [
    "PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint. <Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>",
    "s3.region-mismatch",
  ],
  [
    "IllegalLocationConstraintException: The us-east-2 location constraint is incompatible for the region specific endpoint this request was sent to.",
    "s3.region-mismatch",
  ],
  ["An error occurred (301) when calling the HeadBucket operation: Moved Permanently", "s3.region-mismatch"],
  ["BucketRegionError: incorrect region, the bucket is not in 'us-east-1' region at endpoint ''", "s3.region-mismatch"],
  [
    "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><BucketName>antfly-backups</BucketName></Error>",
    "s3.nosuchbucket",
    "s3.endpoint-has-bucket",
  ],
  ["An error occurred (404) when calling the HeadBucket operation: Not Found", "s3.nosuchbucket"],
  ["NoSuchKey: The specified key does not exist.", "s3.endpoint-has-bucket"],
  [
    "BucketAlreadyExists: The requested bucket name is not available. The bucket namespace is shared by all users of the system.",
    "s3.bucket-taken-elsewhere",
  ],
  ["AccessControlListNotSupported: The bucket does not allow ACLs", "s3.acl-ownership"],
  ["TypeError [ERR_INVALID_URL]: Invalid URL: input: 'minio:9000'", "s3.endpoint-no-scheme"],
  ["ValueError: Invalid endpoint: minio.example.com", "s3.endpoint-no-scheme"],
  ["Endpoint url cannot have fully qualified paths.", "s3.endpoint-malformed"],
  [
    "char '<' is not expected. Deserialization error: <!DOCTYPE html> https://s3.console.aws.amazon.com/s3/buckets",
    "s3.wrong-service-endpoint",
  ],
  [
    "MethodNotAllowed: The specified method is not allowed against this resource. antfly.s3-website-us-east-1.amazonaws.com",
    "s3.wrong-service-endpoint",
  ],
  [
    `AccessDenied: ${NODE} ${LIST} because no identity-based policy allows the s3:ListBucket action`,
    "irsa.sa-not-used",
    "irsa.annotation-missing",
    "irsa.node-role-fallback",
  ],
  [`AccessDenied: ${NODE} kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1`, "irsa.sa-not-used"],
  [`AccessDeniedException: ${NODE} secretsmanager:GetSecretValue on resource: antfly/backup`, "irsa.sa-not-used"],
  [
    `AccessDenied: ${ROLE} ${LIST} because no identity-based policy allows the s3:ListBucket action`,
    "s3.no-listbucket",
    "s3.prefix-condition",
  ],
  [
    `AccessDenied: ${ROLE} ${PUT} because no identity-based policy allows the s3:PutObject action`,
    "irsa.role-no-permissions",
    "s3.object-arn-missing-star",
  ],
  [
    `AccessDenied: ${USER} ${PUT} because no identity-based policy allows the s3:PutObject action`,
    "s3.object-arn-missing-star",
  ],
  [`AccessDenied: ${ROLE} ${LIST} with an explicit deny in a resource-based policy`, "s3.bucket-policy-deny"],
  [`AccessDenied: ${ROLE} ${LIST} with an explicit deny in a service control policy`, "irsa.boundary-scp-rcp"],
  [`AccessDenied: ${ROLE} ${LIST} with an explicit deny in a resource control policy`, "irsa.boundary-scp-rcp"],
  [`AccessDenied: ${ROLE} ${LIST} with an explicit deny in a permissions boundary`, "irsa.boundary-scp-rcp"],
  [
    `AccessDenied: ${ROLE} ${LIST} because no permissions boundary allows the s3:ListBucket action`,
    "irsa.boundary-scp-rcp",
  ],
  [`AccessDenied: ${ROLE} ${LIST} with an explicit deny in a session policy`, "irsa.boundary-scp-rcp"],
  [`AccessDenied: ${ROLE} ${LIST} because no session policy allows the s3:ListBucket action`, "irsa.boundary-scp-rcp"],
  [`AccessDenied: ${ROLE} ${LIST} with an explicit deny in a VPC endpoint policy`, "s3.vpce-policy"],
  [`AccessDenied: ${ROLE} ${LIST} because no VPC endpoint policy allows the s3:ListBucket action`, "s3.vpce-policy"],
  [
    `AccessDenied: ${ROLE} ${LIST} with an explicit deny in an identity-based policy`,
    "irsa.explicit-deny",
    "irsa.role-no-permissions",
  ],
  [
    `AccessDenied: ${USER} ${LIST} because no resource-based policy allows the s3:ListBucket action`,
    "aws.wrong-account",
  ],
  [
    `AccessDenied: ${ROLE} s3:CreateBucket on resource: "arn:aws:s3:::antfly-bakcups" because no identity-based policy allows the s3:CreateBucket action`,
    "antfly.bucket-autocreate",
  ],
  [`AccessDenied: ${ROLE} s3:GetBucketLocation on resource: "arn:aws:s3:::antfly-backups"`, "s3.location-perm"],
  [`AccessDenied: ${ROLE} s3:AbortMultipartUpload on resource: "arn:aws:s3:::antfly-backups/x"`, "s3.multipart-perms"],
  [
    `AccessDenied: ${ROLE} s3:ListBucketMultipartUploads on resource: "arn:aws:s3:::antfly-backups"`,
    "s3.multipart-perms",
  ],
  [
    `An error occurred (AccessDenied) when calling the ListBuckets operation: ${ROLE} s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action`,
    "s3.listallmybuckets-confusion",
  ],
  [
    `AccessDenied: ${ROLE} kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:123456789012:key/1 because no resource-based policy allows the kms:GenerateDataKey action`,
    "s3.kms-denied",
  ],
  [`AccessDenied: ${ROLE} kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1`, "s3.kms-denied"],
  ["KMS.DisabledException: arn:aws:kms:us-east-1:123456789012:key/1 is disabled.", "s3.kms-denied"],
  ["KMS.NotFoundException", "s3.kms-denied"],
  [
    "An error occurred (AccessDenied) when calling the DeleteObject operation: Access Denied because object protected by object lock.",
    "s3.object-lock-versioning",
  ],
  [
    "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    "aws.wrong-account",
    "s3.bucket-policy-deny",
  ],
  [
    "AccessDenied: Access Denied\n    at throwDefaultError (/app/node_modules/@smithy/smithy-client)",
    "aws.wrong-account",
  ],
  ["An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied", "s3.no-listbucket"],
  [
    "operation error S3: PutObject, https response error StatusCode: 403, RequestID: X, HostID: Y, api error AccessDenied: Access Denied",
    "s3.object-arn-missing-star",
  ],
  ["An error occurred (403) when calling the HeadObject operation: Forbidden", "s3.no-listbucket"],
  [
    "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: X)",
    "aws.wrong-account",
  ],
  [
    `AccessDenied: ${ROLE} s3:PutBucketLifecycleConfiguration on resource: "arn:aws:s3:::antfly-backups"`,
    "irsa.role-no-permissions",
  ],
  [
    "error: backup of s3://antfly-backups/prod failed: error.AccessDenied",
    "aws.key-unknown",
    "aws.secret-wrong",
    "s3.no-listbucket",
  ],
  ["Failed to check if object store bucket exists. Error: Access Denied.", "aws.wrong-account"],
  [
    '{"code":"AccessDenied","message":"Access Denied.","bucketName":"backups","resource":"/backups/x"}',
    "aws.wrong-account",
  ],
  ["TypeError: Invalid URL\n    at new URL (node:internal/url:816:29)", "s3.endpoint-no-scheme"],
  ["because no identity-based policy allows the s3:ListBucket action", "s3.no-listbucket"],
  ["AccessDenied assumed-role/eks-node/i-0abc", "irsa.sa-not-used"],
  [
    "An error occurred (AccessDenied) when calling the CreateBucket operation: Access Denied",
    "antfly.bucket-autocreate",
  ],
  ["botocore.exceptions.NoRegionError: You must specify a region.", "s3.region-default"],
  ["MissingRegion: could not find region configuration", "s3.region-default"],
  ["Error: Region is missing\n    at default (config-resolver)", "s3.region-default"],
  [
    "SdkClientException: Unable to load region from any of the providers in the chain DefaultAwsRegionProviderChain",
    "s3.region-default",
  ],
];
