import { Sensitive } from "../domain/sensitive.ts";
import { GoogleError, type Google, type HmacKey } from "../ports.ts";
import { list, needed, ofKind, text, within } from "./google-answer.ts";
import { path, type GoogleConnection, type Json } from "./google-connection.ts";

type Calls = Pick<Google, "getHmacKey" | "listHmacKeys" | "createHmacKey" | "setHmacKeyState" | "deleteHmacKey">;

const KIND = "storage#hmacKeyMetadata";
const all = (project: string): string => path`/storage/v1/projects/${project}/hmacKeys`;
const of = (project: string, accessId: string): string => `${all(project)}${path`/${accessId}`}`;

/** Keys for the S3 protocol of Google Cloud Storage. */
export function hmacCalls({ read, write, redactor }: GoogleConnection): Calls {
  return {
    async getHmacKey(project, accessId) {
      const action = "storage.hmacKeys.get";
      return keyIn(await read({ api: "STORAGE", action, path: of(project, accessId) }), action);
    },

    async listHmacKeys(project, account) {
      const action = "storage.hmacKeys.list";
      const found: HmacKey[] = [];
      let pageToken: string | undefined;
      do {
        const query = [
          ["serviceAccountEmail", account],
          ["pageToken", pageToken],
        ] as const;
        const page = await read({ api: "STORAGE", action, path: all(project), query });
        for (const item of list(ofKind(page, "storage#hmacKeysMetadata", action), "items"))
          found.push(keyIn(item, action));
        pageToken = text(page, "nextPageToken");
      } while (pageToken !== undefined);
      return found;
    },

    async createHmacKey(project, account) {
      const action = "storage.hmacKeys.create";
      const query = [["serviceAccountEmail", account]] as const;
      const answer = await write({ api: "STORAGE", action, path: all(project), query, method: "POST" });
      const secret = new Sensitive(needed(ofKind(answer, "storage#hmacKey", action), "secret", action));
      redactor.watch(secret);
      return { key: keyIn(within(answer, "metadata"), action), secret };
    },

    async setHmacKeyState(project, accessId, state, etag) {
      const action = "storage.hmacKeys.update";
      const body = { state, ...(etag === undefined ? {} : { etag }) };
      return keyIn(await write({ api: "STORAGE", action, path: of(project, accessId), method: "PUT", body }), action);
    },

    async deleteHmacKey(project, accessId) {
      await write({
        api: "STORAGE",
        action: "storage.hmacKeys.delete",
        path: of(project, accessId),
        method: "DELETE",
      });
    },
  };
}

function keyIn(answer: Json, action: string): HmacKey {
  ofKind(answer, KIND, action);
  const state = needed(answer, "state", action);
  if (state !== "ACTIVE" && state !== "INACTIVE" && state !== "DELETED")
    throw new GoogleError("malformed", action, "Google sent an HMAC key in a state that is not known");
  return {
    accessId: needed(answer, "accessId", action),
    account: needed(answer, "serviceAccountEmail", action),
    project: needed(answer, "projectId", action),
    state,
    createdAt: text(answer, "timeCreated"),
    etag: text(answer, "etag"),
  };
}
