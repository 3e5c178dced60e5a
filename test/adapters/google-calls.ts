import type { Sensitive } from "../../src/domain/sensitive.ts";
import type { Google } from "../../src/ports.ts";
import { CANARY_SECRET } from "../support/canaries.ts";

export const EMAIL = "antfly@acme-prod.iam.gserviceaccount.com";
export const CLUSTER = { project: "acme-prod", location: "europe-west1", name: "prod" };
const KEY = `GOOG1E${"A".repeat(55)}`;
export const SEED = {
  clusters: [{ nodePools: { "default-pool": "" } }],
  accounts: [{ id: "antfly" }],
  buckets: [{ name: "acme", objects: { a: "1" } }],
  hmacKeys: [{ id: KEY, secret: CANARY_SECRET, account: EMAIL, state: "INACTIVE" as const }],
};

export interface PortCall {
  readonly name: string;
  /** Permission, or operation where it takes none. */
  readonly action: string;
  /** It is asked after another call, whose fault would come first. */
  readonly follows?: true;
  readonly run: (tool: Google, token: Sensitive) => Promise<unknown>;
}

const policy = { version: 3, etag: undefined, bindings: [], rest: {} };
const store = (tool: Google, token: Sensitive): ReturnType<Google["objectStore"]> =>
  tool.objectStore({ bucket: "acme", token });

/** Every call of the port. */
export const GOOGLE_CALLS: readonly PortCall[] = [
  { name: "getCluster", action: "container.clusters.get", run: (tool) => tool.getCluster(CLUSTER) },
  {
    name: "listClusters",
    action: "container.clusters.list",
    run: (tool) => tool.listClusters("acme-prod"),
  },
  {
    name: "setWorkloadPool",
    action: "container.clusters.update",
    run: (tool) => tool.setWorkloadPool(CLUSTER, "acme-prod.svc.id.goog"),
  },
  {
    name: "setMetadataMode",
    action: "container.clusters.update",
    run: (tool) => tool.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA"),
  },
  {
    name: "setMetadataMode, followed",
    action: "container.operations.get",
    follows: true,
    run: (tool) => tool.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA"),
  },
  {
    name: "getProject",
    action: "resourcemanager.projects.get",
    run: (tool) => tool.getProject("acme-prod"),
  },
  {
    name: "getProjectPolicy",
    action: "resourcemanager.projects.getIamPolicy",
    run: (tool) => tool.getProjectPolicy("acme-prod"),
  },
  {
    name: "getService",
    action: "serviceusage.services.get",
    run: (tool) => tool.getService("acme-prod", "iam.googleapis.com"),
  },
  {
    name: "getServiceAccount",
    action: "iam.serviceAccounts.get",
    run: (tool) => tool.getServiceAccount(EMAIL),
  },
  {
    name: "createServiceAccount",
    action: "iam.serviceAccounts.create",
    run: (tool) => tool.createServiceAccount({ project: "acme-prod", id: "backup", displayName: "", description: "" }),
  },
  {
    name: "deleteServiceAccount",
    action: "iam.serviceAccounts.delete",
    run: (tool) => tool.deleteServiceAccount(EMAIL),
  },
  {
    name: "getServiceAccountPolicy",
    action: "iam.serviceAccounts.getIamPolicy",
    run: (tool) => tool.getServiceAccountPolicy(EMAIL),
  },
  {
    name: "setServiceAccountPolicy",
    action: "iam.serviceAccounts.setIamPolicy",
    run: (tool) => tool.setServiceAccountPolicy(EMAIL, policy),
  },
  {
    name: "listServiceAccountKeys",
    action: "iam.serviceAccountKeys.list",
    run: (tool) => tool.listServiceAccountKeys(EMAIL),
  },
  { name: "getRole", action: "iam.roles.get", run: (tool) => tool.getRole("roles/storage.admin") },
  {
    name: "exchangeToken",
    action: "sts.token",
    run: (tool, token) => tool.exchangeToken({ audience: "identitynamespace:x", token }),
  },
  {
    name: "generateAccessToken",
    action: "iam.serviceAccounts.getAccessToken",
    run: (tool, token) => tool.generateAccessToken({ account: EMAIL, token, lifetimeSeconds: 600 }),
  },
  { name: "getBucket", action: "storage.buckets.get", run: (tool) => tool.getBucket("acme") },
  {
    name: "getBucketPolicy",
    action: "storage.buckets.getIamPolicy",
    run: (tool) => tool.getBucketPolicy("acme"),
  },
  {
    name: "setBucketPolicy",
    action: "storage.buckets.setIamPolicy",
    run: (tool) => tool.setBucketPolicy("acme", policy),
  },
  {
    name: "testBucketPermissions",
    action: "storage.buckets.testIamPermissions",
    run: (tool, token) => tool.testBucketPermissions({ bucket: "acme", permissions: ["storage.objects.get"], token }),
  },
  {
    name: "getHmacKey",
    action: "storage.hmacKeys.get",
    run: (tool) => tool.getHmacKey("acme-prod", KEY),
  },
  {
    name: "listHmacKeys",
    action: "storage.hmacKeys.list",
    run: (tool) => tool.listHmacKeys("acme-prod", EMAIL),
  },
  {
    name: "createHmacKey",
    action: "storage.hmacKeys.create",
    run: (tool) => tool.createHmacKey("acme-prod", EMAIL),
  },
  {
    name: "setHmacKeyState",
    action: "storage.hmacKeys.update",
    run: (tool) => tool.setHmacKeyState("acme-prod", KEY, "ACTIVE", undefined),
  },
  {
    name: "deleteHmacKey",
    action: "storage.hmacKeys.delete",
    run: (tool) => tool.deleteHmacKey("acme-prod", KEY),
  },
  {
    name: "objectStore.bucketRegion",
    action: "storage.buckets.get",
    run: (tool, token) => store(tool, token).bucketRegion(),
  },
  {
    name: "objectStore.versioning",
    action: "storage.buckets.get",
    run: (tool, token) => store(tool, token).versioning(),
  },
  {
    name: "objectStore.encryption",
    action: "storage.buckets.get",
    run: (tool, token) => store(tool, token).encryption(),
  },
  {
    name: "objectStore.objectLock",
    action: "storage.buckets.get",
    run: (tool, token) => store(tool, token).objectLock(),
  },
  {
    name: "objectStore.list",
    action: "storage.objects.list",
    run: (tool, token) => store(tool, token).list("", 2),
  },
  {
    name: "objectStore.get",
    action: "storage.objects.get",
    run: (tool, token) => store(tool, token).get("a"),
  },
  {
    name: "objectStore.put",
    action: "storage.objects.create",
    run: (tool, token) => store(tool, token).put("b", Buffer.from("1")),
  },
  {
    name: "objectStore.delete",
    action: "storage.objects.delete",
    run: (tool, token) => store(tool, token).delete("a"),
  },
];
