import { compareValues } from "./compare-values.ts";
import type { Operator } from "./operator.ts";
import { resolveVariables } from "./policy-variables.ts";
import type { Lookup, RequestContext } from "./request-context.ts";
import { and, not, or, truthOf } from "./truth.ts";
import type { TrustTest } from "./trust-statement.ts";
import type { Truth } from "./trust-types.ts";

export interface Verdict {
  readonly truth: Truth;
  readonly because: string | undefined;
}

type Find = RequestContext["lookup"];

/**
 * One test of a condition, exactly as IAM does it (IAM User Guide, "Condition operators" and "Set operators for
 * multivalued context keys"). `variables`: the policy's language has policy variables.
 */
export function judgeTest(test: TrustTest, lookup: Find, variables: boolean): Verdict {
  const { operator, key } = test;
  if (operator === undefined) return { truth: "unknown", because: "IAM has no such condition" };
  const found = lookup(key);
  if (operator.family === "Null") return judgeNull(test, operator, found);
  if (found.state === "absent") return judgeMissing(operator, found.because);
  if (found.state === "values" && found.values.length === 0) return judgeMissing(operator, "it has no value");
  if (found.state !== "values") {
    const truth = whateverValue(test, operator);
    const same = truth !== "unknown" && (found.state === "present" || judgeMissing(operator, "").truth === truth);
    return same ? { truth, because: undefined } : { truth: "unknown", because: found.because };
  }
  return judgeValues(test, operator, found, lookup, variables);
}

/** What a test comes to for a key that is there, where that does not hang on the value. */
function whateverValue({ values }: TrustTest, { name, negated }: Operator): Truth {
  if (values.length === 0) return truthOf(negated);
  return name.endsWith("Like") && values.some(isAnything) ? truthOf(!negated) : "unknown";
}

function isAnything({ text }: { readonly text: string }): boolean {
  return /^\*+$/.test(text);
}

function judgeNull({ values }: TrustTest, { set }: Operator, found: Lookup): Verdict {
  if (set !== undefined) return { truth: "unknown", because: `AWS does not say what ${set}: does to Null` };
  if (found.state === "unknown") return { truth: "unknown", because: found.because };
  const missing = found.state === "absent" || (found.state === "values" && found.values.length === 0);
  const because = found.state === "absent" ? found.because : undefined;
  return { truth: or(values.map(({ text }) => nullAsks(text, missing))), because };
}

function nullAsks(text: string, missing: boolean): Truth {
  const asked = text.toLowerCase();
  return asked === "true" || asked === "false" ? truthOf((asked === "true") === missing) : "unknown";
}

/**
 * The request has no such key. `ForAnyValue:` "returns false" then, and an `IfExists` behind it changes nothing: it is
 * asked of each value, and there is none.
 */
function judgeMissing({ ifExists, set, negated }: Operator, why: string): Verdict {
  const because = `the request has no such key: ${why}`;
  if (set !== undefined) return { truth: truthOf(set === "ForAllValues"), because };
  return { truth: truthOf(negated || ifExists), because };
}

function judgeValues(
  test: TrustTest,
  operator: Operator,
  { values: given, several }: Extract<Lookup, { state: "values" }>,
  lookup: Find,
  variables: boolean,
): Verdict {
  // "You cannot use a policy variable with other operators": those of strings and ARNs alone have them.
  const open = variables && /^(String|Arn)$/.test(operator.family);
  const asked = test.values.map(({ text }) => (open ? resolveVariables(text, lookup) : text));
  const one = (value: string): Truth => {
    const any = or(
      asked.map((want) => (want === undefined ? "false" : compareValues(operator, want, value, variables))),
    );
    return operator.negated ? not(any) : any;
  };
  if (operator.set === "ForAllValues") {
    // "… or if the key values resolve to a null data set, such as an empty string."
    return settled(and(given.filter((value) => value !== "").map(one)));
  }
  if (operator.set === "ForAnyValue") return settled(or(given.map(one)));
  const [only = ""] = given;
  if (several !== true) return settled(one(only));
  const because = "a key that holds several values takes ForAnyValue: or ForAllValues: in front of the operator";
  return { truth: operator.negated ? "unknown" : "false", because };
}

function settled(truth: Truth): Verdict {
  return {
    truth,
    because: truth === "unknown" ? "a value of the policy cannot be compared without the request" : undefined,
  };
}
