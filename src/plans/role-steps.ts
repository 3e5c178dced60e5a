import { identityOf } from "../domain/identity.ts";
import { isSamePolicy, leastRolePolicy } from "../domain/iam/least-role-policy.ts";
import { sameJsonText } from "../domain/json.ts";
import { lineDiff } from "../domain/line-diff.ts";
import type { Plan, Step } from "../domain/plan.ts";
import type { RoleIdentityInput, RoleInput } from "./identity-input.ts";

/** The role, whom it trusts, and what it may do: made where it is missing, added to where it is there. */
export function roleSteps({ role, cluster }: RoleIdentityInput): Step[] {
  const who = `ServiceAccounts of AntflyCluster ${cluster.namespace}/${cluster.name}`;
  return [trustStep(role, who), policyStep(role)].filter((step) => step !== undefined);
}

function trustStep(role: RoleInput, who: string): Step | undefined {
  const { existing, name, arn, path, trustPolicy } = role;
  if (existing === undefined) {
    return {
      id: "role",
      title: `create IAM role ${name}`,
      do: "aws.role.create",
      with: { arn, name, path, description: `For ${who}`, trustPolicy },
      undo: "auto",
      diff: [`+ ${arn}`, ...added(trustPolicy)],
    };
  }
  if (sameJsonText(existing.trustPolicy, trustPolicy)) return undefined;
  return {
    id: "trust",
    title: `add to the trust policy of IAM role ${name}`,
    do: "aws.role.trust",
    with: { role: name, before: existing.trustPolicy, after: trustPolicy },
    undo: "auto",
    diff: lineDiff(pretty(existing.trustPolicy), pretty(trustPolicy)),
  };
}

function policyStep(role: RoleInput): Step | undefined {
  const before = role.existing?.ownPolicy;
  const after = permissionsOf(role);
  if (role.aims.length === 0 || (before !== undefined && isSamePolicy(parsed(before), after))) return undefined;
  const text = JSON.stringify(after);
  return {
    id: "permissions",
    title: `${before === undefined ? "give IAM role" : "change in IAM role"} ${role.name} the inline policy ${role.ownPolicy}`,
    do: "aws.role.policy",
    with: { role: role.name, policy: role.ownPolicy, before, after: text },
    undo: "auto",
    diff: before === undefined ? added(text) : lineDiff(pretty(before), pretty(text)),
  };
}

/** The cluster's own inline policy, as it is to be. */
export function permissionsOf({ aims, partition, existing }: RoleInput): ReturnType<typeof leastRolePolicy> {
  return leastRolePolicy(aims, partition, existing?.ownPolicy === undefined ? undefined : parsed(existing.ownPolicy));
}

/** What the steps are planned from, besides what the server tests with each of them. */
export function identityBasis({ cluster, role, account }: RoleIdentityInput): Plan["basis"] {
  return {
    [`AntflyCluster ${cluster.name} uid`]: cluster.uid,
    [`AntflyCluster ${cluster.name} generation`]: String(cluster.generation),
    [`ServiceAccount ${account.name} uid`]: account.existing?.uid ?? "absent",
    [`IAM role ${role.name} trust policy`]: fingerprint(role.existing?.trustPolicy),
    [`IAM role ${role.name} inline policy ${role.ownPolicy}`]: fingerprint(role.existing?.ownPolicy),
  };
}

/** A policy in one word. */
function fingerprint(document: string | undefined): string {
  return document === undefined ? "absent" : identityOf([document]);
}

function added(json: string): string[] {
  return pretty(json)
    .split("\n")
    .map((line) => `+ ${line}`);
}

/** A policy as a person reads it; what is no JSON stays as it is. */
export function pretty(json: string): string {
  const value = parsed(json);
  return value === undefined ? json : JSON.stringify(value, null, 2);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
