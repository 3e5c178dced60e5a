import { isOwnClaim } from "./condition-key.ts";
import { addTest, append, valueAt, type Operation } from "./edit-document.ts";
import type { StatementVerdict } from "./judge-statement.ts";
import { valuesOf, type RequestContext } from "./request-context.ts";
import type { TrustTest } from "./trust-statement.ts";

/**
 * The change after which a Deny no longer holds for this subject, and for everyone else as before. Undefined for a Deny
 * that does not look at the subject: that was meant for everyone, and is for a person to change.
 */
export function patchDeny(
  document: unknown,
  verdict: StatementVerdict,
  context: RequestContext,
): Operation[] | undefined {
  if (context.request.mechanism !== "irsa" || context.issuer === undefined) return undefined;
  const { issuer } = context;
  const { statement } = verdict;
  const [sub] = valuesOf(context.lookup(`${issuer}:sub`));
  const tests = statement.tests.filter(({ key }) => isOwnClaim(key, "sub", issuer));
  if (sub === undefined || tests.length === 0) return undefined;
  const negated = tests.find(({ operator }) => operator?.negated === true && operator.family === "String");
  if (negated !== undefined) return [append(document, negated.path, sub)];
  const named = tests.find(
    ({ operator, values }) => isPlainEquals(operator) && values.some(({ text }) => text === sub),
  );
  return named === undefined
    ? [addTest(document, statement.path, "StringNotEquals", `${issuer}:sub`, sub)]
    : unnamed(document, statement.path, named, sub);
}

/** Whoever does not have the key is not denied by it: with `IfExists` or `ForAllValues:` they are. */
function isPlainEquals(operator: TrustTest["operator"]): boolean {
  return operator?.name === "StringEquals" && !operator.ifExists && operator.set === undefined;
}

/** Takes the subject off the list of those who are denied; the last one takes the statement along. */
function unnamed(document: unknown, statement: string, { values }: TrustTest, sub: string): Operation[] {
  const others = values.filter(({ text }) => text !== sub);
  if (others.length > 0) {
    const mine = values.filter(({ text }) => text === sub);
    return mine.reverse().map(({ path }) => ({ op: "remove", path }));
  }
  return Array.isArray(valueAt(document, "/Statement"))
    ? [{ op: "remove", path: statement }]
    : [{ op: "replace", path: "/Statement", value: [] }];
}
