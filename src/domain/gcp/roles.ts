import type { GoogleRoles } from "../google-facts.ts";
import { valueOf } from "../known.ts";

/** Lets somebody act as a Google service account. */
export const ACT_AS = "iam.serviceAccounts.getAccessToken";

/** What the database does in its bucket. */
export const OBJECT_WRITE = [
  "storage.objects.create",
  "storage.objects.get",
  "storage.objects.list",
  "storage.objects.delete",
] as const;
export const OBJECT_READ = ["storage.objects.get", "storage.objects.list"] as const;

/** Role that gives a ServiceAccount of Kubernetes what it needs of a Google one, and no more. */
export const WORKLOAD_USER = "roles/iam.workloadIdentityUser";
/** The least predefined role for a bucket that backups are written to. */
export const OBJECT_USER = "roles/storage.objectUser";
export const OBJECT_VIEWER = "roles/storage.objectViewer";

const CREATE = "storage.objects.create";
const GET = "storage.objects.get";
const LIST = "storage.objects.list";
const DELETE = "storage.objects.delete";
const BUCKET = "storage.buckets.get";

/**
 * Of each predefined role, the permissions that are asked about here ("Cloud Storage roles and permissions" and "IAM roles
 * and permissions" of Google's reference). Owner and editor hold none of them: what they may do in a bucket they have
 * through its own bindings for `projectOwner:` and `projectEditor:`.
 */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  "roles/iam.workloadIdentityUser": [ACT_AS],
  "roles/iam.serviceAccountTokenCreator": [ACT_AS],
  "roles/iam.serviceAccountUser": [],
  "roles/iam.serviceAccountAdmin": [],
  "roles/iam.serviceAccountKeyAdmin": [],
  "roles/iam.serviceAccountOpenIdTokenCreator": [],
  "roles/owner": [],
  "roles/editor": [],
  "roles/viewer": [],
  "roles/browser": [],
  "roles/storage.admin": [CREATE, GET, LIST, DELETE, BUCKET],
  "roles/storage.bucketViewer": [BUCKET],
  "roles/storage.folderAdmin": [CREATE, GET, LIST, DELETE],
  "roles/storage.hmacKeyAdmin": [],
  "roles/storage.legacyBucketOwner": [CREATE, LIST, DELETE, BUCKET],
  "roles/storage.legacyBucketReader": [LIST, BUCKET],
  "roles/storage.legacyBucketWriter": [CREATE, LIST, DELETE, BUCKET],
  "roles/storage.legacyObjectOwner": [GET],
  "roles/storage.legacyObjectReader": [GET],
  "roles/storage.objectAdmin": [CREATE, GET, LIST, DELETE],
  "roles/storage.objectCreator": [CREATE],
  "roles/storage.objectUser": [CREATE, GET, LIST, DELETE],
  "roles/storage.objectViewer": [GET, LIST],
};

/** Services whose roles hold none of these permissions, and which accounts of programs often have roles of. */
const OTHER_SERVICES =
  /^roles\/(?:aiplatform\.user|artifactregistry\.(?:reader|writer)|autoscaling|container\.defaultNodeServiceAccount|bigquery|cloudkms|cloudsql|cloudtrace|cloudprofiler|errorreporting|logging|monitoring|pubsub|secretmanager|serviceusage|stackdriver)(?:\.(?!serviceAgent)|$)/;

/** Whether a role holds a permission; `unknown` for one that is neither known here nor was asked about. */
export function roleHolds(role: string, permission: string, asked: GoogleRoles | undefined): "yes" | "no" | "unknown" {
  const known = asked?.[role] && valueOf(asked[role]);
  const listed = known ?? ROLES[role];
  if (listed !== undefined) return listed.includes(permission) ? "yes" : "no";
  // A role that was deleted gives nothing.
  if (asked?.[role]?.state === "absent") return "no";
  return OTHER_SERVICES.test(role) ? "no" : "unknown";
}

/** The permissions of it that matter here are known without asking. */
export function isKnownRole(role: string): boolean {
  return Object.hasOwn(ROLES, role) || OTHER_SERVICES.test(role);
}
