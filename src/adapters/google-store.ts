import { GoogleError, type Google, type ObjectStore } from "../ports.ts";
import { flag, list, needed, ofKind, text, within } from "./google-answer.ts";
import { path, type GoogleConnection, type Json } from "./google-connection.ts";
import { retains } from "./google-retention.ts";

const PAGE = 1_000;
/** What the tool reads back is its own 64 bytes, or nothing. */
const LARGEST_OBJECT = 1024 * 1024;

/** One bucket, by Google's JSON API, with the token in question: a workload's, not the tool's own. */
export function googleStore(
  { bucket, token }: Parameters<Google["objectStore"]>[0],
  { read, write, bytes }: GoogleConnection,
): ObjectStore {
  const place = path`/storage/v1/b/${bucket}`;
  const of = (key: string): string => `${place}${path`/o/${key}`}`;
  const as = { api: "STORAGE", as: token } as const;

  const settings = async (): Promise<Json> => {
    const action = "storage.buckets.get";
    const query = [["projection", "noAcl"]] as const;
    return ofKind(await read({ ...as, action, path: place, query }), "storage#bucket", action);
  };

  return {
    bucketRegion: async () => text(await settings(), "location"),

    async list(prefix, most) {
      const action = "storage.objects.list";
      const found: { key: string; modifiedAt: string | undefined }[] = [];
      let pageToken: string | undefined;
      do {
        const maxResults = String(Math.min(most - found.length, PAGE));
        const query = [
          ["prefix", prefix],
          ["maxResults", maxResults],
          ["pageToken", pageToken],
        ] as const;
        const page = ofKind(await read({ ...as, action, path: `${place}/o`, query }), "storage#objects", action);
        for (const item of list(page, "items"))
          found.push({ key: needed(item, "name", action), modifiedAt: text(item, "updated") });
        pageToken = text(page, "nextPageToken");
      } while (pageToken !== undefined && found.length < most);
      return found.slice(0, most);
    },

    get: (key) =>
      bytes({
        ...as,
        action: "storage.objects.get",
        path: of(key),
        query: [["alt", "media"]],
        largest: LARGEST_OBJECT,
      }),

    async put(key, content) {
      const action = "storage.objects.create";
      const answer = await write({
        ...as,
        action,
        path: `/upload${place}/o`,
        // Only where there is no object of this name.
        query: [
          ["uploadType", "media"],
          ["name", key],
          ["ifGenerationMatch", "0"],
        ],
        method: "POST",
        contentType: "application/octet-stream",
        body: content,
      });
      return { versionId: needed(ofKind(answer, "storage#object", action), "generation", action) };
    },

    async delete(key, generation) {
      const action = "storage.objects.delete";
      const answer = await write({
        ...as,
        action,
        path: of(key),
        query: [["generation", generation]],
        method: "DELETE",
      });
      // 204 says nothing; whatever has something to say is not Google.
      if (Object.keys(answer).length > 0)
        throw new GoogleError("malformed", action, "the store answered, and does not say that the object is gone");
    },

    versioning: async () => (flag(within(await settings(), "versioning"), "enabled") ? "Enabled" : "off"),

    async encryption() {
      const key = text(within(await settings(), "encryption"), "defaultKmsKeyName");
      return key === undefined ? undefined : { algorithm: "Cloud KMS", key };
    },

    objectLock: async () => retains(await settings()),
  };
}
