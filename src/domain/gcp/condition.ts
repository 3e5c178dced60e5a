/** What a condition is judged for: one permission on one resource, at one time. */
export interface ConditionContext {
  readonly now: Date;
  /** `resource.service`. */
  readonly service: string;
  /** `resource.type`. */
  readonly type: string;
  /** All names that are asked about begin with this. */
  readonly nameStart: string;
  /** There is one name alone, and it is that. */
  readonly exact: boolean;
}

type Verdict = "yes" | "no" | "maybe";

/**
 * The conditions of the Common Expression Language that people put on buckets and dates ("Overview of IAM Conditions"); all
 * others are `maybe`. `&&` and `||` are followed, whatever they join.
 */
export function judgeCondition(expression: string, context: ConditionContext): Verdict {
  const text = unwrapped(expression.trim());
  const either = split(text, "||");
  if (either.length > 1) return anyOf(either.map((part) => judgeCondition(part, context)));
  const both = split(text, "&&");
  if (both.length > 1) return allOf(both.map((part) => judgeCondition(part, context)));
  if (text.startsWith("!")) return not(judgeCondition(text.slice(1), context));
  if (text === "true") return "yes";
  if (text === "false") return "no";
  return timeOf(text, context) ?? resourceOf(text, context) ?? nameOf(text, context) ?? "maybe";
}

function anyOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("yes")) return "yes";
  return verdicts.includes("maybe") ? "maybe" : "no";
}

function allOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("no")) return "no";
  return verdicts.includes("maybe") ? "maybe" : "yes";
}

function not(verdict: Verdict): Verdict {
  return verdict === "maybe" ? verdict : verdict === "yes" ? "no" : "yes";
}

function timeOf(text: string, { now }: ConditionContext): Verdict | undefined {
  const [, operator, stamp = ""] = /^request\.time\s*(<=?|>=?)\s*timestamp\(\s*["']([^"']+)["']\s*\)$/.exec(text) ?? [];
  const bound = Date.parse(stamp);
  if (operator === undefined || Number.isNaN(bound)) return undefined;
  const earlier = operator.includes("=") ? now.getTime() <= bound : now.getTime() < bound;
  const later = operator.includes("=") ? now.getTime() >= bound : now.getTime() > bound;
  return (operator.startsWith("<") ? earlier : later) ? "yes" : "no";
}

function resourceOf(text: string, { service, type }: ConditionContext): Verdict | undefined {
  const [, what, operator, value] = /^resource\.(service|type)\s*(==|!=)\s*["']([^"']*)["']$/.exec(text) ?? [];
  if (what === undefined) return undefined;
  const same = value === (what === "service" ? service : type);
  return same === (operator === "==") ? "yes" : "no";
}

function nameOf(text: string, { nameStart, exact }: ConditionContext): Verdict | undefined {
  const start = /^resource\.name\.startsWith\(\s*["']([^"']*)["']\s*\)$/.exec(text)?.[1];
  if (start !== undefined) {
    if (nameStart.startsWith(start)) return "yes";
    return !exact && start.startsWith(nameStart) ? "maybe" : "no";
  }
  const [, operator, name = ""] = /^resource\.name\s*(==|!=)\s*["']([^"']*)["']$/.exec(text) ?? [];
  if (operator === undefined) return undefined;
  const same: Verdict = exact ? (name === nameStart ? "yes" : "no") : name.startsWith(nameStart) ? "maybe" : "no";
  return operator === "==" ? same : not(same);
}

/** The text without brackets that are around all of it. */
function unwrapped(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  let depth = 0;
  for (const [place, character] of outsideQuotes(text)) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth === 0 && place < text.length - 1) return text;
  }
  return unwrapped(text.slice(1, -1).trim());
}

function split(text: string, operator: "&&" | "||"): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const [place, character] of outsideQuotes(text)) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth > 0 || place < from || !text.startsWith(operator, place)) continue;
    parts.push(text.slice(from, place).trim());
    from = place + operator.length;
  }
  return [...parts, text.slice(from).trim()];
}

/** Characters that are not within a string, with their places. */
function* outsideQuotes(text: string): Generator<readonly [number, string]> {
  let quote: string | undefined;
  for (let place = 0; place < text.length; place++) {
    const character = text[place] ?? "";
    if (quote !== undefined) {
      if (character === "\\") place++;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else yield [place, character];
  }
}

/** Objects below a prefix of a bucket, or the bucket itself, which listing is asked of. */
export function storageContext(permission: string, bucket: string, prefix: string, now: Date): ConditionContext {
  const name = `projects/_/buckets/${bucket}`;
  const base = { now, service: "storage.googleapis.com" };
  if (permission === "storage.objects.list" || permission.startsWith("storage.buckets."))
    return { ...base, type: "storage.googleapis.com/Bucket", nameStart: name, exact: true };
  const start = `${name}/objects/${prefix === "" ? "" : `${prefix}/`}`;
  return { ...base, type: "storage.googleapis.com/Object", nameStart: start, exact: false };
}

/** A Google service account; its name ends with its unique id. */
export function accountContext(uniqueId: string, now: Date): ConditionContext {
  return {
    now,
    service: "iam.googleapis.com",
    type: "iam.googleapis.com/ServiceAccount",
    nameStart: `projects/-/serviceAccounts/${uniqueId}`,
    exact: true,
  };
}
