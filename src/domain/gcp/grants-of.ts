import type { GoogleRoles } from "../google-facts.ts";
import { printable } from "../text.ts";
import { judgeCondition, type ConditionContext } from "./condition.ts";
import type { IamBinding, IamPolicy } from "./iam-policy.ts";
import { covers, parseMember, type Identity } from "./member.ts";
import { roleHolds } from "./roles.ts";

/** A policy, and what it is of: `bucket backups`, `project acme-prod`. */
export interface PolicyOf {
  readonly of: string;
  readonly policy: IamPolicy;
}

/** A binding that gives a permission, or would. */
export interface Grounds {
  readonly of: string;
  readonly role: string;
  readonly member: string;
  /** Expression of the condition; undefined where there is none. */
  readonly condition: string | undefined;
}

/** Whether an identity has a permission by these policies. */
export interface GrantAnswer {
  readonly verdict: "yes" | "no" | "maybe";
  /** What gives it. */
  readonly by: Grounds | undefined;
  /** Why it could not be told: one line each. */
  readonly doubts: readonly { readonly grounds: Grounds; readonly why: string }[];
  /** Bindings that would give it, but for their condition. */
  readonly kept: readonly Grounds[];
}

/** Deny policies and policies of folders and the organisation are not among what was read: `no` is of these policies. */
export function grantsOf(
  who: Identity,
  permission: string,
  policies: readonly PolicyOf[],
  context: ConditionContext,
  roles: GoogleRoles | undefined,
): GrantAnswer {
  const doubts: { grounds: Grounds; why: string }[] = [];
  const kept: Grounds[] = [];
  for (const { of, policy } of policies)
    for (const binding of policy.bindings) {
      const held = roleHolds(binding.role, permission, roles);
      if (held === "no") continue;
      const found = memberFor(binding, who, policies);
      if (found === undefined) continue;
      const { member, covered } = found;
      const expression = binding.condition?.expression;
      const grounds: Grounds = { of, role: binding.role, member, condition: expression };
      const met = expression === undefined ? "yes" : judgeCondition(expression, context);
      if (met === "no") kept.push(grounds);
      else if (held === "yes" && covered === "yes" && met === "yes")
        return { verdict: "yes", by: grounds, doubts: [], kept: [] };
      else doubts.push({ grounds, why: doubt(grounds, { held, covered, met }) });
    }
  return { verdict: doubts.length > 0 ? "maybe" : "no", by: undefined, doubts, kept };
}

function memberFor(
  binding: IamBinding,
  who: Identity,
  policies: readonly PolicyOf[],
): { member: string; covered: "yes" | "maybe" } | undefined {
  const covered = binding.members.flatMap((member) => {
    const how = holds(member, who, policies);
    return how === "no" ? [] : [{ member, covered: how }];
  });
  return covered.find((one) => one.covered === "yes") ?? covered[0];
}

/** `projectEditor:PROJECT` is whoever is editor there: the project's own policy tells, where it is among these. */
function holds(text: string, who: Identity, policies: readonly PolicyOf[]): "yes" | "no" | "maybe" {
  const member = parseMember(text);
  if (member.kind !== "holders") return covers(member, who);
  const project = policies.find(({ of }) => of === `project ${member.project}`);
  if (project === undefined) return "maybe";
  const bindings = project.policy.bindings.filter(({ role }) => role === member.role);
  const each = new Set(
    bindings.flatMap(({ members, condition }) =>
      members.map((one) => {
        const how = covers(parseMember(one), who);
        return how === "yes" && condition !== undefined ? "maybe" : how;
      }),
    ),
  );
  return each.has("yes") ? "yes" : each.has("maybe") ? "maybe" : "no";
}

function doubt(
  { role, member, condition, of }: Grounds,
  { held, covered, met }: { held: string; covered: string; met: string },
): string {
  const whys = [
    ...(met === "maybe" ? [`it depends on the condition ${printable(condition ?? "")}`] : []),
    ...(held === "unknown" ? [`what role ${role} gives is not known`] : []),
    ...(covered === "maybe" ? [`whether ${member} is among them cannot be read`] : []),
  ];
  return `${member} has ${role} on ${of}: ${whys.join(", and ")}`;
}
