export type S3Level = "bucket" | "object" | "account" | "other";

/** The actions of S3 by what they act on (Service Authorization Reference, Amazon S3, September 2026). */
const NAMES: Record<S3Level, string> = {
  bucket: `
  AllowVendedLogDeliveryForResource CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket
  DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration
  GetAnalyticsConfiguration GetBucketAbac GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging
  GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration
  GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock
  GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration
  GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration
  GetReplicationConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions PauseReplication
  PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS PutBucketLogging
  PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy
  PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite
  PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration
  PutMetricsConfiguration PutReplicationConfiguration UpdateBucketMetadataAnnotationTableConfiguration
  UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration
  `,
  object: `
  AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectAnnotation DeleteObjectTagging
  DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject GetObjectAcl
  GetObjectAnnotation GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent
  GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation GetObjectVersionAnnotationForReplication
  GetObjectVersionAttributes GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent
  InitiateReplication ListMultipartUploadParts ListObjectAnnotations ListObjectVersionAnnotations
  ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectRetention
  PutObjectTagging PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging ReplicateDelete
  ReplicateObject ReplicateObjectAnnotation ReplicateTags RestoreObject UpdateObjectEncryption
  `,
  account: `
  CreateJob CreateStorageLensGroup GetAccessPoint GetAccountPublicAccessBlock ListAccessGrantsInstances
  ListAccessPoints ListAccessPointsForObjectLambda ListAllMyBuckets ListJobs ListMultiRegionAccessPoints
  ListStorageLensConfigurations ListStorageLensGroups PutAccessPointPublicAccessBlock PutAccountPublicAccessBlock
  PutStorageLensConfiguration
  `,
  other: `
  AssociateAccessGrantsIdentityCenter CreateAccessGrant CreateAccessGrantsInstance CreateAccessGrantsLocation
  CreateAccessPoint CreateAccessPointForObjectLambda CreateMultiRegionAccessPoint DeleteAccessGrant
  DeleteAccessGrantsInstance DeleteAccessGrantsInstanceResourcePolicy DeleteAccessGrantsLocation DeleteAccessPoint
  DeleteAccessPointForObjectLambda DeleteAccessPointPolicy DeleteAccessPointPolicyForObjectLambda DeleteJobTagging
  DeleteMultiRegionAccessPoint DeleteStorageLensConfiguration DeleteStorageLensConfigurationTagging
  DeleteStorageLensGroup DescribeJob DescribeMultiRegionAccessPointOperation DissociateAccessGrantsIdentityCenter
  GetAccessGrant GetAccessGrantsInstance GetAccessGrantsInstanceForPrefix GetAccessGrantsInstanceResourcePolicy
  GetAccessGrantsLocation GetAccessPointConfigurationForObjectLambda GetAccessPointForObjectLambda
  GetAccessPointPolicy GetAccessPointPolicyForObjectLambda GetAccessPointPolicyStatus
  GetAccessPointPolicyStatusForObjectLambda GetDataAccess GetJobTagging GetMultiRegionAccessPoint
  GetMultiRegionAccessPointPolicy GetMultiRegionAccessPointPolicyStatus GetMultiRegionAccessPointRoutes
  GetStorageLensConfiguration GetStorageLensConfigurationTagging GetStorageLensDashboard GetStorageLensGroup
  ListAccessGrants ListAccessGrantsLocations ListCallerAccessGrants ListTagsForResource
  PutAccessGrantsInstanceResourcePolicy PutAccessPointConfigurationForObjectLambda PutAccessPointPolicy
  PutAccessPointPolicyForObjectLambda PutJobTagging PutMultiRegionAccessPointPolicy
  PutStorageLensConfigurationTagging SubmitMultiRegionAccessPointRoutes TagResource UntagResource
  UpdateAccessGrantsLocation UpdateJobPriority UpdateJobStatus UpdateStorageLensGroup
  `,
};

/** What MinIO and its kin know besides; AWS ignores them. */
const OF_OTHER_STORES = "ForceDeleteBucket ListenBucketNotification ListenNotification PutObjectFanOut";

/** Names of API operations and commands that people write for the action that governs them. */
const OPERATIONS: Record<string, readonly string[]> = {
  CompleteMultipartUpload: ["PutObject"],
  CopyObject: ["GetObject", "PutObject"],
  CreateMultipartUpload: ["PutObject"],
  DeleteBucketCors: ["PutBucketCORS"],
  DeleteBucketEncryption: ["PutEncryptionConfiguration"],
  DeleteBucketLifecycle: ["PutLifecycleConfiguration"],
  DeleteBucketTagging: ["PutBucketTagging"],
  DeleteObjects: ["DeleteObject"],
  GetBucketEncryption: ["GetEncryptionConfiguration"],
  GetBucketLifecycle: ["GetLifecycleConfiguration"],
  GetBucketLifecycleConfiguration: ["GetLifecycleConfiguration"],
  GetBucketReplication: ["GetReplicationConfiguration"],
  HeadBucket: ["ListBucket"],
  HeadObject: ["GetObject"],
  InitiateMultipartUpload: ["PutObject"],
  ListBuckets: ["ListAllMyBuckets"],
  ListMultipartUploads: ["ListBucketMultipartUploads"],
  ListObject: ["ListBucket"],
  ListObjects: ["ListBucket"],
  ListObjectsV2: ["ListBucket"],
  ListObjectVersions: ["ListBucketVersions"],
  ListParts: ["ListMultipartUploadParts"],
  PutBucketEncryption: ["PutEncryptionConfiguration"],
  PutBucketLifecycle: ["PutLifecycleConfiguration"],
  PutBucketLifecycleConfiguration: ["PutLifecycleConfiguration"],
  PutBucketReplication: ["PutReplicationConfiguration"],
  UploadPart: ["PutObject"],
  UploadPartCopy: ["GetObject", "PutObject"],
};

/** Actions with which one who holds them takes the bucket over, opens it to others, or empties it. */
export const DANGEROUS: readonly string[] = [
  "DeleteBucket",
  "DeleteBucketPolicy",
  "PutBucketAcl",
  "PutBucketObjectLockConfiguration",
  "PutBucketOwnershipControls",
  "PutBucketPolicy",
  "PutBucketPublicAccessBlock",
  "PutBucketVersioning",
  "PutEncryptionConfiguration",
  "PutLifecycleConfiguration",
  "PutReplicationConfiguration",
];

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Level by name; names are in the case of the reference. */
export const S3_ACTIONS: ReadonlyMap<string, S3Level> = new Map(
  (["bucket", "object", "account", "other"] as const).flatMap((level) =>
    words(level === "other" ? `${NAMES.other} ${OF_OTHER_STORES}` : NAMES[level]).map((name) => [name, level] as const),
  ),
);

const BY_LOWER = new Map([...S3_ACTIONS.keys()].map((name) => [name.toLowerCase(), name]));
const OPERATIONS_BY_LOWER = new Map(Object.entries(OPERATIONS).map(([name, actions]) => [name.toLowerCase(), actions]));

/** The action as the reference writes it: IAM does not mind the case. */
export function s3ActionNamed(name: string): string | undefined {
  return BY_LOWER.get(name.toLowerCase());
}

/** The actions that govern an API operation, for a name that is an operation and no action. */
export function actionsOfOperation(name: string): readonly string[] | undefined {
  return OPERATIONS_BY_LOWER.get(name.toLowerCase());
}
