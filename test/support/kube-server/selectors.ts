import type { AnyObject } from "../follow.ts";
import { badRequest } from "./errors.ts";

/** Whether an object fits `labelSelector` and `fieldSelector`. @throws ApiError for a field that cannot be selected by */
export function selects(object: AnyObject, query: URLSearchParams): boolean {
  return labelsMatch(object, query.get("labelSelector") ?? "") && fieldsMatch(object, query.get("fieldSelector") ?? "");
}

function labelsMatch({ metadata }: AnyObject, selector: string): boolean {
  const labels = metadata.labels ?? {};
  return requirements(selector).every((requirement) => {
    const set = /^(\S+)\s+(in|notin)\s+\((.*)\)$/.exec(requirement);
    if (set !== null) {
      const [, key = "", operator, list = ""] = set;
      const within = list
        .split(",")
        .map((item) => item.trim())
        .includes(labels[key]);
      return operator === "in" ? within : !within;
    }
    const [, key = "", operator, value] = /^([^=!]+)(?:(!=|==?)(.*))?$/.exec(requirement) ?? [];
    if (operator === undefined)
      return requirement.startsWith("!") ? labels[requirement.slice(1)] === undefined : key in labels;
    return operator === "!=" ? labels[key] !== value : labels[key] === value;
  });
}

/** Commas separate requirements, but not within brackets. */
function requirements(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

const FIELDS: Readonly<Record<string, (object: AnyObject) => string | undefined>> = {
  "metadata.name": (object) => object.metadata.name,
  "metadata.namespace": (object) => object.metadata.namespace,
  "spec.nodeName": (object) => object.spec?.nodeName ?? "",
  "status.phase": (object) => object.status?.phase,
  type: (object) => object.type,
  reason: (object) => object.reason,
  "involvedObject.name": (object) => object.involvedObject?.name,
  "involvedObject.kind": (object) => object.involvedObject?.kind,
  "involvedObject.uid": (object) => object.involvedObject?.uid,
  "involvedObject.namespace": (object) => object.involvedObject?.namespace,
};

function fieldsMatch(object: AnyObject, selector: string): boolean {
  return selector
    .split(",")
    .filter((part) => part !== "")
    .every((part) => {
      const [, field = "", operator, value] = /^(.+?)(!=|==?)(.*)$/.exec(part) ?? [];
      const read = FIELDS[field];
      if (read === undefined) throw badRequest(`field label not supported: ${field}`);
      return operator === "!=" ? read(object) !== value : read(object) === value;
    });
}
