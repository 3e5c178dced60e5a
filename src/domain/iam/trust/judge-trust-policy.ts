import { breadthOf } from "./breadth.ts";
import { closestAllow } from "./closest-statement.ts";
import { decide, type Decision } from "./decide.ts";
import { explainDecision } from "./explain-denial.ts";
import { lintPolicy } from "./lint-policy.ts";
import { parseTrustPolicy } from "./parse-trust-policy.ts";
import { describeOperations } from "./describe-operations.ts";
import { patchFor, type Patching } from "./patch.ts";
import { contextOf } from "./request-context.ts";
import { tableOf } from "./truth-table.ts";
import type { TrustDocument } from "./trust-document.ts";
import type { TrustFinding, TrustReport, TrustRequest } from "./trust-types.ts";

/** Does this policy let that request take the role? With the reason, and the smallest change after which it does. */
export function judgeTrustPolicy(document: TrustDocument, request: TrustRequest): TrustReport {
  const { policy, problems } = parseTrustPolicy(document);
  const context = contextOf(request, policy);
  const decision = decide(policy, context);
  const closest = closestAllow(decision.verdicts, policy, context);
  const explained = explainDecision(decision, policy, context);
  const malformed = [...document.problems, ...problems];
  const patch = patchFor(document, policy, context, decision);
  const rest = [...breadthOf(policy, context), ...lintPolicy(policy)];
  // A Deny or a missing name is the cause whatever else is wrong; where nothing can be decided, what IAM refuses is.
  const [first, second] = decision.decision === "deny" ? [explained, malformed] : [malformed, explained];
  const findings = withFix(inOrder(first, second, bySeverity(notImplied(rest, explained))), patch, decision);
  return {
    decision: decision.decision,
    undecided: decision.decision === "unknown" ? undecided(decision, malformed) : [],
    assumed: context.assumed,
    statements: decision.verdicts.map((verdict) => tableOf(verdict, context, decision, verdict === closest)),
    findings: findings.map((found) => placed(found, document)),
    patch: patch.patch,
  };
}

/** Not what follows from a cause that is named already: subject and audience that have changed places. */
function notImplied(rest: readonly TrustFinding[], explained: readonly TrustFinding[]): TrustFinding[] {
  const swapped = explained.some(
    ({ cause }) => cause === "irsa.sub-under-aud-key" || cause === "irsa.aud-under-sub-key",
  );
  const said = new Set(explained.map(({ cause, path }) => `${cause} ${statementOf(path)}`));
  return rest.filter(
    ({ cause, path }) =>
      !(
        swapped &&
        /^irsa\.(sub|aud)-missing$/.test(cause) &&
        explained.some((one) => statementOf(one.path) === statementOf(path))
      ) && !said.has(`${cause} ${statementOf(path)}`),
  );
}

function statementOf(path: string): string {
  return /^\/Statement(\/\d+)?/.exec(path)?.[0] ?? "";
}

const SEVERITIES = ["critical", "error", "warning", "info"];

function bySeverity(findings: readonly TrustFinding[]): TrustFinding[] {
  return [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** The cause comes with the change that mends it, or with why there is none. */
function withFix(findings: readonly TrustFinding[], patching: Patching, { decision }: Decision): TrustFinding[] {
  const [cause, ...others] = findings;
  if (cause === undefined || decision === "allow" || cause.fix !== undefined) return [...findings];
  const why = decision === "deny" && patching.patch === undefined ? patching.why : undefined;
  const fix = patching.patch === undefined ? why : describeOperations(patching.patch.operations);
  return [{ ...cause, fix }, ...others];
}

/** Each element once: the first that is said of it. */
function inOrder(...groups: readonly (readonly TrustFinding[])[]): TrustFinding[] {
  const seen = new Set<string>();
  return groups.flat().filter(({ cause, path, message }) => {
    const key = cause === "irsa.trust-json" ? `${cause} ${path} ${message}` : `${cause} ${path}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function placed(found: TrustFinding, document: TrustDocument): TrustFinding {
  return found.place === undefined ? { ...found, place: document.place(found.path) } : found;
}

function undecided({ verdicts }: Decision, malformed: readonly TrustFinding[]): string[] {
  const lines = verdicts
    .filter(({ matches }) => matches === "unknown")
    .flatMap(({ statement, tests }) =>
      tests
        .filter(({ truth, test }) => truth === "unknown" && test.operator !== undefined)
        .map(
          ({ test, because }) => `${statement.effect}: ${test.written} ${test.key}: ${because ?? "it is not known"}`,
        ),
    );
  if (malformed.some(({ severity }) => severity === "error")) lines.push("IAM would not take the policy as it stands");
  return [...new Set(lines)];
}
