import { json } from "./answer.ts";
import { conditionNotMet, type ObjectKeeper } from "./object-keeper.ts";
import { newGeneration, type Bucket, type StoredObject } from "./state.ts";
import { checksums } from "./storage-checksums.ts";

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

function found({ objects }: Bucket, key: string, generation: string | undefined): StoredObject | undefined {
  return objects.get(key)?.find((one) => (generation === undefined ? one.live : one.generation === generation));
}

/** A replaced or removed object stays as an old version where the bucket keeps those. */
function retire({ objects, versioning }: Bucket, key: string): void {
  const kept = (objects.get(key) ?? []).filter((object) => versioning || !object.live);
  for (const object of kept) object.live = false;
  if (kept.length === 0) objects.delete(key);
  else objects.set(key, kept);
}

/** Keeps objects in the state itself. */
export const MEMORY: ObjectKeeper = {
  find: async (bucket, key, generation) => found(bucket, key, generation),

  insert: async (bucket, { name, contentType, body }, query) => {
    const wanted = query.get("ifGenerationMatch");
    if (wanted !== null && wanted !== (found(bucket, name, undefined)?.generation ?? "0")) throw conditionNotMet();
    retire(bucket, name);
    const updated = new Date().toISOString();
    const made: StoredObject = { generation: newGeneration(), body, contentType, updated, live: true };
    bucket.objects.set(name, [made, ...(bucket.objects.get(name) ?? [])]);
    return json(shown(bucket, name, made));
  },

  read: async (bucket, key, query) => {
    const object = found(bucket, key, query.get("generation") ?? undefined);
    if (object === undefined) throw new Error(`${key} was there`);
    if (query.get("alt") !== "media") return json(shown(bucket, key, object));
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
  },

  remove: async (bucket, key, generation) => {
    if (generation === undefined) return retire(bucket, key);
    const left = (bucket.objects.get(key) ?? []).filter((object) => object.generation !== generation);
    if (left.length === 0) bucket.objects.delete(key);
    else bucket.objects.set(key, left);
  },

  list: async (bucket, query) => {
    const prefix = query.get("prefix") ?? "";
    const most = Math.min(Number(query.get("maxResults") ?? 1000), 1000);
    const after = query.get("pageToken") ?? "";
    const versions = query.get("versions") === "true";
    const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
    const all = keys.flatMap((key) =>
      (bucket.objects.get(key) ?? [])
        .filter((object) => versions || object.live)
        .map((object) => [key, object] as const),
    );
    const page = all.slice(0, most);
    return json({
      kind: "storage#objects",
      ...(all.length > page.length ? { nextPageToken: page.at(-1)?.[0] } : {}),
      ...(page.length === 0 ? {} : { items: page.map(([key, object]) => shown(bucket, key, object)) }),
    });
  },
};
