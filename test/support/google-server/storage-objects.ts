import { json, NOTHING, type Answer } from "./answer.ts";
import { bucketResource, may } from "./authorize.ts";
import type { Call, Route } from "./call.ts";
import { Refusal } from "./refusal.ts";
import { newGeneration, type Bucket, type StoredObject } from "./state.ts";
import { bucketFor } from "./storage-access.ts";
import { checksums } from "./storage-checksums.ts";
import { readUpload } from "./storage-upload.ts";

function shown(bucket: Bucket, name: string, { generation, body, contentType, updated }: StoredObject): object {
  return {
    kind: "storage#object",
    id: `${bucket.name}/${name}/${generation}`,
    name,
    bucket: bucket.name,
    generation,
    metageneration: "1",
    contentType,
    storageClass: "STANDARD",
    size: String(body.length),
    ...checksums(body),
    etag: generation,
    timeCreated: updated,
    updated,
  };
}

function assertGeneration({ request }: Call, current: StoredObject | undefined): void {
  const wanted = request.query.get("ifGenerationMatch");
  if (wanted === null || wanted === (current?.generation ?? "0")) return;
  throw new Refusal(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.", [
    { locationType: "header", location: "If-Match" },
  ]);
}

function live(bucket: Bucket, key: string): StoredObject | undefined {
  return bucket.objects.get(key)?.find((object) => object.live);
}

/** A replaced or removed object stays as an old version where the bucket keeps those. */
function retire({ objects, versioning }: Bucket, key: string): void {
  const kept = (objects.get(key) ?? []).filter((object) => versioning || !object.live);
  for (const object of kept) object.live = false;
  if (kept.length === 0) objects.delete(key);
  else objects.set(key, kept);
}

function assertNotKept({ retention, name }: Bucket, key: string, { updated }: StoredObject): void {
  const until = new Date(Date.parse(updated) + (retention ?? 0) * 1000);
  if (until.getTime() <= Date.now()) return;
  const message = `Object '${name}/${key}' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${until.toISOString()}`;
  throw new Refusal(403, "retentionPolicyNotMet", message);
}

function insert(call: Call, name = ""): object {
  const upload = readUpload(call.request);
  const bucket = bucketFor(call, "storage.objects.create", name, upload.name);
  const current = live(bucket, upload.name);
  assertGeneration(call, current);
  if (current !== undefined) {
    bucketFor(call, "storage.objects.delete", name, upload.name);
    assertNotKept(bucket, upload.name, current);
  }
  retire(bucket, upload.name);
  const made: StoredObject = {
    generation: newGeneration(),
    body: upload.body,
    contentType: upload.contentType,
    updated: new Date().toISOString(),
    live: true,
  };
  bucket.objects.set(upload.name, [made, ...(bucket.objects.get(upload.name) ?? [])]);
  return shown(bucket, upload.name, made);
}

/** Who may not list is not told that an object is not there. */
function objectFor(call: Call, permission: string, name: string, key: string): [Bucket, StoredObject] {
  const { state, caller, request } = call;
  const bucket = bucketFor(call, permission, name, key);
  const generation = request.query.get("generation");
  const object =
    generation === null
      ? live(bucket, key)
      : bucket.objects.get(key)?.find((candidate) => candidate.generation === generation);
  if (object !== undefined) return [bucket, object];
  if (!may(state, caller, "storage.objects.list", bucketResource(state, name))) {
    const message = `${caller.name} does not have storage.objects.list access to the Google Cloud Storage bucket. Permission 'storage.objects.list' denied on resource (or it may not exist).`;
    throw new Refusal(403, "forbidden", message);
  }
  throw new Refusal(404, "notFound", `No such object: ${name}/${key}`);
}

function get(call: Call, name = "", key = ""): Answer {
  const [bucket, object] = objectFor(call, "storage.objects.get", name, key);
  assertGeneration(call, object);
  if (call.request.query.get("alt") !== "media") return json(shown(bucket, key, object));
  const { crc32c, md5Hash } = checksums(object.body);
  return {
    status: 200,
    headers: {
      "content-type": object.contentType,
      "x-goog-generation": object.generation,
      "x-goog-stored-content-encoding": "identity",
      "x-goog-stored-content-length": String(object.body.length),
      "x-goog-hash": `crc32c=${crc32c},md5=${md5Hash}`,
    },
    body: object.body,
  };
}

function remove(call: Call, name = "", key = ""): Answer {
  const [bucket, object] = objectFor(call, "storage.objects.delete", name, key);
  assertGeneration(call, object);
  assertNotKept(bucket, key, object);
  const of = bucket.objects.get(key) ?? [];
  if (call.request.query.get("generation") === null) retire(bucket, key);
  else if (of.length === 1) bucket.objects.delete(key);
  else of.splice(of.indexOf(object), 1);
  return NOTHING;
}

function list(call: Call, name = ""): object {
  const bucket = bucketFor(call, "storage.objects.list", name);
  const { query } = call.request;
  const prefix = query.get("prefix") ?? "";
  const most = Math.min(Number(query.get("maxResults") ?? 1000), 1000);
  const after = query.get("pageToken") ?? "";
  const versions = query.get("versions") === "true";
  const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  const all = keys.flatMap((key) =>
    (bucket.objects.get(key) ?? []).filter((object) => versions || object.live).map((object) => [key, object] as const),
  );
  const left = all.filter(([key]) => key > after);
  const page = left.slice(0, most);
  const last = page.at(-1)?.[0];
  return {
    kind: "storage#objects",
    ...(left.length > page.length ? { nextPageToken: last } : {}),
    ...(page.length === 0 ? {} : { items: page.map(([key, object]) => shown(bucket, key, object)) }),
  };
}

const OBJECT = String.raw`storage\/v1\/b\/([^/]+)\/o\/([^/]+)$`;

export const OBJECT_ROUTES: readonly Route[] = [
  {
    operation: "storage.objects.list",
    permission: "storage.objects.list",
    method: "GET",
    path: /^storage\/v1\/b\/([^/]+)\/o$/,
    run: list,
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
