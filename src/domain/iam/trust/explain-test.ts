import { shortList } from "../../text.ts";
import { kindOfKey, type KeyKind } from "./condition-key.ts";
import { slipOf } from "./explain-federated.ts";
import { askerOf, subFaults } from "./explain-sub.ts";
import type { StatementVerdict } from "./judge-statement.ts";
import { markDifference } from "./mark-difference.ts";
import { valuesOf, type Lookup, type RequestContext } from "./request-context.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustStatement, TrustTest } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

type TestVerdict = StatementVerdict["tests"][number];

/** Why a test of an Allow is false. */
export function testFaults(verdict: TestVerdict, statement: TrustStatement, context: RequestContext): TrustFinding[] {
  const { test } = verdict;
  const { operator } = test;
  if (operator === undefined) return [];
  const found = context.lookup(test.key);
  if (context.request.mechanism === "pod-identity") return [mismatch(verdict, found)];
  const key = kindOfKey(test.key, context.issuer);
  if (key.kind === "other" && !(operator.negated || operator.family === "Null"))
    return [otherIssuer(test, key, statement, context)];
  const compares =
    operator.family === "String" && !operator.negated && found.state === "values" && found.values.length === 1;
  if (key.kind === "own" && compares && key.claim === "sub") {
    const audiences = valuesOf(context.lookup(`${context.issuer}:aud`));
    return subFaults(test, askerOf(context.subject, found.values[0], audiences));
  }
  if (key.kind === "own" && compares && key.claim === "aud") return [wrongAudience(test, found.values, context)];
  return [extraCondition(verdict, found)];
}

function otherIssuer(
  test: TrustTest,
  key: Extract<KeyKind, { kind: "other" }>,
  statement: TrustStatement,
  { issuer = "" }: RequestContext,
): TrustFinding {
  const bare = test.key.includes("/") ? "the key has no colon in front of the claim" : "the key has no issuer in front";
  const slip = key.issuer === "" ? bare : slipOf(key.issuer, issuer);
  const more = {
    want: `${issuer}:${key.claim}`,
    has: test.key,
    marked: markDifference(test.key, `${issuer}:${key.claim}`),
  };
  const own = statement.tests.some((other) => kindOfKey(other.key, issuer).kind === "own");
  if (own && slip === undefined) {
    const message = `the statement asks for :${key.claim} of ${key.issuer} and for claims of ${issuer} at once, and no token has both; each cluster takes a statement of its own`;
    return trustFinding("irsa.condition-multiple-ands", "critical", test.path, message, more);
  }
  const message =
    slip ?? `the condition asks for :${key.claim} of ${key.issuer}, and this cluster's issuer is ${issuer}`;
  return trustFinding("irsa.condition-other-issuer", "critical", test.path, message, more);
}

function wrongAudience(test: TrustTest, given: readonly string[], { subject }: RequestContext): TrustFinding {
  const [value] = test.values;
  const sub = test.values.find(({ text }) => text.startsWith("system:serviceaccount:"));
  const want = given.join(", ");
  if (sub !== undefined && subject !== undefined) {
    const message = "the ServiceAccount stands under :aud, where the audience belongs";
    return trustFinding("irsa.sub-under-aud-key", "critical", sub.path, message, { want, has: sub.text });
  }
  const has = test.values.map(({ text }) => text).join(", ");
  const message = `the token is for ${shortList(given)}, and the policy wants ${shortList(test.values.map(({ text }) => text))}`;
  const single = test.values.length === 1 ? value : undefined;
  return trustFinding("irsa.token-wrong-audience", "critical", single?.path ?? test.path, message, {
    want,
    has,
    marked: single === undefined ? undefined : markDifference(single.text, want),
  });
}

/** A condition beyond issuer, audience and subject that keeps the asker out. */
function extraCondition({ test, because }: TestVerdict, found: Lookup): TrustFinding {
  const why = because === undefined ? "" : `: ${because}`;
  const message = `the condition ${test.written} on ${test.key} keeps the request out${why}`;
  return trustFinding("irsa.extra-condition", "error", test.path, message, compared(test, found));
}

function mismatch({ test, because }: TestVerdict, found: Lookup): TrustFinding {
  const wild = test.operator?.name === "StringEquals" && test.values.some(({ text }) => /[*?]/.test(text));
  const why = because ?? (wild ? "StringEquals takes * and ? for plain characters" : undefined);
  const message = `the condition ${test.written} on ${test.key} does not fit the request${why === undefined ? "" : `: ${why}`}`;
  return trustFinding("epi.trust-condition-mismatch", "critical", test.path, message, compared(test, found));
}

/** A condition that only the request itself can decide. */
export function undecidedTest(
  { test, because }: TestVerdict,
  effect: "Allow" | "Deny",
  context: RequestContext,
): TrustFinding {
  const cause = context.request.mechanism === "irsa" ? "irsa.extra-condition" : "epi.trust-condition-mismatch";
  const what = effect === "Allow" ? "is needed" : "would deny it";
  const message = `whether ${test.written} on ${test.key} holds cannot be told from here (${because ?? "it is not known"}), and it ${what}`;
  return trustFinding(cause, "warning", test.path, message, compared(test, context.lookup(test.key)));
}

function compared(test: TrustTest, found: Lookup): Pick<TrustFinding, "want" | "has" | "marked"> {
  const given = valuesOf(found);
  const texts = test.values.map(({ text }) => text);
  const [want] = given;
  const [has] = texts;
  const single = given.length === 1 && texts.length === 1 && want !== undefined && has !== undefined;
  return {
    want: given.length === 0 ? undefined : given.join(", "),
    has: texts.join(", "),
    marked: single && test.operator?.negated === false ? markDifference(has, want) : undefined,
  };
}
