import type { IncomingMessage } from "node:http";

import { parse as parseYaml } from "yaml";

import type { AnyObject } from "../follow.ts";
import { badRequest } from "./errors.ts";
import type { Kind } from "./kinds.ts";
import type { Attributes } from "./rbac.ts";

/** A request taken apart. */
export interface ApiRequest extends Attributes {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly contentType: string;
  readonly manager: string;
  readonly dryRun: boolean;
  readonly body: AnyObject;
}

const VERBS: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "patch" };
const API_PATH =
  /^\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/** Finds out which kind, object and verb a request means; `kind` is undefined for paths outside the object tree. */
export async function readRequest(message: IncomingMessage, kinds: readonly Kind[]): Promise<ApiRequest> {
  const url = new URL(message.url ?? "/", "https://server");
  const method = message.method ?? "GET";
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const contentType = message.headers["content-type"] ?? "application/json";
  const [, core, group, version, namespace, resource, name, subresource] = API_PATH.exec(url.pathname) ?? [];
  const kind = kinds.find(
    (one) =>
      one.group === (core === undefined ? group : "") && one.version === (core ?? version) && one.resource === resource,
  );
  return {
    method,
    kind,
    namespace: decodeURIComponent(namespace ?? ""),
    name: decodeURIComponent(name ?? ""),
    subresource: subresource ?? "",
    verb: kind === undefined ? method.toLowerCase() : verbOf(method, name, url.searchParams),
    path: url.pathname,
    query: url.searchParams,
    accept: message.headers.accept ?? "",
    contentType,
    manager:
      url.searchParams.get("fieldManager") ?? (message.headers["user-agent"] ?? "unknown").split("/")[0] ?? "unknown",
    dryRun: url.searchParams.get("dryRun") === "All",
    body: decode(Buffer.concat(chunks), contentType),
  };
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  if (method === "GET") return query.get("watch") === "true" ? "watch" : name === undefined ? "list" : "get";
  if (method === "DELETE") return name === undefined ? "deletecollection" : "delete";
  return VERBS[method] ?? method.toLowerCase();
}

function decode(bytes: Buffer, contentType: string): AnyObject {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString("utf8");
  try {
    return contentType.includes("yaml") ? parseYaml(text) : JSON.parse(text);
  } catch {
    throw badRequest(
      "the object provided is unrecognized (must be of type Object): couldn't get version/kind; json parse error",
    );
  }
}
