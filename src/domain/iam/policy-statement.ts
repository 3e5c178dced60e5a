import { nearest } from "../text.ts";
import { isRecord, Malformed, pointer } from "./policy-reader.ts";
import type { PolicyStatement, PolicyTest, PolicyText, PolicyTexts } from "./policy-types.ts";

const KEYS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"] as const;

/** Of an ARN (IAM and STS quotas), and so of what a condition compares with. */
const LONGEST = 2048;

/** One statement of an identity policy. */
export function readStatement(value: unknown, path: string): PolicyStatement {
  if (!isRecord(value)) throw new Malformed(path, "a statement is a JSON object");
  for (const key of Object.keys(value)) refuseUnknown(key, path);

  const { Sid: sid, Effect: effect } = value;
  if (sid !== undefined && typeof sid !== "string") throw new Malformed(`${path}/Sid`, "Sid is text");
  if (effect === undefined) throw new Malformed(path, "the statement has no Effect");
  if (effect !== "Allow" && effect !== "Deny") throw new Malformed(`${path}/Effect`, "Effect is Allow or Deny");
  const actions = readTexts(value, "Action", path);
  for (const action of actions.items) {
    if (!/^(\*|[^:]+:.+)$/s.test(action.text) || action.text.length > LONGEST) {
      throw new Malformed(action.path, `an action has the name of its service in front, as in s3:GetObject`);
    }
  }
  const resources = readTexts(value, "Resource", path);
  for (const resource of resources.items) {
    if (resource.text.length > LONGEST) throw new Malformed(resource.path, "an ARN has at most 2048 characters");
  }
  return { path, sid, effect, actions, resources, tests: readCondition(value["Condition"], `${path}/Condition`) };
}

function refuseUnknown(key: string, path: string): void {
  if ((KEYS as readonly string[]).includes(key)) return;
  if (key === "Principal" || key === "NotPrincipal") {
    throw new Malformed(
      pointer(path, key),
      `a statement with ${key} belongs to a trust policy or a bucket policy; in an identity policy there is none`,
    );
  }
  const meant = nearest(key, KEYS);
  throw new Malformed(
    pointer(path, key),
    `a statement has no ${key}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

/** One of `Action` and `NotAction`, or of `Resource` and `NotResource`: both or neither is refused by IAM. */
function readTexts(statement: Record<string, unknown>, key: "Action" | "Resource", path: string): PolicyTexts {
  const negated = `Not${key}`;
  const not = statement[negated] !== undefined;
  if (not && statement[key] !== undefined) {
    throw new Malformed(`${path}/${negated}`, `a statement has ${key} or ${negated}, not both`);
  }
  const name = not ? negated : key;
  const value = statement[name];
  if (value === undefined) throw new Malformed(path, `the statement has no ${key}`);
  const at = `${path}/${name}`;
  const items = Array.isArray(value)
    ? value.map((item: unknown, i) => readText(item, `${at}/${i}`))
    : [readText(value, at)];
  return { not, items, path: at };
}

function readText(value: unknown, path: string): PolicyText {
  if (typeof value === "string") return { text: value, path };
  const template = isRecord(value) && Object.keys(value).some((key) => key === "Ref" || key.startsWith("Fn::"));
  throw new Malformed(
    path,
    template ? "this is a template; render it first, then look at what it makes" : "here is text wanted",
  );
}

function readCondition(value: unknown, path: string): PolicyTest[] {
  if (value === undefined) return [];
  if (!isRecord(value)) throw new Malformed(path, "Condition is an object of operators");
  return Object.entries(value).flatMap(([operator, keys]) => {
    const at = pointer(path, operator);
    if (!isRecord(keys)) throw new Malformed(at, `${operator} holds an object of condition keys`);
    return Object.entries(keys).map(([key, values]) => {
      const where = pointer(at, key);
      return { operator, key, values: readValues(values, where), path: where };
    });
  });
}

function readValues(value: unknown, path: string): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.map((item, i) => {
    if (typeof item === "string" && item.length <= LONGEST) return item;
    if (typeof item === "number" || typeof item === "boolean") return String(item);
    throw new Malformed(
      Array.isArray(value) ? `${path}/${i}` : path,
      "a condition compares with text of at most 2048 characters",
    );
  });
}
