import { nearest } from "../../text.ts";

export type OperatorFamily = "String" | "Numeric" | "Date" | "Bool" | "Binary" | "Ip" | "Arn" | "Null";

/** A condition operator, taken apart (IAM User Guide, "IAM JSON policy elements: Condition operators"). */
export interface Operator {
  /** As AWS writes it, without set prefix and `IfExists`. */
  readonly name: string;
  readonly family: OperatorFamily;
  /** `…Not…`: true when no value matches, and when the key is missing. */
  readonly negated: boolean;
  readonly ifExists: boolean;
  readonly set: "ForAllValues" | "ForAnyValue" | undefined;
}

const FAMILIES: readonly (readonly [OperatorFamily, readonly string[]])[] = [
  ["String", ["StringEquals", "StringEqualsIgnoreCase", "StringLike"]],
  ["String", ["StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike"]],
  ["Numeric", ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"]],
  ["Numeric", ["NumericGreaterThan", "NumericGreaterThanEquals"]],
  ["Date", ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals"]],
  ["Date", ["DateGreaterThan", "DateGreaterThanEquals"]],
  ["Bool", ["Bool"]],
  ["Binary", ["BinaryEquals"]],
  ["Ip", ["IpAddress", "NotIpAddress"]],
  ["Arn", ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]],
  ["Null", ["Null"]],
];

const KNOWN = new Map(
  FAMILIES.flatMap(([family, names]) => names.map((name) => [name.toLowerCase(), { name, family }] as const)),
);

/** Undefined for what AWS does not have. Whether letters are large or small makes no difference to AWS. */
export function parseOperator(written: string): Operator | undefined {
  const [, set, rest = ""] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/is.exec(written) ?? [];
  const ifExists = /ifexists$/i.test(rest);
  const known = KNOWN.get((ifExists ? rest.slice(0, -"IfExists".length) : rest).toLowerCase());
  // "You can add IfExists to the end of any condition operator name except the Null condition."
  if (known === undefined || (known.family === "Null" && ifExists)) return undefined;
  return {
    ...known,
    negated: known.name.includes("Not"),
    ifExists,
    set: set === undefined ? undefined : /all/i.test(set) ? "ForAllValues" : "ForAnyValue",
  };
}

/** Well above the longest operator there is: what is longer is no slip of one. */
const LONGEST = 60;

/** The operator that was probably meant, whole. */
export function nearestOperator(written: string): string | undefined {
  const [, set = "", rest = ""] = /^([^:]*:)?(.*)$/s.exec(written) ?? [];
  if (written.length > LONGEST) return undefined;
  const names = [...KNOWN.values()].map(({ name }) => name);
  const withExists = names.filter((name) => name !== "Null").map((name) => `${name}IfExists`);
  const meant = nearest(rest, [...names, ...withExists]);
  const prefix = set === "" ? "" : nearest(set, ["ForAllValues:", "ForAnyValue:"]);
  return meant === undefined || prefix === undefined ? undefined : `${prefix}${meant}`;
}
