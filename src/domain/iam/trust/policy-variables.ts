import { escaped } from "../s3-pattern.ts";
import type { Lookup } from "./request-context.ts";

/**
 * A value of a policy with its policy variables put in, as a pattern in which `${*}` is a plain star; a variable that is
 * not known stays. Undefined where a variable has no value and no default: then nothing equals it (IAM User Guide,
 * "IAM policy elements: Variables and tags", "Policy variables with no value").
 */
export function resolveVariables(text: string, lookup: (key: string) => Lookup): string | undefined {
  let missing = false;
  const resolved = text.replace(/\$\{([^}]*)\}/g, (whole, inside: string) => {
    if (/^[*?$]$/.test(inside)) return whole;
    const [, key = inside, fallback] = /^\s*(.*?)\s*,\s*'(.*)'\s*$/s.exec(inside) ?? [];
    const found = lookup(key.trim());
    if (found.state === "absent" || (found.state === "values" && found.values.length === 0)) {
      missing ||= fallback === undefined;
      return escaped(fallback ?? "");
    }
    // A key with several values cannot be a variable; what AWS makes of one is not documented.
    const [only, ...more] = found.state === "values" ? found.values : [];
    return only === undefined || more.length > 0 ? whole : escaped(only);
  });
  return missing ? undefined : resolved;
}
