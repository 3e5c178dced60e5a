import type { Caller } from "./caller.ts";
import { wildcard } from "./patterns.ts";
import { judge, type Question, type Verdict } from "./policy.ts";

export interface Asked {
  readonly caller: Caller;
  readonly action: string;
  readonly resource: string;
  readonly context: ReadonlyMap<string, readonly string[]>;
  /** Actions that are denied to the tool's own identity. */
  readonly denied: readonly string[];
  /** Policy of the resource, and whose it is. */
  readonly own?: { readonly policy: string | undefined; readonly account: string };
}

/**
 * Undefined when it is allowed, else why not, in the words that AWS ends its sentence with; "" where AWS says nothing more
 * than that access is denied (the resource is another account's).
 */
export function refusalOf(asked: Asked): string | undefined {
  const { caller, action, resource, context, own } = asked;
  if (caller.own && asked.denied.some((pattern) => wildcard(pattern.toLowerCase(), action.toLowerCase())))
    return `because no identity-based policy allows the ${action} action`;
  const question = (names: readonly string[]): Question => ({ action, resource, context, principal: { aws: names } });
  const direct = [caller.arn, ...(caller.roleArn === undefined ? [] : [caller.roleArn])];
  const whole = [`arn:aws:iam::${caller.account}:root`, caller.account];
  const identity = worst(caller.policies.map((document) => judge(document, question(direct), "identity")));
  const attached = (document: string | undefined): Verdict =>
    document === undefined ? "allow" : judge(document, question(direct), "identity");
  const boundary = attached(caller.boundary);
  const session = attached(caller.sessionPolicy);
  const ofResource = (names: readonly string[]): Verdict =>
    own?.policy === undefined ? "none" : judge(own.policy, question(names), "resource");
  const verdicts: readonly (readonly [Verdict, string, string])[] = [
    [identity, "an identity-based policy", "identity-based policy"],
    [ofResource([...direct, ...whole]), "a resource-based policy", "resource-based policy"],
    [boundary, "a permissions boundary", "permissions boundary"],
    [session, "a session policy", "session policy"],
  ];
  const denying = verdicts.find(([verdict]) => verdict === "deny");
  if (denying !== undefined) return `with an explicit deny in ${denying[1]}`;

  const because = (name: string): string => `because no ${name} allows the ${action} action`;
  const byResource = ofResource(direct) === "allow";
  if (own !== undefined && own.account !== caller.account) {
    const both = identity === "allow" && (byResource || ofResource(whole) === "allow");
    return both && boundary === "allow" && session === "allow" ? undefined : "";
  }
  if (identity !== "allow" && !byResource) return because("identity-based policy");
  // A resource's policy that names a user goes past the user's boundary; it does not for a role.
  if (boundary !== "allow" && !(byResource && caller.kind === "user")) return because("permissions boundary");
  if (session !== "allow") return because("session policy");
  return undefined;
}

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("deny")) return "deny";
  return verdicts.includes("allow") ? "allow" : "none";
}
