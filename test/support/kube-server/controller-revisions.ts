import { createHash } from "node:crypto";

import type { AnyObject } from "../follow.ts";
import type { Api } from "./api.ts";
import { isMap } from "./fields.ts";
import type { Writer } from "./managed-fields.ts";

/**
 * The ControllerRevision of a StatefulSet's template as it is now; its name. A new template gets the next number, and so
 * does an earlier one that comes back: its revision stays the object that it was. Unlike the real controller this one
 * keeps all of them.
 */
export function revisionOf(api: Api, set: AnyObject, writer: Writer): string {
  const { name, namespace, uid } = set.metadata;
  const { template } = set.spec;
  const hash = createHash("sha256")
    .update(JSON.stringify(canonical(template)))
    .digest("hex")
    .slice(0, 10);
  const revision = `${name}-${hash}`;
  const kind = api.kind("controllerrevisions");
  const mine = api.store
    .list(kind, namespace)
    .filter((one) => one.metadata.ownerReferences?.some((owner: AnyObject) => owner.uid === uid));
  const newest = Math.max(0, ...mine.map((one) => one["revision"]));
  const same = mine.find((one) => one.metadata.name === revision);
  if (same === undefined) {
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name, uid, controller: true, blockOwnerDeletion: true };
    const metadata = {
      name: revision,
      namespace,
      labels: { ...template.metadata?.labels, "controller.kubernetes.io/hash": hash },
      ownerReferences: [owner],
    };
    const data = { spec: { template: { $patch: "replace", ...structuredClone(template) } } };
    const body = { apiVersion: "apps/v1", kind: "ControllerRevision", metadata, data, revision: newest + 1 };
    api.create(kind, namespace, body, writer, false);
  } else if (same["revision"] < newest) {
    api.store.put(kind, { ...same, revision: newest + 1 });
  }
  return revision;
}

/** The same text for the same template: the order of fields says nothing, nor does an empty map. */
function canonical(value: AnyObject): AnyObject {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isMap(value)) return value;
  const entries = Object.entries(value)
    .map(([key, part]) => [key, canonical(part)] as const)
    .filter(([, part]) => !isMap(part) || Object.keys(part).length > 0);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
