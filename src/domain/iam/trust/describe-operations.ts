import type { Operation } from "./edit-document.ts";

/** A change of a policy in words, one clause an operation. */
export function describeOperations(operations: readonly Operation[]): string {
  return operations.map(describe).join("; ");
}

function describe({ op, path, value }: Operation): string {
  const json = JSON.stringify(value);
  if (op === "remove") return `remove ${path}`;
  if (path === "/Statement/-") return `add the statement ${json}`;
  if (op === "add") return path.endsWith("/-") ? `add ${json} to ${path.slice(0, -2)}` : `add ${path}: ${json}`;
  return `set ${path} to ${json}`;
}
