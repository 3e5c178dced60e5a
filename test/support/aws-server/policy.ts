import { holds } from "./conditions.ts";
import { list, resolved, wildcard } from "./patterns.ts";

/** What a policy is asked. */
export interface Question {
  /** `s3:GetObject`. */
  readonly action: string;
  readonly resource: string;
  readonly principal: Principal;
  /** Keys in small letters; a key that is missing here is missing in the request. */
  readonly context: ReadonlyMap<string, readonly string[]>;
}

/** All the names that a caller answers to, by the kind of principal. */
export interface Principal {
  readonly aws?: readonly string[];
  readonly federated?: string;
  readonly service?: string;
}

export type Verdict = "allow" | "deny" | "none";

interface Statement {
  readonly [element: string]: unknown;
}

/**
 * Judges one policy document: plain and slow, written after AWS's documentation and apart from the tool's own evaluator,
 * so that one can find the other wrong. `identity`: the policy is the principal's own and names none.
 */
export function judge(document: string, question: Question, kind: "identity" | "resource"): Verdict {
  const { Statement, Version } = JSON.parse(document) as { Statement?: unknown; Version?: unknown };
  const variables = Version === "2012-10-17";
  let allowed = false;
  for (const statement of list(Statement) as readonly Statement[]) {
    if (kind === "resource" && !namesPrincipal(statement, question.principal)) continue;
    if (!namesAction(statement, question.action)) continue;
    if (!namesResource(statement, question, variables)) continue;
    if (!holds(statement["Condition"], question.context, variables)) continue;
    if (statement["Effect"] === "Deny") return "deny";
    if (statement["Effect"] === "Allow") allowed = true;
  }
  return allowed ? "allow" : "none";
}

function namesAction(statement: Statement, action: string): boolean {
  const matches = (pattern: unknown): boolean =>
    typeof pattern === "string" && wildcard(pattern.toLowerCase(), action.toLowerCase());
  if (statement["NotAction"] !== undefined) return !list(statement["NotAction"]).some(matches);
  return list(statement["Action"]).some(matches);
}

/** Trust policies have no resource: the role is it. */
function namesResource(statement: Statement, { resource, context }: Question, variables: boolean): boolean {
  const matches = (pattern: unknown): boolean => {
    if (typeof pattern !== "string") return false;
    const text = variables ? resolved(pattern, context) : pattern;
    return text !== undefined && wildcard(text, resource);
  };
  if (statement["NotResource"] !== undefined) return !list(statement["NotResource"]).some(matches);
  if (statement["Resource"] === undefined) return true;
  return list(statement["Resource"]).some(matches);
}

function namesPrincipal(statement: Statement, principal: Principal): boolean {
  if (statement["NotPrincipal"] !== undefined) return !among(statement["NotPrincipal"], principal);
  return among(statement["Principal"], principal);
}

function among(named: unknown, principal: Principal): boolean {
  if (named === "*") return true;
  if (typeof named !== "object" || named === null) return false;
  const { AWS, Federated, Service } = named as { AWS?: unknown; Federated?: unknown; Service?: unknown };
  if (list(AWS).includes("*")) return true;
  if (principal.aws?.some((name) => list(AWS).includes(name)) === true) return true;
  if (principal.federated !== undefined && list(Federated).includes(principal.federated)) return true;
  return principal.service !== undefined && list(Service).includes(principal.service);
}
