import { judgeStatement, type StatementVerdict } from "./judge-statement.ts";
import { parseTrustPolicy } from "./parse-trust-policy.ts";
import { contextOf, type RequestContext } from "./request-context.ts";
import { and, not, or } from "./truth.ts";
import type { TrustDocument } from "./trust-document.ts";
import type { TrustPolicy } from "./trust-statement.ts";
import type { TrustReport, TrustRequest, Truth } from "./trust-types.ts";

export interface Decision {
  readonly decision: TrustReport["decision"];
  readonly verdicts: readonly StatementVerdict[];
  /** Per action that the request needs: is it allowed by a statement, and is it denied by one? */
  readonly actions: readonly { readonly action: string; readonly allowed: Truth; readonly denied: Truth }[];
}

/** The verdict alone. */
export function decideTrustPolicy(
  document: Pick<TrustDocument, "value">,
  request: TrustRequest,
): TrustReport["decision"] {
  const { policy } = parseTrustPolicy(document);
  return decide(policy, contextOf(request, policy)).decision;
}

/** Every action that is needed must be allowed by some statement and denied by none. */
export function decide(policy: TrustPolicy, context: RequestContext): Decision {
  const verdicts = policy.statements.map((statement) => judgeStatement(statement, context, policy.variables));
  const actions = context.actions.map((action, i) => {
    const matching = (effect: "Allow" | "Deny"): Truth =>
      or(
        verdicts
          .filter(({ statement }) => statement.effect === effect)
          .map(({ rest, actions: truths }) => and([rest, truths[i] ?? "false"])),
      );
    return { action, allowed: matching("Allow"), denied: matching("Deny") };
  });
  const truth = and(actions.flatMap(({ allowed, denied }) => [allowed, not(denied)]));
  const decision = truth === "true" ? "allow" : truth === "false" ? "deny" : "unknown";
  return { decision, verdicts, actions };
}
