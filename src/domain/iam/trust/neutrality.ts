import { decide } from "./decide.ts";
import { judgeStatement } from "./judge-statement.ts";
import { otherAskers } from "./other-askers.ts";
import type { RequestContext } from "./request-context.ts";
import type { TrustPolicy, TrustStatement } from "./trust-statement.ts";

/**
 * Whether a change of the policy leaves the verdict of everyone else as it was: other ServiceAccounts, other clusters,
 * pods by the other mechanism, and users and roles of AWS.
 */
export function isNeutral(before: TrustPolicy, after: TrustPolicy, context: RequestContext): boolean {
  const [gone, come] = [unlike(before, after), unlike(after, before)];
  return otherAskers({ before, after, gone, come }, context).every(([asker, later]) => {
    if (!anyMatches(gone, before, asker) && !anyMatches(come, after, later)) return true;
    const was = decide(before, asker).decision;
    // A policy that IAM would refuse says nothing of what anyone had.
    return (was === "unknown" && isBroken(before)) || was === decide(after, later).decision;
  });
}

function isBroken({ statements }: TrustPolicy): boolean {
  return statements.some(
    ({ effectGuessed, principal, actions, tests }) =>
      effectGuessed ||
      principal === undefined ||
      actions === undefined ||
      tests.some(({ operator }) => operator === undefined),
  );
}

/** Statements of one policy that the other does not have. */
function unlike(policy: TrustPolicy, other: TrustPolicy): TrustStatement[] {
  const there = new Set(other.statements.map(content));
  return policy.statements.filter((statement) => !there.has(content(statement)));
}

function content({ effect, principal, actions, tests }: TrustStatement): string {
  return JSON.stringify([
    effect,
    principal?.not,
    principal?.entries.map(({ kind, text }) => [kind, text]),
    actions?.not,
    actions?.items.map(({ text }) => text),
    tests.map(({ written, key, values }) => [written, key, values.map(({ text }) => text)]),
  ]);
}

/** Whether one of the statements may have a say about the request. */
function anyMatches(statements: readonly TrustStatement[], { variables }: TrustPolicy, asker: RequestContext): boolean {
  return statements.some((statement) => judgeStatement(statement, asker, variables).matches !== "false");
}
