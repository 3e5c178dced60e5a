import { isRecord } from "./policy-reader.ts";

export type PolicyKind = "identity" | "trust" | "resource";

/** What a role is taken on with, and what goes along with it (AWS STS). */
const ROLE_ACTION = /^sts:(assume\w*\*?|tagsession|setsourceidentity|setcontext|\*)$/i;

/**
 * Which kind of IAM policy a document is: who may take a role (`trust`), who may use a thing (`resource`, e.g. a bucket
 * policy), or what the one who has it may do (`identity`). A `Version` that is a date and a `Statement` make it a policy,
 * whatever mistakes are in it; without, every statement must have its effect, and actions with the name of a service.
 * Undefined for anything else.
 */
export function kindOfPolicy(value: unknown): PolicyKind | undefined {
  if (!isRecord(value) || !Object.hasOwn(value, "Statement") || Object.hasOwn(value, "kind")) return undefined;
  const statements: unknown[] = Array.isArray(value["Statement"]) ? value["Statement"] : [value["Statement"]];
  if (!isDated(value["Version"]) && !looksLikePolicy(value, statements)) return undefined;

  const records = statements.filter(isRecord);
  if (!records.some(hasPrincipal)) return "identity";
  const forRoles = records.every(
    (statement) =>
      hasPrincipal(statement) &&
      statement["Action"] !== undefined &&
      textsOf(statement["Action"]).every((action) => ROLE_ACTION.test(action)),
  );
  return forRoles ? "trust" : "resource";
}

function isDated(version: unknown): boolean {
  return typeof version === "string" && /^\d{4}-\d{2}-\d{2}$/.test(version);
}

/** Without a `Version`, other programs' files have statements too. */
function looksLikePolicy(value: Record<string, unknown>, statements: readonly unknown[]): boolean {
  if (Object.keys(value).some((key) => key !== "Id" && key !== "Statement")) return false;
  if (statements.length === 0 || !statements.every(isStatement)) return false;
  return statements.some(hasPrincipal) || statements.every(hasResource);
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
