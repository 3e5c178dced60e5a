import { HttpMethod } from "@kubernetes/client-node";

import { isObjectName } from "../domain/names.ts";
import type { ResourceType } from "../domain/resources.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { printable } from "../domain/text.ts";
import { KubeError } from "../ports.ts";
import type { Call } from "./kube-transport.ts";

/* The parts of a call to the API server: path, query and body. */

export const FIELD_MANAGER = "antfly-creds";

export function patchCall(
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  options: { dryRun: boolean },
  contentType: string,
  body: unknown,
): Call {
  return {
    method: HttpMethod.PATCH,
    path: pathOf(type, namespace, name),
    what: `patch ${type.kind} ${name}`,
    query: { fieldManager: FIELD_MANAGER, ...dryRun(options) },
    body,
    contentType,
  };
}

/**
 * @throws KubeError not-found for a name that no object can have: nothing asks the server for it, because `..` in a path
 * would be another path
 */
export function pathOf(type: ResourceType, namespace: string | undefined, name?: string): string {
  if (name !== undefined && !isObjectName(name)) {
    throw new KubeError("not-found", `no ${type.kind} can have the name "${printable(name)}"`, 404);
  }
  const api = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const last = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${api}${scope}/${type.resource}${last}`;
}

export function encode(value: Sensitive): string {
  return Buffer.from(value.reveal()).toString("base64");
}

export function dryRun(options: { dryRun: boolean }): Record<string, string> {
  return options.dryRun ? { dryRun: "All" } : {};
}
