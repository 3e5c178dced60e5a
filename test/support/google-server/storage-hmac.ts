import { randomBytes } from "node:crypto";

import { CANARY_STEM } from "../canaries.ts";
import { NOTHING } from "./answer.ts";
import type { Call, Route } from "./call.ts";
import { Refusal } from "./refusal.ts";
import { now, type HmacKey, type State } from "./state.ts";
import { projectFor } from "./storage-access.ts";

const KEYS = String.raw`^storage\/v1\/projects\/([^/]+)\/hmacKeys`;
/** Of one account, deleted ones not counted. */
const MOST = 10;

function shown({ id, account, project, state, createdAt, updatedAt, changes }: HmacKey): object {
  return {
    kind: "storage#hmacKeyMetadata",
    id: `${project}/${id}`,
    accessId: id,
    projectId: project,
    serviceAccountEmail: account,
    state,
    timeCreated: createdAt,
    updated: updatedAt,
    etag: etagOf(changes),
  };
}

function etagOf(changes: number): string {
  return Buffer.from(`hmac ${changes}`).toString("base64");
}

function ofAccount(state: State, account: string): HmacKey[] {
  return [...state.hmacKeys.values()].filter((key) => key.account === account && key.state !== "DELETED");
}

function noAccount(email: string): Refusal {
  return new Refusal(404, "notFound", `Service Account '${email}' not found.`);
}

/* The words are those that the tests of gsutil expect of the real service. */

function create(call: Call, name = ""): object {
  const { state, request } = call;
  const project = projectFor(call, "storage.hmacKeys.create", name);
  const email = request.query.get("serviceAccountEmail");
  if (email === null) throw new Refusal(400, "required", "Required parameter: serviceAccountEmail");
  const account = state.knownAccount(email);
  if (account?.project !== project.id) throw noAccount(email);
  if (ofAccount(state, email).length >= MOST)
    throw new Refusal(400, "invalid", "HMAC key limit reached for this service account.");
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const id = `GOOG1E${[...randomBytes(55)].map((byte) => letters[byte % 32]).join("")}`;
  const secret = CANARY_STEM + randomBytes(18).toString("base64").slice(0, 18);
  const made: HmacKey = {
    id,
    secret,
    account: email,
    project: project.id,
    createdAt: now(),
    updatedAt: now(),
    state: "ACTIVE",
    changes: 1,
  };
  state.hmacKeys.set(id, made);
  return { kind: "storage#hmacKey", metadata: shown(made), secret };
}

function keyFor(call: Call, permission: string, project: string, id: string): HmacKey {
  const found = projectFor(call, permission, project);
  const key = call.state.hmacKeys.get(id);
  if (key?.project !== found.id) throw new Refusal(404, "notFound", `Access ID not found in project: ${project}`);
  return key;
}

function list(call: Call, name = ""): object {
  const project = projectFor(call, "storage.hmacKeys.list", name);
  const { query } = call.request;
  const email = query.get("serviceAccountEmail");
  if (email !== null && !call.state.accounts.has(email)) throw noAccount(email);
  const items = [...call.state.hmacKeys.values()].filter(
    (key) =>
      key.project === project.id &&
      (email === null || key.account === email) &&
      (key.state !== "DELETED" || query.get("showDeletedKeys")?.toLowerCase() === "true"),
  );
  return { kind: "storage#hmacKeysMetadata", ...(items.length === 0 ? {} : { items: items.map(shown) }) };
}

function update(call: Call, project = "", id = ""): object {
  const key = keyFor(call, "storage.hmacKeys.update", project, id);
  const { state, etag } = call.body ?? {};
  if (state !== "ACTIVE" && state !== "INACTIVE")
    throw new Refusal(400, "invalid", `Invalid argument: ${String(state)}`);
  if (key.state === "DELETED") throw new Refusal(400, "invalid", "Cannot update keys in DELETED state.");
  if (etag !== undefined && etag !== etagOf(key.changes))
    throw new Refusal(412, "conditionNotMet", "Etag does not match expected value.");
  if (state === key.state) throw new Refusal(400, "invalid", "Update must modify the credential.");
  key.state = state;
  key.changes += 1;
  key.updatedAt = now();
  return shown(key);
}

function remove(call: Call, project = "", id = ""): typeof NOTHING {
  const key = keyFor(call, "storage.hmacKeys.delete", project, id);
  if (key.state === "ACTIVE") throw new Refusal(400, "invalid", "Cannot delete keys in ACTIVE state.");
  if (key.state === "DELETED") throw new Refusal(404, "notFound", `Access ID not found in project: ${project}`);
  key.state = "DELETED";
  key.changes += 1;
  key.updatedAt = now();
  return NOTHING;
}

const on = (method: string, verb: string, suffix: string, run: Route["run"]): Route => ({
  operation: `storage.projects.hmacKeys.${verb}`,
  permission: `storage.hmacKeys.${verb}`,
  method,
  path: new RegExp(`${KEYS}${suffix}$`),
  run,
});

export const HMAC_ROUTES: readonly Route[] = [
  on("POST", "create", "", create),
  on("GET", "list", "", list),
  on("GET", "get", String.raw`\/([^/]+)`, (call, project = "", id = "") =>
    shown(keyFor(call, "storage.hmacKeys.get", project, id)),
  ),
  on("PUT", "update", String.raw`\/([^/]+)`, update),
  on("DELETE", "delete", String.raw`\/([^/]+)`, remove),
];
