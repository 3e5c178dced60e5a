import { randomBytes } from "node:crypto";

import type { Answer } from "./answer.ts";
import { conditionNotMet, type ObjectKeeper } from "./object-keeper.ts";
import { Refusal } from "./refusal.ts";
import type { Bucket } from "./state.ts";

const HANDED_ON = ["content-type", "x-goog-hash", "x-goog-generation", "x-goog-stored-content-length"];

/** Keeps objects in a server of Cloud Storage's API that asks nobody who they are; each bucket has one of its own there. */
export function remoteObjects(url: string): ObjectKeeper {
  const made = new WeakMap<Bucket, Promise<string>>();
  const nameOf = (bucket: Bucket): Promise<string> => {
    const name = made.get(bucket) ?? makeBucket(url, bucket);
    made.set(bucket, name);
    return name;
  };
  const ask = async (bucket: Bucket, path: string, init: RequestInit = {}, prefix = ""): Promise<Answer> => {
    const name = await nameOf(bucket);
    const response = await fetch(`${url}${prefix}/storage/v1/b/${name}/o${path}`, init);
    if (response.status === 412) throw conditionNotMet();
    const headers = Object.fromEntries(
      HANDED_ON.flatMap((header) => {
        const value = response.headers.get(header);
        return value === null ? [] : [[header, value]];
      }),
    );
    const body = Buffer.from(await response.arrayBuffer());
    // It is the bucket's own name that was asked for.
    const isText = headers["content-type"]?.startsWith("application/json") === true && !path.includes("alt=media");
    return {
      status: response.status,
      headers,
      body: isText ? body.toString("utf8").replaceAll(name, bucket.name) : body,
    };
  };
  const of = (key: string, query?: URLSearchParams): string => `/${encodeURIComponent(key)}?${query?.toString() ?? ""}`;
  const byGeneration = (generation: string | undefined): URLSearchParams =>
    new URLSearchParams(generation === undefined ? {} : { generation });

  return {
    find: async (bucket, key, generation) => {
      const { status, body } = await ask(bucket, of(key, byGeneration(generation)));
      if (status === 404) return undefined;
      assertGood(status, body);
      return JSON.parse(String(body)) as { updated: string };
    },
    insert: async (bucket, { name, contentType, body }, query) => {
      const search = new URLSearchParams({ uploadType: "media", name });
      const wanted = query.get("ifGenerationMatch");
      if (wanted !== null) search.set("ifGenerationMatch", wanted);
      const init = { method: "POST", headers: { "content-type": contentType }, body: new Uint8Array(body) };
      return ask(bucket, `?${search.toString()}`, init, "/upload");
    },
    read: (bucket, key, query) => ask(bucket, of(key, query)),
    remove: async (bucket, key, generation) => {
      const { status, body } = await ask(bucket, of(key, byGeneration(generation)), { method: "DELETE" });
      assertGood(status, body);
    },
    list: (bucket, query) => ask(bucket, `?${query.toString()}`),
  };
}

/** Makes the bucket there, with what it holds here. */
async function makeBucket(url: string, { name: wanted, versioning, objects }: Bucket): Promise<string> {
  const name = `${wanted.slice(0, 40)}-${randomBytes(6).toString("hex")}`;
  const post = async (path: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> => {
    const headers = { "content-type": typeof body === "string" ? "application/json" : "application/octet-stream" };
    const response = await fetch(`${url}${path}`, { method: "POST", headers, body });
    assertGood(response.status, await response.text());
  };
  await post("/storage/v1/b?project=antfly", JSON.stringify({ name, versioning: { enabled: versioning } }));
  for (const [key, [object]] of objects) {
    const query = new URLSearchParams({ uploadType: "media", name: key }).toString();
    await post(`/upload/storage/v1/b/${name}/o?${query}`, new Uint8Array(object?.body ?? []));
  }
  return name;
}

function assertGood(status: number, body: string | Buffer): void {
  if (status >= 300) throw new Refusal(500, "internalError", `the server of the objects answered ${status}: ${body}`);
}
