import type { ResourceType } from "../domain/resources.ts";
import { KubeError, type KubeObject } from "../ports.ts";
import { pathOf } from "./kube-calls.ts";
import { notKubernetes } from "./kube-errors.ts";
import { isObject, type KubeTransport } from "./kube-transport.ts";

const PAGE = "500";
/** A server that never ends its list is broken. */
const MOST_PAGES = 2_000;
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

export interface ListOptions {
  labelSelector?: string;
  fieldSelector?: string;
  metadataOnly?: boolean;
}

/**
 * Every page of a list.
 * @throws KubeError malformed for what is no list of this kind, and for one that never ends
 */
export async function listAll(
  transport: KubeTransport,
  type: ResourceType,
  namespace: string | undefined,
  options: ListOptions,
): Promise<readonly KubeObject[]> {
  const what = `list ${type.resource}`;
  const query: Record<string, string> = { limit: PAGE };
  if (options.labelSelector !== undefined) query["labelSelector"] = options.labelSelector;
  if (options.fieldSelector !== undefined) query["fieldSelector"] = options.fieldSelector;
  const items: KubeObject[] = [];
  let more: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await transport.read({
      path: pathOf(type, namespace),
      what,
      query: more === undefined ? query : { ...query, continue: more },
      ...(options.metadataOnly === true ? { accept: METADATA_LIST } : {}),
    });
    const found = page["items"] ?? [];
    const wanted = options.metadataOnly === true ? "PartialObjectMetadataList" : `${type.kind}List`;
    if (page["kind"] !== wanted || !Array.isArray(found) || !found.every(isObject)) throw notKubernetes("", what);
    items.push(...found);
    const next = (page["metadata"] as { continue?: unknown } | undefined)?.continue;
    if (typeof next !== "string" || next === "") return items;
    if (next === more) break;
    more = next;
  }
  throw new KubeError("malformed", `${what}: the list never ends`);
}
