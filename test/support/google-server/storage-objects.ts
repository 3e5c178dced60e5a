import { NOTHING, type Answer } from "./answer.ts";
import { bucketResource, may } from "./authorize.ts";
import type { Call, Route } from "./call.ts";
import { Refusal } from "./refusal.ts";
import type { Bucket } from "./state.ts";
import { bucketFor } from "./storage-access.ts";
import { readUpload } from "./storage-upload.ts";

function assertNotKept({ retention, name }: Bucket, key: string, updated: string): void {
  const until = new Date(Date.parse(updated) + (retention ?? 0) * 1000);
  if (until.getTime() <= Date.now()) return;
  const message = `Object '${name}/${key}' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${until.toISOString()}`;
  throw new Refusal(403, "retentionPolicyNotMet", message);
}

/** What is there already is replaced only by who may delete it. */
async function insert(call: Call, name = ""): Promise<Answer> {
  const { request, state } = call;
  const upload = readUpload(request);
  const bucket = bucketFor(call, "storage.objects.create", name, upload.name);
  if (request.query.get("ifGenerationMatch") !== "0") {
    const current = await state.objects.find(bucket, upload.name, undefined);
    if (current !== undefined) {
      bucketFor(call, "storage.objects.delete", name, upload.name);
      assertNotKept(bucket, upload.name, current.updated);
    }
  }
  return state.objects.insert(bucket, upload, request.query);
}

/** Who may not list is not told that an object is not there. */
async function objectFor(
  call: Call,
  permission: string,
  name: string,
  key: string,
): Promise<{ readonly bucket: Bucket; readonly generation: string | undefined; readonly updated: string }> {
  const { state, caller, request } = call;
  const bucket = bucketFor(call, permission, name, key);
  const generation = request.query.get("generation") ?? undefined;
  const found = await state.objects.find(bucket, key, generation);
  if (found !== undefined) return { bucket, generation, updated: found.updated };
  if (!may(state, caller, "storage.objects.list", bucketResource(state, name))) {
    const message = `${caller.name} does not have storage.objects.list access to the Google Cloud Storage bucket. Permission 'storage.objects.list' denied on resource (or it may not exist).`;
    throw new Refusal(403, "forbidden", message);
  }
  throw new Refusal(404, "notFound", `No such object: ${name}/${key}`);
}

async function get(call: Call, name = "", key = ""): Promise<Answer> {
  const { bucket } = await objectFor(call, "storage.objects.get", name, key);
  return call.state.objects.read(bucket, key, call.request.query);
}

async function remove(call: Call, name = "", key = ""): Promise<Answer> {
  const { bucket, generation, updated } = await objectFor(call, "storage.objects.delete", name, key);
  assertNotKept(bucket, key, updated);
  await call.state.objects.remove(bucket, key, generation);
  return NOTHING;
}

const OBJECT = String.raw`storage\/v1\/b\/([^/]+)\/o\/([^/]+)$`;

export const OBJECT_ROUTES: readonly Route[] = [
  {
    operation: "storage.objects.list",
    permission: "storage.objects.list",
    method: "GET",
    path: /^storage\/v1\/b\/([^/]+)\/o$/,
    run: (call, name = "") =>
      call.state.objects.list(bucketFor(call, "storage.objects.list", name), call.request.query),
  },
  {
    operation: "storage.objects.insert",
    permission: "storage.objects.create",
    method: "POST",
    path: /^upload\/storage\/v1\/b\/([^/]+)\/o$/,
    run: insert,
  },
  {
    operation: "storage.objects.get",
    permission: "storage.objects.get",
    method: "GET",
    path: new RegExp(`^(?:download/)?${OBJECT}`),
    run: get,
  },
  {
    operation: "storage.objects.delete",
    permission: "storage.objects.delete",
    method: "DELETE",
    path: new RegExp(`^${OBJECT}`),
    run: remove,
  },
];
