import type { IdentityPolicy, PolicyStatement, PolicyTest, PolicyText, PolicyTexts } from "./policy-types.ts";
import { bestOf, meets, opposite, worstOf, type RequestPrefix } from "./s3-condition.ts";
import { fits, type Fit } from "./s3-pattern.ts";
import { fitOf, s3Resource } from "./s3-resource.ts";

/** A request to S3, as far as a policy's text can be held against it. */
export interface S3Request {
  /** Without `s3:`, as the reference writes it. */
  readonly action: string;
  /** `bucket` or `bucket/key`. */
  readonly resource: string;
  readonly prefix: RequestPrefix;
}

/** How one statement looks at a request. It applies when all three fit. */
export interface Look {
  readonly statement: PolicyStatement;
  readonly action: Fit;
  readonly resource: Fit;
  readonly condition: Fit;
  /** The test that is not met. */
  readonly failing: PolicyTest | undefined;
}

export interface Decision {
  readonly allow: Fit;
  readonly deny: Fit;
  readonly looks: readonly Look[];
}

/** Any statement that allows it suffices, and any that denies it wins (IAM User Guide, "Policy evaluation logic"). */
export function decide(policy: IdentityPolicy, request: S3Request): Decision {
  const variables = hasVariables(policy);
  const looks = policy.statements.map((statement) => lookAt(statement, request, variables));
  const applies = (effect: PolicyStatement["effect"]): Fit =>
    bestOf(looks.filter((look) => look.statement.effect === effect).map(fitOfLook));
  return { allow: applies("Allow"), deny: applies("Deny"), looks };
}

/** Allowed for all that the text tells: what only the request can tell counts for the policy. */
export function isGranted(decision: Decision): boolean {
  return decision.allow !== "no" && decision.deny !== "yes";
}

export function fitOfLook(look: Look): Fit {
  return worstOf([look.action, look.resource, look.condition]);
}

export function hasVariables(policy: IdentityPolicy): boolean {
  return policy.version === "2012-10-17";
}

function lookAt(statement: PolicyStatement, request: S3Request, variables: boolean): Look {
  const action = fitOfAction(statement.actions, request.action);
  if (action === "no") return { statement, action, resource: "no", condition: "no", failing: undefined };
  const resource = fitOfTexts(statement.resources, ({ text }) => fitOfResource(text, request.resource, variables));
  const met = statement.tests.map((test) => meets(test, request.action, request.prefix, variables));
  const failing = statement.tests.find((_, i) => met[i] === "no");
  return { statement, action, resource, condition: worstOf(met), failing };
}

/** Names and prefixes of actions are compared without case (IAM User Guide, "Action"). */
export function fitOfAction(actions: PolicyTexts, name: string): Fit {
  return fitOfTexts(actions, (item) => fitOfActionItem(item, name));
}

export function fitOfActionItem({ text }: PolicyText, name: string): Fit {
  return fits(text, `s3:${name.toLowerCase()}`, { wildcards: true, variables: false, ignoreCase: true });
}

function fitOfResource(text: string, resource: string, variables: boolean): Fit {
  const fit = fitOf(text, resource, variables);
  if (/^arn:[^:]*:s3:::/.test(text)) return fit;
  return fit === "no" && s3Resource(text, variables).kind === "elsewhere" ? "maybe" : fit;
}

function fitOfTexts(texts: PolicyTexts, fit: (item: PolicyText) => Fit): Fit {
  const best = bestOf(texts.items.map(fit));
  return texts.not ? opposite(best) : best;
}
