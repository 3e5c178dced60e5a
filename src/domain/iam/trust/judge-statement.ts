import { fits } from "../s3-pattern.ts";
import { judgeTest, type Verdict } from "./judge-test.ts";
import type { RequestContext } from "./request-context.ts";
import { and, not, or, truthOf } from "./truth.ts";
import type { TrustActions, TrustPrincipal, TrustStatement, TrustTest } from "./trust-statement.ts";
import type { Truth } from "./trust-types.ts";

/** What a statement comes to, part by part. */
export interface StatementVerdict {
  readonly statement: TrustStatement;
  readonly principal: Truth;
  /** Per action that the request needs, in their order. */
  readonly actions: readonly Truth[];
  readonly tests: readonly (Verdict & { readonly test: TrustTest })[];
  /** All but the action. */
  readonly rest: Truth;
  /** The statement as a whole, for any of the actions. */
  readonly matches: Truth;
}

export function judgeStatement(
  statement: TrustStatement,
  context: RequestContext,
  variables: boolean,
): StatementVerdict {
  const principal = judgePrincipal(statement.principal, context);
  const actions = context.actions.map((action) => judgeAction(statement.actions, action));
  const tests = statement.tests.map((test) => ({ test, ...judgeTest(test, context.lookup, variables) }));
  const effect: Truth = statement.effectGuessed ? "unknown" : "true";
  const rest = and([effect, principal, ...tests.map(({ truth }) => truth)]);
  return { statement, principal, actions, tests, rest, matches: and([rest, or(actions)]) };
}

function judgePrincipal(principal: TrustPrincipal | undefined, context: RequestContext): Truth {
  if (principal === undefined) return "unknown";
  const { issuer, principals, kind } = context;
  const candidates = principal.entries.filter((entry) => entry.kind === kind);
  let named: Truth;
  if (principal.any) named = "true";
  else if (candidates.length === 0) named = "false";
  // Without the account nothing in the policy is a provider's ARN: it would have told the account.
  else if (principals === undefined) named = issuer === undefined ? "unknown" : "false";
  else named = truthOf(candidates.some(({ text }) => principals.includes(text)));
  return principal.not ? not(named) : named;
}

/** Names of actions are compared without regard to large and small letters. */
export function judgeAction(actions: TrustActions | undefined, action: string): Truth {
  if (actions === undefined) return "unknown";
  const named = actions.items.some(({ text }) => covers(text, action));
  return truthOf(named !== actions.not);
}

export function covers(pattern: string, action: string): boolean {
  return fits(pattern, action, { wildcards: true, variables: false, ignoreCase: true }) === "yes";
}
