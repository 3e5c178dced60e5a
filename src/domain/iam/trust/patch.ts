import { distinctBy } from "../../distinct.ts";
import { closestAllow } from "./closest-statement.ts";
import { decide, type Decision } from "./decide.ts";
import { addStatement, applyOperations, type Operation } from "./edit-document.ts";
import { explainAllow } from "./explain-denial.ts";
import { mendMalformed } from "./mend-malformed.ts";
import { isNeutral } from "./neutrality.ts";
import { ownStatement } from "./own-statement.ts";
import { parseTrustPolicy } from "./parse-trust-policy.ts";
import { patchDeny } from "./patch-deny.ts";
import { patchElement } from "./patch-element.ts";
import type { RequestContext } from "./request-context.ts";
import type { TrustDocument } from "./trust-document.ts";
import type { TrustPolicy, TrustStatement } from "./trust-statement.ts";
import type { TrustFinding, TrustPatch } from "./trust-types.ts";

export type Patching = { readonly patch: TrustPatch } | { readonly patch: undefined; readonly why: string | undefined };

/** Denies that are taken back one by one, and the Allow; more of them are for a person to look at. */
const MOST_TURNS = 20;

interface State {
  readonly value: Readonly<Record<string, unknown>>;
  readonly policy: TrustPolicy;
  readonly decision: Decision;
}

/**
 * The smallest change after which the request is allowed, tried out: the policy is judged again with it, and no verdict
 * of anyone else may be another. First the element that is wrong is set right; where that would change something for
 * somebody else, a statement of the request's own is added.
 */
export function patchFor(
  document: TrustDocument,
  policy: TrustPolicy,
  context: RequestContext,
  decision: Decision,
): Patching {
  if (decision.decision === "allow") return { patch: undefined, why: undefined };
  const start: State = { value: document.value, policy, decision };
  const operations: Operation[] = [];
  let state = start;
  // What is mended may hide more: the content of a misspelt element is not looked at.
  for (let turn = 0; turn < 3; turn++) {
    const mended = mendMalformed(state.value, parseTrustPolicy(state).problems);
    if (mended.length === 0) break;
    operations.push(...mended);
    state = after(state, mended, context);
  }
  for (let turn = 0; state.decision.decision !== "allow" && turn < MOST_TURNS; turn++) {
    const step = stepFrom(state, context);
    if (typeof step === "string") return { patch: undefined, why: step };
    operations.push(...step);
    state = after(state, step, context);
  }
  const [refused] = parseTrustPolicy(state).problems;
  if (refused !== undefined) return { patch: undefined, why: `IAM would not take the policy: ${refused.message}` };
  if (state.decision.decision !== "allow" || !isNeutral(start.policy, state.policy, context))
    return { patch: undefined, why: "no change of this policy alone lets the request in and nobody else" };
  return { patch: { operations, document: state.value } };
}

function after(state: State, operations: readonly Operation[], context: RequestContext): State {
  const value = applyOperations(state.value, operations);
  const { policy } = parseTrustPolicy({ value });
  return { value, policy, decision: decide(policy, context) };
}

/** The next change, or why there is none. */
function stepFrom(state: State, context: RequestContext): readonly Operation[] | string {
  const { verdicts, actions } = state.decision;
  const denying = verdicts.find(({ statement, matches }) => statement.effect === "Deny" && matches !== "false");
  if (denying !== undefined) {
    if (denying.matches === "unknown") return "whether a Deny holds cannot be told from here";
    return (
      patchDeny(state.value, denying, context) ??
      "the Deny is meant for more than this subject; that is for a person to change"
    );
  }
  if (actions.every(({ allowed }) => allowed === "true")) return "nothing is missing";
  const closest = closestAllow(verdicts, state.policy, context);
  const faults = closest === undefined ? [] : explainAllow(closest, state.decision, state.policy, context);
  if (
    closest !== undefined &&
    closest.tests.some(({ truth, test }) => truth === "unknown" && test.operator !== undefined)
  )
    return "whether a condition holds cannot be told from here";
  const meant = faults.find(({ cause, path }) => cause === "irsa.extra-condition" && isMeant(path));
  if (meant !== undefined)
    return "a condition on something other than the subject keeps the request out; whether it is meant to is for a person to say";
  const whole = closest === undefined ? [] : elementsOf(state.value, faults, closest.statement, context);
  if (whole.length > 0 && fits(state, whole, context)) return whole;
  const own = ownStatement(context);
  if (own === undefined) return "the account of the role, the subject or the audience is not known";
  const added = [addStatement(state.value, own)];
  return fits(state, added, context) ? added : "a statement for the request alone would change what others may do";

  function isMeant(path: string): boolean {
    const test = closest?.statement.tests.find((one) => one.path === path);
    return (
      test !== undefined &&
      context.lookup(test.key).state === "values" &&
      !test.key.toLowerCase().startsWith(`${context.issuer}:`.toLowerCase())
    );
  }
}

/** A statement with more faults than these was meant for somebody else. */
const MOST = 20;

/** The changes of all elements that are wrong, each on what the one before left; none where one of them cannot be made. */
function elementsOf(
  document: State["value"],
  faults: readonly TrustFinding[],
  statement: TrustStatement,
  context: RequestContext,
): Operation[] {
  if (faults.length > MOST) return [];
  let value = document;
  const operations: Operation[] = [];
  for (const fault of distinctBy(faults, ({ path }) => path)) {
    const edit = patchElement(value, fault, statement, context);
    if (edit === undefined) return [];
    operations.push(...edit);
    value = applyOperations(value, edit);
  }
  return operations;
}

function fits(state: State, operations: readonly Operation[], context: RequestContext): boolean {
  const then = after(state, operations, context);
  return then.decision.decision === "allow" && isNeutral(state.policy, then.policy, context);
}
