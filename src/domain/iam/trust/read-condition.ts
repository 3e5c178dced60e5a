import { isRecord, pointer } from "../policy-reader.ts";
import { nearestOperator, parseOperator } from "./operator.ts";
import type { Note } from "./read-statement.ts";
import type { TrustTest, TrustText } from "./trust-statement.ts";

/** The tests of a `Condition`; not `whole` where it is no condition at all. */
export function readCondition(value: unknown, path: string, note: Note): { tests: TrustTest[]; whole: boolean } {
  if (value === undefined) return { tests: [], whole: true };
  if (!isRecord(value)) {
    note(path, "Condition is an object of operators");
    return { tests: [], whole: false };
  }
  const tests = Object.entries(value).flatMap(([written, keys]) => readOperator(written, keys, path, note));
  return { tests, whole: true };
}

function readOperator(written: string, keys: unknown, path: string, note: Note): TrustTest[] {
  const at = pointer(path, written);
  const operator = parseOperator(written);
  const nothing = { operator: undefined, written, key: "", values: [], list: false, path: at };
  if (operator === undefined) {
    noteUnknown(written, isRecord(keys), at, note);
    if (!isRecord(keys)) return [nothing];
  }
  if (!isRecord(keys)) {
    note(at, `${written} holds an object of condition keys`);
    return [nothing];
  }
  return Object.entries(keys).map(([key, values]) => {
    const where = pointer(at, key);
    const read = readValues(values, where, note);
    const test = { written, key, list: Array.isArray(values), path: where };
    return read === undefined ? { ...test, operator: undefined, values: [] } : { ...test, operator, values: read };
  });
}

/** An operator that AWS does not have. What holds keys was meant to narrow; anything else is a comment. */
function noteUnknown(written: string, holdsKeys: boolean, path: string, note: Note): void {
  const message = `a condition has no operator ${written}`;
  const meant = holdsKeys ? nearestOperator(written) : undefined;
  if (meant !== undefined) note(path, `${message}; did you mean ${meant}?`, { want: meant, has: written });
  else if (holdsKeys) note(path, message, { has: written });
  else note(path, `${message}; a comment has no place in a policy`, { fix: `remove ${written}` });
}

/** "string", "number" or "Boolean", or a list of these. */
function readValues(value: unknown, path: string, note: Note): TrustText[] | undefined {
  const listed: unknown[] = Array.isArray(value) ? value : [value];
  const values: TrustText[] = [];
  listed.forEach((item, i) => {
    const where = Array.isArray(value) ? `${path}/${i}` : path;
    if (typeof item === "string" || typeof item === "number" || typeof item === "boolean")
      values.push({ text: String(item), path: where });
    else note(where, "a condition compares with text, a number, true or false");
  });
  return values.length < listed.length ? undefined : values;
}
