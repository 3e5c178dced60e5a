/** What a condition is judged with. */
export interface Circumstances {
  /** Milliseconds. */
  readonly time: number;
  /** `projects/_/buckets/B/objects/K`. */
  readonly name: string;
  /** `storage.googleapis.com/Object`. */
  readonly type: string;
  readonly service: string;
}

const TIME = /^request\.time\s*(<=|>=|<|>)\s*timestamp\(\s*["']([^"']+)["']\s*\)$/;
const STARTS = /^resource\.(name|type|service)\.(startsWith|endsWith)\(\s*["']([^"']*)["']\s*\)$/;
const EQUALS = /^resource\.(name|type|service)\s*(==|!=)\s*["']([^"']*)["']$/;

/**
 * Whether a condition holds: the forms of CEL that the tests write, joined by `&&` and `||` without brackets. Any other
 * does not hold, as what cannot be evaluated does not at Google.
 */
export function holds(expression: string, circumstances: Circumstances): boolean {
  return expression
    .split("||")
    .some((either) => either.split("&&").every((part) => holdsAlone(part.trim(), circumstances)));
}

function holdsAlone(part: string, circumstances: Circumstances): boolean {
  if (part === "true") return true;
  const [, order, when] = TIME.exec(part) ?? [];
  if (order !== undefined && when !== undefined) {
    const limit = Date.parse(when);
    if (order === "<") return circumstances.time < limit;
    if (order === "<=") return circumstances.time <= limit;
    return order === ">" ? circumstances.time > limit : circumstances.time >= limit;
  }
  const [, attribute, method, text] = STARTS.exec(part) ?? EQUALS.exec(part) ?? [];
  if (attribute === undefined || text === undefined) return false;
  const value = circumstances[attribute as "name" | "type" | "service"];
  if (method === "startsWith") return value.startsWith(text);
  if (method === "endsWith") return value.endsWith(text);
  return (value === text) === (method === "==");
}
