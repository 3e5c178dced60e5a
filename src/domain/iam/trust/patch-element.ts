import { nearest } from "../../text.ts";
import { isOwnClaim, kindOfKey } from "./condition-key.ts";
import { addTest, append, removeTest, type Operation } from "./edit-document.ts";
import type { Operator } from "./operator.ts";
import { valuesOf, type RequestContext } from "./request-context.ts";
import type { TrustStatement } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

/**
 * The change of the very element that a finding blames; undefined where there is none, or it is not ours to make. Whether
 * it changes anything for others is asked afterwards.
 */
export function patchElement(
  document: unknown,
  { cause, path, want, has }: TrustFinding,
  statement: TrustStatement,
  context: RequestContext,
): Operation[] | undefined {
  const { issuer = "" } = context;
  const [sub] = valuesOf(context.lookup(`${issuer}:sub`));
  const [audience] = valuesOf(context.lookup(`${issuer}:aud`));
  const test = statement.tests.find((one) => one.path === path || one.values.some((value) => value.path === path));
  switch (cause) {
    case "irsa.federated-host-typo":
    case "irsa.federated-not-arn":
    case "irsa.federated-wrong-account":
    case "irsa.federated-wrong-partition":
    case "irsa.sub-case":
    case "irsa.sub-format":
    case "irsa.stringequals-wildcard":
    case "irsa.aud-under-sub-key":
      return want === undefined ? undefined : [{ op: "replace", path, value: want }];
    case "irsa.trust-action":
      return action(document, path, statement, want);
    case "epi.trust-no-tagsession":
    case "epi.trust-action":
      return missingActions(statement, context);
    case "irsa.sub-namespace":
    case "irsa.sub-serviceaccount":
      return test === undefined || sub === undefined ? undefined : [append(document, test.path, sub)];
    case "irsa.sub-under-aud-key":
      return audience === undefined || sub === undefined
        ? undefined
        : swapped(document, path, statement, { issuer, sub, audience });
    case "irsa.token-wrong-audience": {
      if (test === undefined || audience === undefined) return undefined;
      const slip = has !== undefined && nearest(has, [audience]) !== undefined;
      return [
        slip && test.values.length === 1
          ? { op: "replace", path, value: audience }
          : append(document, test.path, audience),
      ];
    }
    case "irsa.condition-other-issuer":
      return test === undefined ? undefined : renamed(document, test, statement, context);
    case "irsa.condition-multiple-ands":
      return namesSubject(statement, issuer) ? [removeTest(document, path)] : undefined;
    case "irsa.extra-condition":
      // Nothing else than removing helps where the key can never be there; a condition on the rest may be meant.
      return test !== undefined && context.lookup(test.key).state === "absent" && namesSubject(statement, issuer)
        ? [removeTest(document, path)]
        : undefined;
    case "epi.trust-condition-mismatch":
      return test === undefined || want === undefined || test.operator?.negated !== false
        ? undefined
        : [append(document, test.path, want)];
    default:
      return undefined;
  }
}

/** What is left of a statement must not be open to everyone, even where another one already is. */
function namesSubject({ tests }: TrustStatement, issuer: string): boolean {
  return tests.some(({ key, operator }) => isOwnClaim(key, "sub", issuer) && operator?.negated === false);
}

function action(
  document: unknown,
  path: string,
  { actions, principal }: TrustStatement,
  want: string | undefined,
): Operation[] | undefined {
  if (actions === undefined || actions.not || want === undefined) return undefined;
  const alone = principal?.any === false && principal.entries.every(({ kind }) => kind === "Federated");
  const one = actions.items.length === 1 && path === actions.items[0]?.path;
  return [alone && one ? { op: "replace", path, value: want } : append(document, actions.path, want)];
}

function missingActions({ actions }: TrustStatement, { actions: needed }: RequestContext): Operation[] | undefined {
  if (actions === undefined || actions.not) return undefined;
  const texts = actions.items.map(({ text }) => text);
  const missing = needed.filter((name) => !texts.some((text) => text.toLowerCase() === name.toLowerCase()));
  return [{ op: "replace", path: actions.path, value: [...texts, ...missing] }];
}

/** The audience goes back under `:aud`, the subject under `:sub`. */
function swapped(
  document: unknown,
  path: string,
  statement: TrustStatement,
  { issuer, sub, audience }: { issuer: string; sub: string; audience: string },
): Operation[] {
  const there = statement.tests.some(({ key, operator }) => isOwnClaim(key, "sub", issuer) && isPlain(operator));
  const back: Operation = { op: "replace", path, value: audience };
  return there ? [back] : [back, addTest(document, statement.path, "StringEquals", `${issuer}:sub`, sub)];
}

/** The same test on the claim of this issuer. One that names others beside the asker is theirs. */
function renamed(
  document: unknown,
  test: TrustStatement["tests"][number],
  { path, tests }: TrustStatement,
  { issuer = "", lookup }: RequestContext,
): Operation[] | undefined {
  const kind = kindOfKey(test.key, issuer);
  if (kind.kind !== "other") return undefined;
  const [mine] = valuesOf(lookup(`${issuer}:${kind.claim}`));
  if (mine === undefined) return undefined;
  const there = tests.some(({ key, operator }) => isOwnClaim(key, kind.claim, issuer) && isPlain(operator));
  // Alone in its condition it would take the condition along, so the new one comes first.
  const added = there
    ? []
    : [
        addTest(
          document,
          path,
          test.operator?.set === undefined ? test.written : "StringEquals",
          `${issuer}:${kind.claim}`,
          mine,
        ),
      ];
  return [...added, { op: "remove", path: test.path }];
}

/** It holds for the values that it names and for no others. */
function isPlain(operator: Operator | undefined): boolean {
  return operator?.family === "String" && !operator.negated && !operator.ifExists && operator.set !== "ForAllValues";
}
