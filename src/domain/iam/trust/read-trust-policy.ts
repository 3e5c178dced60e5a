import { isRecord } from "../policy-reader.ts";
import { readJson, NotJson, type JsonText } from "./json-text.ts";
import { sizeProblems } from "./trust-size.ts";
import type { TrustDocument } from "./trust-document.ts";
import { trustFinding } from "./trust-finding.ts";
import type { Place, TrustFinding } from "./trust-types.ts";

/** Limit of the IAM API for the text of a policy (parameter PolicyDocument). */
const LONGEST = 131_072;

export type TrustReading =
  | { readonly document: TrustDocument }
  | { readonly problem: string; readonly place: Place | undefined };

/**
 * Reads a trust policy: JSON, also percent-encoded as `GetRole` returns it, or with `Role.AssumeRolePolicyDocument`
 * around it as `aws iam get-role` prints it. Never throws; `problem` where there is nothing to judge.
 */
export function readTrustPolicy(text: string): TrustReading {
  if (text.length > 3 * LONGEST) return { problem: tooLong(text), place: undefined };
  const decoded = decodePercent(text);
  if (decoded === undefined) return { problem: "is percent-encoded, and not rightly so", place: undefined };
  // The reader of a file has mostly taken the mark off; JSON has none.
  const policy = decoded.startsWith("\ufeff") ? decoded.slice(1) : decoded;
  if (policy.length > LONGEST) return { problem: tooLong(policy), place: undefined };
  const placeAt = placesIn(policy);
  let json: JsonText;
  try {
    json = readJson(policy);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return { problem: error.message, place: placeAt(error.offset) };
  }
  return documentOf(policy, json, placeAt);
}

function documentOf(text: string, json: JsonText, placeAt: (offset: number) => Place): TrustReading {
  const { root, at, roleArn } = unwrap(json.value);
  if (typeof root === "string" && at !== "") return encodedInside(root, roleArn, placeAt(json.offsets.get(at) ?? 0));
  if (!isRecord(root))
    return { problem: "is no trust policy: that is a JSON object with Statement", place: placeAt(0) };
  const missing = noStatement(root);
  if (missing !== undefined) {
    const offset = json.offsets.get(`${at}/${missing.key}`) ?? json.offsets.get(at) ?? 0;
    return { problem: missing.problem, place: placeAt(offset) };
  }
  const place = (path: string): Place | undefined => {
    for (let rest = `${at}${path}`; ; rest = rest.slice(0, rest.lastIndexOf("/"))) {
      const offset = json.offsets.get(rest);
      if (offset !== undefined) return placeAt(offset);
      if (rest === "") return undefined;
    }
  };
  const inside = (path: string): string => (path.startsWith(at) ? path.slice(at.length) : "");
  const problems = json.problems.map((problem): TrustFinding => {
    const message = `IAM takes no such JSON: ${problem.message}`;
    return trustFinding("irsa.trust-json", "error", inside(problem.path), message, { place: placeAt(problem.offset) });
  });
  const size = at === "" ? sizeOf(text) : sizeOf(JSON.stringify(root));
  return { document: { value: root, problems: [...problems, ...sizeProblems(size)], size, roleArn, place } };
}

/** Why there is nothing to judge. */
function noStatement(root: Record<string, unknown>): { problem: string; key: string } | undefined {
  const statement = root["Statement"];
  const listed: unknown[] = Array.isArray(statement) ? statement : [statement];
  if (statement !== undefined && (listed.length === 0 || listed.some(isRecord))) return undefined;
  if (statement !== undefined)
    return { problem: "has a Statement that is none: that is a JSON object, or a list of them", key: "Statement" };
  const misspelt = Object.keys(root).find((key) => /^statements?$/i.test(key));
  if (misspelt !== undefined) return { problem: `has ${misspelt}, which is written Statement`, key: misspelt };
  return { problem: "is no trust policy: it has no Statement", key: "" };
}

/** IAM User Guide, "IAM and AWS STS quotas": white space is not counted. */
function sizeOf(text: string): number {
  return text.replace(/\s+/g, "").length;
}

function tooLong(text: string): string {
  return `has ${text.length} characters; IAM takes ${LONGEST} at most`;
}

function decodePercent(text: string): string | undefined {
  if (!/^\s*%(7b|EF%BB%BF%7b|0a|20|22)/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A policy that stands as one text in the answer, as the API gives it: everything in it is where that text is. */
function encodedInside(text: string, roleArn: string | undefined, place: Place): TrustReading {
  const reading = readTrustPolicy(text);
  if (!("document" in reading)) return { ...reading, place };
  const { document } = reading;
  const problems = document.problems.map((problem) => ({ ...problem, place }));
  return { document: { ...document, problems, roleArn, place: () => place } };
}

/** The policy inside an answer of `aws iam get-role` or `create-role`. */
function unwrap(value: unknown): { root: unknown; at: string; roleArn: string | undefined } {
  if (!isRecord(value) || value["Statement"] !== undefined) return { root: value, at: "", roleArn: undefined };
  const inRole = isRecord(value["Role"]);
  const role = inRole ? (value["Role"] as Record<string, unknown>) : value;
  const document = role["AssumeRolePolicyDocument"];
  if (!isRecord(document) && typeof document !== "string") return { root: value, at: "", roleArn: undefined };
  const roleArn = typeof role["Arn"] === "string" ? role["Arn"] : undefined;
  return { root: document, at: `${inRole ? "/Role" : ""}/AssumeRolePolicyDocument`, roleArn };
}

/** Line and column of an offset. */
function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return (offset) => {
    let [line, past] = [0, starts.length];
    while (past - line > 1) {
      const middle = (line + past) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle;
      else past = middle;
    }
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}
