import { isRecord } from "./policy-reader.ts";

export type PolicyKind = "identity" | "trust" | "resource";

/** What a role is taken on with, and what goes along with it (AWS STS). */
const ROLE_ACTION = /^sts:(assume\w*\*?|tagsession|setsourceidentity|setcontext|\*)$/i;

/**
 * Which kind of IAM policy a document is: who may take a role (`trust`), who may use a thing (`resource`, e.g. a bucket
 * policy), or what the one who has it may do (`identity`). Undefined for anything else, and for what only looks like
 * one: every statement must have its effect, and actions with the name of a service.
 */
export function kindOfPolicy(value: unknown): PolicyKind | undefined {
  if (!isRecord(value)) return undefined;
  if (Object.keys(value).some((key) => key !== "Version" && key !== "Id" && key !== "Statement")) return undefined;
  const version = value["Version"];
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") return undefined;
  const statements: unknown[] = Array.isArray(value["Statement"]) ? value["Statement"] : [value["Statement"]];
  if (statements.length === 0 || !statements.every(isStatement)) return undefined;

  if (!statements.some(hasPrincipal)) return statements.every(hasResource) ? "identity" : undefined;
  const forRoles = statements.every(
    (statement) => hasPrincipal(statement) && textsOf(statement["Action"]).every((action) => ROLE_ACTION.test(action)),
  );
  return forRoles && statements.every((statement) => statement["Action"] !== undefined) ? "trust" : "resource";
}

function isStatement(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value) || (value["Effect"] !== "Allow" && value["Effect"] !== "Deny")) return false;
  const actions = textsOf(value["Action"] ?? value["NotAction"]);
  return actions.length > 0 && actions.every((action) => /^(\*|[a-z0-9-]+:[\w*?]+)$/i.test(action));
}

function hasPrincipal(statement: Record<string, unknown>): boolean {
  return Object.hasOwn(statement, "Principal") || Object.hasOwn(statement, "NotPrincipal");
}

function hasResource(statement: Record<string, unknown>): boolean {
  const resources = textsOf(statement["Resource"] ?? statement["NotResource"]);
  return resources.length > 0 && resources.every((resource) => /^(\*$|arn:|\$\{)/.test(resource));
}

/** The texts of a text or of a list of nothing but texts. */
function textsOf(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.every((item) => typeof item === "string") ? items : [];
}
