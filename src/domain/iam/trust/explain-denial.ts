import { closestAllow } from "./closest-statement.ts";
import type { Decision } from "./decide.ts";
import { actionFault } from "./explain-action.ts";
import { principalFault } from "./explain-principal.ts";
import { testFaults, undecidedTest } from "./explain-test.ts";
import type { StatementVerdict } from "./judge-statement.ts";
import type { RequestContext } from "./request-context.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustPolicy } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

/** Of several things wrong with one condition, that which explains the others comes first. */
const ORDER: readonly string[] = [
  "irsa.condition-multiple-ands",
  "irsa.condition-other-issuer",
  "irsa.sub-under-aud-key",
  "irsa.aud-under-sub-key",
];
const LAST: readonly string[] = ["irsa.token-wrong-audience", "irsa.extra-condition"];

/** Why the request is not allowed, or why that cannot be told; the cause first. */
export function explainDecision(decision: Decision, policy: TrustPolicy, context: RequestContext): TrustFinding[] {
  if (decision.decision === "allow") return [];
  const denies = decision.verdicts
    .filter(({ statement }) => statement.effect === "Deny")
    .flatMap((verdict) => explainDeny(verdict, context));
  const lacking = decision.actions.filter(({ allowed }) => allowed !== "true");
  if (lacking.length === 0) return denies;
  const closest = closestAllow(decision.verdicts, policy, context);
  if (closest === undefined) return [...denies, nobody(policy, context)];
  const decided = decision.decision === "deny" ? explainAllow(closest, decision, policy, context) : [];
  const open = closest.tests
    .filter(({ truth, test }) => truth === "unknown" && test.operator !== undefined)
    .map((verdict) => undecidedTest(verdict, "Allow", context));
  return [...denies, ...decided, ...open];
}

function explainDeny(verdict: StatementVerdict, context: RequestContext): TrustFinding[] {
  const { statement, tests } = verdict;
  if (verdict.matches === "false") return [];
  if (verdict.matches === "unknown") {
    return tests
      .filter(({ truth, test }) => truth === "unknown" && test.operator !== undefined)
      .map((one) => undecidedTest(one, "Deny", context));
  }
  const sid = statement.sid === undefined ? "" : ` (${statement.sid})`;
  const held = tests.map(({ test }) => `${test.written} ${test.key}`).join(" and ");
  const message =
    held === ""
      ? `a Deny${sid} without a condition takes the role away from the request, whatever allows it`
      : `a Deny${sid} takes the role away from the request, whatever allows it: ${held} holds`;
  return [trustFinding("irsa.explicit-deny", "critical", statement.path, message)];
}

/** What is wrong with the Allow that comes closest. */
export function explainAllow(
  closest: StatementVerdict,
  decision: Decision,
  policy: TrustPolicy,
  context: RequestContext,
): TrustFinding[] {
  const found: TrustFinding[] = [];
  let otherCluster = false;
  if (closest.principal === "false") {
    const { finding, other } = principalFault(closest.statement, policy, context);
    otherCluster = other;
    found.push(finding);
  }
  // A statement for somebody else is right for them; what else differs in it is no fault.
  if (otherCluster) return found;
  const action = anyLacking(closest, decision) ? actionFault(closest, context) : undefined;
  if (action !== undefined) found.push(action);
  const conditions = closest.tests
    .filter(({ truth }) => truth === "false")
    .flatMap((verdict) => testFaults(verdict, closest.statement, context));
  return [...found, ...conditions.sort((a, b) => orderOf(a) - orderOf(b))];
}

/** An action that this statement leaves out, and no other allows. */
function anyLacking({ actions }: StatementVerdict, decision: Decision): boolean {
  return actions.some((truth, i) => truth === "false" && decision.actions[i]?.allowed !== "true");
}

function orderOf({ cause }: TrustFinding): number {
  const first = ORDER.indexOf(cause);
  if (first >= 0) return first;
  return LAST.includes(cause) ? 20 + LAST.indexOf(cause) : 10;
}

function nobody({ statements }: TrustPolicy, { request, principals }: RequestContext): TrustFinding {
  const path = statements.length === 0 ? "/Statement" : "";
  const message = "the policy allows nobody: it has no statement with Effect Allow";
  const cause = request.mechanism === "irsa" ? "irsa.trust-service-principal" : "epi.trust-principal";
  return trustFinding(cause, "critical", path, message, { want: principals?.[0] });
}
