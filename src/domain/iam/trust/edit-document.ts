import { isRecord } from "../policy-reader.ts";
import type { TrustPatch } from "./trust-types.ts";

export type Operation = TrustPatch["operations"][number];

/**
 * The document after the operations (RFC 6902), one after the other; the document given stays as it is.
 * @throws Error for a path that leads nowhere: an operation of ours that does not fit its document
 */
export function applyOperations<T>(document: T, operations: readonly Operation[]): T {
  // Policies are JSON: nothing in them is lost on the way.
  const copy = structuredClone(document);
  for (const operation of operations) applyOne(copy, operation);
  return copy;
}

function applyOne(document: unknown, { op, path, value }: Operation): void {
  const keys = keysOf(path);
  const last = keys.pop();
  const holder = keys.reduce(member, document);
  if (last === undefined) throw new Error("an operation replaces the whole policy");
  if (Array.isArray(holder)) {
    const index = last === "-" ? holder.length : Number(last);
    if (op === "add") holder.splice(index, 0, value);
    else if (op === "remove") holder.splice(index, 1);
    else holder[index] = value;
  } else if (isRecord(holder)) {
    if (op === "remove") delete holder[last];
    else Object.defineProperty(holder, last, { value, enumerable: true, configurable: true, writable: true });
  } else throw new Error(`nothing holds ${path}`);
}

/** What a JSON pointer leads to; undefined where there is nothing. */
export function valueAt(document: unknown, path: string): unknown {
  return keysOf(path).reduce(member, document);
}

function member(holder: unknown, key: string): unknown {
  if (Array.isArray(holder)) return (holder as unknown[])[Number(key)];
  return isRecord(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function keysOf(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Where the element stands that holds the one at `path`. */
export function holderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Adds a text to a text or a list of texts. */
export function append(document: unknown, path: string, text: string): Operation {
  const there = valueAt(document, path);
  return Array.isArray(there)
    ? { op: "add", path: `${path}/-`, value: text }
    : { op: "replace", path, value: [there, text] };
}

/** Adds a statement at the end. */
export function addStatement(document: unknown, statement: unknown): Operation {
  const there = valueAt(document, "/Statement");
  return Array.isArray(there)
    ? { op: "add", path: "/Statement/-", value: statement }
    : { op: "replace", path: "/Statement", value: [there, statement] };
}

/** Sets a condition key under an operator, which is made where it is not there. */
export function addTest(
  document: unknown,
  statement: string,
  operator: string,
  key: string,
  value: unknown,
): Operation {
  const condition = valueAt(document, `${statement}/Condition`);
  if (!isRecord(condition))
    return { op: "add", path: `${statement}/Condition`, value: { [operator]: { [key]: value } } };
  const at = `${statement}/Condition/${escapeKey(operator)}`;
  if (!isRecord(condition[operator])) return { op: "add", path: at, value: { [key]: value } };
  return { op: "add", path: `${at}/${escapeKey(key)}`, value };
}

/** Takes a condition key away, and its operator where it was the only one, and the condition likewise. */
export function removeTest(document: unknown, path: string): Operation {
  let target = path;
  for (let holder = holderOf(path); !holder.endsWith("/Condition"); holder = holderOf(holder)) {
    const there = valueAt(document, holder);
    if (!isRecord(there) || Object.keys(there).length > 1) break;
    target = holder;
  }
  const condition = holderOf(target);
  const all = valueAt(document, condition);
  if (condition.endsWith("/Condition") && isRecord(all) && Object.keys(all).length === 1) target = condition;
  return { op: "remove", path: target };
}

function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
