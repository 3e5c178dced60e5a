import { escaped } from "../s3-pattern.ts";
import type { Lookup } from "./request-context.ts";

/**
 * A value of a policy with its policy variables put in, as a pattern in which `${*}` is a plain star; a variable that is
 * not known stays. Undefined where a variable has no value and no default: then nothing equals it (IAM User Guide,
 * "IAM policy elements: Variables and tags", "Policy variables with no value").
 */
export function resolveVariables(text: string, lookup: (key: string) => Lookup): string | undefined {
  let missing = false;
  // After the last bracket a `${` is two plain characters.
  const end = text.lastIndexOf("}") + 1;
  const resolved = text.slice(0, end).replace(/\$\{([^}]*)\}/g, (whole, inside: string) => {
    if (/^[*?$]$/.test(inside)) return whole;
    const { key, fallback } = partsOf(inside);
    const found = lookup(key);
    if (found.state === "absent" || (found.state === "values" && found.values.length === 0)) {
      missing ||= fallback === undefined;
      return escaped(fallback ?? "");
    }
    // A key with several values cannot be a variable; what AWS makes of one is not documented.
    const [only, ...more] = found.state === "values" ? found.values : [];
    return only === undefined || more.length > 0 ? whole : escaped(only);
  });
  return missing ? undefined : resolved + text.slice(end).replaceAll("$", "${$}");
}

/** `key` or `key, 'default'`. */
function partsOf(inside: string): { key: string; fallback: string | undefined } {
  const comma = inside.indexOf(",");
  const quoted = inside.slice(comma + 1).trim();
  if (comma < 0 || quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'"))
    return { key: inside.trim(), fallback: undefined };
  return { key: inside.slice(0, comma).trim(), fallback: quoted.slice(1, -1) };
}
