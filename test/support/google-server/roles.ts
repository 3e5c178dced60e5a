const OBJECTS_READ = ["storage.objects.get", "storage.objects.list"];
const OBJECTS_WRITE = [
  ...OBJECTS_READ,
  "storage.objects.create",
  "storage.objects.delete",
  "storage.objects.update",
  "storage.multipartUploads.abort",
  "storage.multipartUploads.create",
  "storage.multipartUploads.list",
  "storage.multipartUploads.listParts",
];
const OBJECTS_ALL = [...OBJECTS_WRITE, "storage.objects.getIamPolicy", "storage.objects.setIamPolicy"];
const BUCKETS_ALL = [
  "storage.buckets.create",
  "storage.buckets.delete",
  "storage.buckets.get",
  "storage.buckets.getIamPolicy",
  "storage.buckets.list",
  "storage.buckets.setIamPolicy",
  "storage.buckets.update",
];
const HMAC_ALL = ["create", "delete", "get", "list", "update"].map((verb) => `storage.hmacKeys.${verb}`);
const ACCOUNT_READ = ["iam.serviceAccounts.get", "iam.serviceAccounts.list"];
const ACCOUNT_ADMIN = [
  ...ACCOUNT_READ,
  "iam.serviceAccounts.create",
  "iam.serviceAccounts.delete",
  "iam.serviceAccounts.disable",
  "iam.serviceAccounts.enable",
  "iam.serviceAccounts.getIamPolicy",
  "iam.serviceAccounts.setIamPolicy",
  "iam.serviceAccounts.update",
];
const PROJECT_READ = ["resourcemanager.projects.get"];
const CLUSTER_READ = ["container.clusters.get", "container.clusters.list", "container.operations.get"];
const VIEWER = [
  ...PROJECT_READ,
  ...ACCOUNT_READ,
  ...CLUSTER_READ,
  "iam.roles.get",
  "iam.serviceAccountKeys.list",
  "iam.serviceAccounts.getIamPolicy",
  "resourcemanager.projects.getIamPolicy",
  "serviceusage.services.get",
  "serviceusage.services.list",
  "storage.buckets.list",
];

/** The predefined roles that the tests name, with the permissions of them that this server knows, after Google's reference. */
export const PREDEFINED: ReadonlyMap<string, readonly string[]> = new Map([
  ["roles/viewer", VIEWER],
  ["roles/editor", [...VIEWER, "iam.serviceAccounts.actAs", "iam.serviceAccounts.create", "container.clusters.update"]],
  [
    "roles/owner",
    [
      ...VIEWER,
      ...ACCOUNT_ADMIN,
      "iam.serviceAccounts.actAs",
      "container.clusters.update",
      "resourcemanager.projects.setIamPolicy",
      "serviceusage.services.enable",
      "storage.buckets.create",
      "storage.buckets.delete",
      ...HMAC_ALL,
    ],
  ],
  [
    "roles/iam.workloadIdentityUser",
    [...ACCOUNT_READ, "iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.getOpenIdToken"],
  ],
  [
    "roles/iam.serviceAccountTokenCreator",
    [
      ...ACCOUNT_READ,
      "iam.serviceAccounts.getAccessToken",
      "iam.serviceAccounts.getOpenIdToken",
      "iam.serviceAccounts.implicitDelegation",
      "iam.serviceAccounts.signBlob",
      "iam.serviceAccounts.signJwt",
    ],
  ],
  ["roles/iam.serviceAccountOpenIdTokenCreator", ["iam.serviceAccounts.getOpenIdToken"]],
  ["roles/iam.serviceAccountUser", [...ACCOUNT_READ, ...PROJECT_READ, "iam.serviceAccounts.actAs"]],
  [
    "roles/iam.serviceAccountViewer",
    [...ACCOUNT_READ, "iam.serviceAccountKeys.list", "iam.serviceAccounts.getIamPolicy"],
  ],
  ["roles/iam.serviceAccountAdmin", ACCOUNT_ADMIN],
  ["roles/iam.serviceAccountCreator", [...ACCOUNT_READ, "iam.serviceAccounts.create"]],
  ["roles/iam.roleViewer", ["iam.roles.get", "iam.roles.list"]],
  ["roles/iam.securityReviewer", [...VIEWER, "storage.buckets.getIamPolicy"]],
  ["roles/container.viewer", CLUSTER_READ],
  ["roles/container.clusterViewer", CLUSTER_READ],
  ["roles/container.clusterAdmin", [...CLUSTER_READ, "container.clusters.update"]],
  ["roles/container.admin", [...CLUSTER_READ, "container.clusters.update"]],
  ["roles/browser", [...PROJECT_READ, "resourcemanager.projects.getIamPolicy"]],
  [
    "roles/resourcemanager.projectIamAdmin",
    [...PROJECT_READ, "resourcemanager.projects.getIamPolicy", "resourcemanager.projects.setIamPolicy"],
  ],
  [
    "roles/serviceusage.serviceUsageConsumer",
    ["serviceusage.services.get", "serviceusage.services.list", "serviceusage.services.use"],
  ],
  [
    "roles/serviceusage.serviceUsageAdmin",
    [
      "serviceusage.services.get",
      "serviceusage.services.list",
      "serviceusage.services.use",
      "serviceusage.services.enable",
    ],
  ],
  ["roles/storage.admin", [...BUCKETS_ALL, ...OBJECTS_ALL, ...HMAC_ALL]],
  ["roles/storage.objectAdmin", OBJECTS_ALL],
  ["roles/storage.objectUser", OBJECTS_WRITE],
  ["roles/storage.objectViewer", OBJECTS_READ],
  [
    "roles/storage.objectCreator",
    [
      "storage.objects.create",
      "storage.multipartUploads.abort",
      "storage.multipartUploads.create",
      "storage.multipartUploads.listParts",
    ],
  ],
  ["roles/storage.bucketViewer", ["storage.buckets.get", "storage.buckets.list"]],
  [
    "roles/storage.legacyBucketReader",
    ["storage.buckets.get", "storage.objects.list", "storage.multipartUploads.list"],
  ],
  [
    "roles/storage.legacyBucketWriter",
    [
      "storage.buckets.get",
      "storage.objects.create",
      "storage.objects.delete",
      "storage.objects.list",
      "storage.multipartUploads.abort",
      "storage.multipartUploads.create",
      "storage.multipartUploads.list",
      "storage.multipartUploads.listParts",
    ],
  ],
  [
    "roles/storage.legacyBucketOwner",
    [
      "storage.buckets.get",
      "storage.buckets.getIamPolicy",
      "storage.buckets.setIamPolicy",
      "storage.buckets.update",
      "storage.objects.create",
      "storage.objects.delete",
      "storage.objects.list",
    ],
  ],
  ["roles/storage.legacyObjectReader", ["storage.objects.get"]],
  [
    "roles/storage.legacyObjectOwner",
    ["storage.objects.get", "storage.objects.getIamPolicy", "storage.objects.setIamPolicy", "storage.objects.update"],
  ],
  ["roles/storage.hmacKeyAdmin", HMAC_ALL],
]);
