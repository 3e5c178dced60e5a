import type { PolicyTest } from "./policy-types.ts";
import { fits, type Fit } from "./s3-pattern.ts";

/** The `s3:prefix` that a request brings: a text, none at all, or one that we do not know. */
export type RequestPrefix = { readonly text: string } | "absent" | "unknown";

/** Keys that only a listing brings (Service Authorization Reference, condition keys of Amazon S3). */
const OF_LISTINGS = new Set(["s3:prefix", "s3:delimiter", "s3:max-keys"]);
const LISTINGS = new Set(["ListBucket", "ListBucketVersions"]);

export function isPrefixTest(test: PolicyTest): boolean {
  return test.key.toLowerCase() === "s3:prefix";
}

/**
 * Does the request meet the test? Told for the keys of a listing; any other key is for the request to bring, and the
 * answer is `maybe`.
 */
export function meets(test: PolicyTest, action: string, prefix: RequestPrefix, variables: boolean): Fit {
  if (!OF_LISTINGS.has(test.key.toLowerCase())) return "maybe";
  // Whether a listing of uploads brings the prefix as a key is documented nowhere.
  if (action === "ListBucketMultipartUploads") return "maybe";
  if (!LISTINGS.has(action)) return compare(test, "absent", variables);
  if (!isPrefixTest(test)) return "maybe";
  // An empty prefix may be sent or left out, and a set operator takes it for none.
  if (prefix !== "unknown" && prefix !== "absent" && prefix.text === "") {
    const sent = compare(test, prefix, variables);
    return sent === compare(test, "absent", variables) ? sent : "maybe";
  }
  return compare(test, prefix, variables);
}

/**
 * Operators as the IAM User Guide has them ("Condition operators"): several values are alternatives, a negated operator
 * refuses all of them, and a missing key fails a positive operator and meets a negated one. The key has one value, so a
 * set operator differs for a missing key alone: `ForAllValues` is met, `ForAnyValue` is not.
 */
function compare(test: PolicyTest, prefix: RequestPrefix, variables: boolean): Fit {
  const [, set = "", base = "", ifExists] =
    /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/i.exec(test.operator) ?? [];
  if (prefix === "unknown" || test.values.length === 0) return "maybe";
  if (base.toLowerCase() === "null") return isNull(test.values, prefix === "absent");
  const match = /^String(Not)?(Equals|EqualsIgnoreCase|Like)$/i.exec(base);
  if (match === null) return "maybe";
  const negated = match[1] !== undefined;
  if (prefix === "absent") {
    if (set.toLowerCase() === "forallvalues:") return "yes";
    // The one operator says no of a missing key, and the other yes; what both say together is documented nowhere.
    if (set !== "") return ifExists === undefined ? "no" : "maybe";
    return negated || ifExists !== undefined ? "yes" : "no";
  }
  const kind = match[2]?.toLowerCase();
  const reading = { wildcards: kind === "like", variables, ignoreCase: kind === "equalsignorecase" };
  const best = bestOf(test.values.map((value) => fits(value, prefix.text, reading)));
  return negated ? opposite(best) : best;
}

function isNull(values: readonly string[], absent: boolean): Fit {
  return values.some((value) => value.toLowerCase() === String(absent)) ? "yes" : "no";
}

export function bestOf(all: readonly Fit[]): Fit {
  return all.includes("yes") ? "yes" : all.includes("maybe") ? "maybe" : "no";
}

export function worstOf(all: readonly Fit[]): Fit {
  return all.includes("no") ? "no" : all.includes("maybe") ? "maybe" : "yes";
}

export function opposite(fit: Fit): Fit {
  return fit === "yes" ? "no" : fit === "no" ? "yes" : "maybe";
}
