import { BlockList, isIP } from "node:net";

import { list, resolved, wildcard } from "./patterns.ts";

type Context = ReadonlyMap<string, readonly string[]>;
type Compare = (value: string, wanted: string) => boolean;

const STRINGS: Readonly<Record<string, Compare>> = {
  stringequals: (value, wanted) => value === wanted,
  stringequalsignorecase: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  stringlike: (value, wanted) => wildcard(wanted, value),
  arnequals: arnLike,
  arnlike: arnLike,
  numericequals: (value, wanted) => Number(value) === Number(wanted),
  numericlessthan: (value, wanted) => Number(value) < Number(wanted),
  numericlessthanequals: (value, wanted) => Number(value) <= Number(wanted),
  numericgreaterthan: (value, wanted) => Number(value) > Number(wanted),
  numericgreaterthanequals: (value, wanted) => Number(value) >= Number(wanted),
  dateequals: (value, wanted) => time(value) === time(wanted),
  datelessthan: (value, wanted) => time(value) < time(wanted),
  datelessthanequals: (value, wanted) => time(value) <= time(wanted),
  dategreaterthan: (value, wanted) => time(value) > time(wanted),
  dategreaterthanequals: (value, wanted) => time(value) >= time(wanted),
  bool: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  binaryequals: (value, wanted) => value === wanted,
  ipaddress: inNetwork,
};

/** Operators that are the opposite of another. */
const OPPOSITES: Readonly<Record<string, string>> = {
  stringnotequals: "stringequals",
  stringnotequalsignorecase: "stringequalsignorecase",
  stringnotlike: "stringlike",
  arnnotequals: "arnequals",
  arnnotlike: "arnlike",
  numericnotequals: "numericequals",
  datenotequals: "dateequals",
  notipaddress: "ipaddress",
};

/** Whether every operator of a Condition element holds for every key in it. */
export function holds(condition: unknown, context: Context, variables: boolean): boolean {
  if (condition === undefined) return true;
  return Object.entries(condition as Record<string, Record<string, unknown>>).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const texts = list(wanted).map(String);
      return one(operator.toLowerCase(), context.get(key.toLowerCase()), texts, variables ? context : undefined);
    }),
  );
}

/** Of several values that are wanted one is enough; of a negated operator none may fit. */
function one(
  operator: string,
  values: readonly string[] | undefined,
  wanted: readonly string[],
  variables: Context | undefined,
): boolean {
  if (operator === "null") return (values === undefined) === (wanted[0] === "true");
  const [, set, name = operator, ifExists] = /^(forallvalues:|foranyvalue:)?(.*?)(ifexists)?$/.exec(operator) ?? [];
  const negated = OPPOSITES[name] !== undefined;
  const compare = STRINGS[OPPOSITES[name] ?? name];
  if (compare === undefined) return false;
  if (values === undefined || values.length === 0) {
    // There is no value of which any could fit, whatever IfExists says.
    if (set === "foranyvalue:") return false;
    return set === "forallvalues:" || ifExists !== undefined || negated;
  }
  const fits = (value: string): boolean => {
    const any = wanted.some((text) => {
      const pattern = variables === undefined ? text : resolved(text, variables);
      return pattern !== undefined && compare(value, pattern);
    });
    return any !== negated;
  };
  if (set === "forallvalues:") return values.every(fits);
  return values.some(fits);
}

/** Wildcards reach over no colon but those of the last part. */
function arnLike(value: string, wanted: string): boolean {
  const parts = (arn: string): string[] => /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(arn)?.slice(1) ?? [];
  const wants = parts(wanted);
  return wants.length > 0 && parts(value).length > 0 && parts(value).every((part, i) => wildcard(wants[i] ?? "", part));
}

function time(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function inNetwork(value: string, wanted: string): boolean {
  const [address = "", bits] = wanted.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (isIP(address) === 0 || isIP(value) === 0) return false;
  const network = new BlockList();
  network.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  return network.check(value, isIP(value) === 6 ? "ipv6" : "ipv4");
}
