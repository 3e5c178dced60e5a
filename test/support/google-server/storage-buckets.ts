import { bucketResource, may } from "./authorize.ts";
import type { Call, Route } from "./call.ts";
import type { WirePolicy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { bucketOf } from "./seed.ts";
import { setPolicy } from "./set-policy.ts";
import type { Bucket, State } from "./state.ts";
import { bucketFor, projectFor } from "./storage-access.ts";

const BUCKET = String.raw`^storage\/v1\/b\/([^/]+)`;

function shown(bucket: Bucket, state: State): object {
  const { name, project, location, requesterPays, uniformAccess, versioning, retention } = bucket;
  return {
    kind: "storage#bucket",
    id: name,
    name,
    projectNumber: state.projects.get(project)?.number,
    metageneration: "1",
    location: location.toUpperCase(),
    locationType: "region",
    storageClass: "STANDARD",
    etag: "CAE=",
    timeCreated: "2026-08-01T10:00:00.000Z",
    updated: "2026-08-01T10:00:00.000Z",
    iamConfiguration: {
      uniformBucketLevelAccess: { enabled: uniformAccess },
      publicAccessPrevention: "inherited",
    },
    ...(requesterPays ? { billing: { requesterPays: true } } : {}),
    ...(versioning ? { versioning: { enabled: true } } : {}),
    ...(retention === undefined ? {} : { retentionPolicy: { retentionPeriod: String(retention) } }),
  };
}

function shownPolicy({ name, policy }: Bucket, version: number): object {
  return { kind: "storage#policy", resourceId: `projects/_/buckets/${name}`, bindings: [], ...policy.shown(version) };
}

function setIamPolicy(call: Call, name = ""): object {
  const bucket = bucketFor(call, "storage.buckets.setIamPolicy", name);
  const { kind: _, resourceId: __, ...wanted } = (call.body ?? {}) as WirePolicy;
  const etag = call.request.headers["if-match"];
  try {
    setPolicy(call.state, "bucket", bucket.policy, etag === undefined ? wanted : { ...wanted, etag });
  } catch (error) {
    // Cloud Storage says the same things with a code of its own.
    if (error instanceof Refusal && error.code === "INVALID_ARGUMENT") throw new Refusal(400, "invalid", error.message);
    throw error;
  }
  return shownPolicy(bucket, 3);
}

function testPermissions(call: Call, name = ""): object {
  const { state, caller, request } = call;
  bucketFor(call, "", name);
  const asked = request.query.getAll("permissions");
  if (asked.length === 0) throw new Refusal(400, "required", "Required parameter: permissions");
  const wrong = asked.find(
    (permission) => !/^storage\.(buckets|objects|managedFolders|multipartUploads)\.\w+$/.test(permission),
  );
  if (wrong !== undefined) throw new Refusal(400, "invalid", `Invalid argument: ${wrong}`);
  // What is asked of a bucket is judged on the bucket: a condition on names of objects does not hold there.
  const permissions = asked.filter((permission) => may(state, caller, permission, bucketResource(state, name)));
  return { kind: "storage#testIamPermissionsResponse", ...(permissions.length === 0 ? {} : { permissions }) };
}

function insert(call: Call): object {
  const project = projectFor(call, "storage.buckets.create", call.request.query.get("project") ?? "");
  const { name, location = "US" } = call.body ?? {};
  if (typeof name !== "string") throw new Refusal(400, "required", "Required bucket name.");
  if (call.state.buckets.has(name))
    throw new Refusal(
      409,
      "conflict",
      "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
    );
  const bucket = bucketOf({ name, location }, project.id);
  call.state.buckets.set(name, bucket);
  return shown(bucket, call.state);
}

export const BUCKET_ROUTES: readonly Route[] = [
  {
    operation: "storage.buckets.insert",
    permission: "storage.buckets.create",
    method: "POST",
    path: /^storage\/v1\/b$/,
    run: insert,
  },
  {
    operation: "storage.buckets.get",
    permission: "storage.buckets.get",
    method: "GET",
    path: new RegExp(`${BUCKET}$`),
    run: (call, name = "") => shown(bucketFor(call, "storage.buckets.get", name), call.state),
  },
  {
    operation: "storage.buckets.getIamPolicy",
    permission: "storage.buckets.getIamPolicy",
    method: "GET",
    path: new RegExp(String.raw`${BUCKET}\/iam$`),
    run: (call, name = "") =>
      shownPolicy(
        bucketFor(call, "storage.buckets.getIamPolicy", name),
        Number(call.request.query.get("optionsRequestedPolicyVersion") ?? 1),
      ),
  },
  {
    operation: "storage.buckets.setIamPolicy",
    permission: "storage.buckets.setIamPolicy",
    method: "PUT",
    path: new RegExp(String.raw`${BUCKET}\/iam$`),
    run: setIamPolicy,
  },
  {
    operation: "storage.buckets.testIamPermissions",
    permission: "",
    method: "GET",
    path: new RegExp(String.raw`${BUCKET}\/iam\/testPermissions$`),
    run: testPermissions,
  },
];
