import type { AnyObject } from "../follow.ts";

/** A field path: names joined by a character that no name holds. Lists are single fields. */
export type FieldSet = Set<string>;

const SEPARATOR = "\u0000";
/** Written by the server, owned by nobody. */
const SERVER_OWNED = new Set([
  "apiVersion",
  "kind",
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generateName",
]);

/** The leaf fields of an object that somebody can own. */
export function fieldsOf(object: AnyObject): FieldSet {
  const fields: FieldSet = new Set();
  for (const [key, value] of Object.entries<AnyObject>(object)) {
    if (key === "apiVersion" || key === "kind") continue;
    if (key === "metadata") {
      for (const [name, part] of Object.entries<AnyObject>(value))
        if (!SERVER_OWNED.has(name)) collect(part, ["metadata", name], fields);
    } else collect(value, [key], fields);
  }
  return fields;
}

function collect(value: AnyObject, path: readonly string[], fields: FieldSet): void {
  if (isMap(value) && Object.keys(value).length > 0) {
    for (const [key, part] of Object.entries(value)) collect(part, [...path, key], fields);
  } else fields.add(path.join(SEPARATOR));
}

export function at(object: AnyObject, field: string): AnyObject {
  return field.split(SEPARATOR).reduce((value: AnyObject, key) => (isMap(value) ? value[key] : undefined), object);
}

export function setAt(object: AnyObject, field: string, value: AnyObject): void {
  const path = field.split(SEPARATOR);
  const last = path.pop() ?? "";
  let parent = object;
  for (const key of path) {
    if (!isMap(parent[key])) parent[key] = {};
    parent = parent[key];
  }
  parent[last] = value;
}

export function removeAt(object: AnyObject, field: string): void {
  const path = field.split(SEPARATOR);
  const last = path.pop() ?? "";
  const parent = path.reduce((value: AnyObject, key) => (isMap(value) ? value[key] : undefined), object);
  if (isMap(parent)) delete parent[last];
}

export function sameValue(a: AnyObject, b: AnyObject): boolean {
  if (isMap(a) && isMap(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => sameValue(a[key], b[key]));
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  return a === b;
}

/** `.data.AWS_ACCESS_KEY_ID`, as conflicts name a field. */
export function describeField(field: string): string {
  return `.${field.split(SEPARATOR).join(".")}`;
}

/** FieldsV1: `{"f:data": {"f:KEY": {}}}`. */
export function encodeFields(fields: FieldSet): AnyObject {
  const root: AnyObject = {};
  for (const field of fields) {
    let node = root;
    for (const key of field.split(SEPARATOR)) node = node[`f:${key}`] ??= {};
  }
  return root;
}

export function decodeFields(encoded: AnyObject): FieldSet {
  const fields: FieldSet = new Set();
  const walk = (node: AnyObject, path: readonly string[]): void => {
    const keys = Object.keys(node).filter((key) => key.startsWith("f:"));
    if (keys.length === 0 && path.length > 0) fields.add(path.join(SEPARATOR));
    for (const key of keys) walk(node[key], [...path, key.slice(2)]);
  };
  walk(encoded ?? {}, []);
  return fields;
}

export function isMap(value: unknown): value is Record<string, AnyObject> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
