import type { AnyObject } from "../follow.ts";
import { ApiError } from "./errors.ts";
import { isMap, sameValue } from "./fields.ts";

/** RFC 6902. A failed `test` and a path that is not there are refused as the API server words it. */
export function jsonPatch(object: AnyObject, operations: AnyObject): AnyObject {
  if (!Array.isArray(operations))
    throw new ApiError(
      400,
      "BadRequest",
      "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch",
    );
  const result = structuredClone(object);
  for (const { op, path, value } of operations) {
    const tokens = path
      .split("/")
      .slice(1)
      .map((token: string) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = tokens.pop();
    const parent = tokens.reduce((node: AnyObject, token: string) => node?.[token], result);
    if (parent === undefined || parent === null || last === undefined) throw refused();
    if (op === "test") {
      if (!sameValue(parent[last], value)) throw refused();
    } else if (op === "remove") {
      if (parent[last] === undefined) throw refused();
      if (Array.isArray(parent)) parent.splice(Number(last), 1);
      else delete parent[last];
    } else if (op === "add" || op === "replace") {
      if (op === "replace" && parent[last] === undefined) throw refused();
      if (Array.isArray(parent) && op === "add") parent.splice(last === "-" ? parent.length : Number(last), 0, value);
      else parent[last] = value;
    } else throw refused();
  }
  return result;
}

function refused(): ApiError {
  return new ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

/** RFC 7386. */
export function mergePatch(target: AnyObject, patch: AnyObject): AnyObject {
  if (!isMap(patch)) return patch;
  const result: AnyObject = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** The part of strategic merge patches that tests need: maps are merged, containers by name; other lists are refused. */
export function strategicPatch(target: AnyObject, patch: AnyObject, key = ""): AnyObject {
  if (Array.isArray(patch)) {
    if (key !== "containers")
      throw new ApiError(500, "InternalError", `this test server does not merge the list "${key}"`);
    const merged = [...(target ?? [])];
    for (const item of patch) {
      const i = merged.findIndex((other) => other.name === item.name);
      if (i < 0) merged.push(item);
      else merged[i] = strategicPatch(merged[i], item);
    }
    return merged;
  }
  if (!isMap(patch)) return patch;
  const result: AnyObject = isMap(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = strategicPatch(result[name], value, name);
  }
  return result;
}
