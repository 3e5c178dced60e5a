import type { GoogleAccountFacts, GoogleRoles } from "../google-facts.ts";
import { valueOf } from "../known.ts";
import { accountContext } from "./condition.ts";
import { grantsOf, type GrantAnswer } from "./grants-of.ts";
import type { Workload } from "./member.ts";
import { ACT_AS } from "./roles.ts";

/** Whether a ServiceAccount may act as the account; undefined where the account's own policy could not be read. */
export function actsAs(
  workload: Workload,
  { email, uniqueId, project, policy, projectPolicy }: GoogleAccountFacts,
  roles: GoogleRoles | undefined,
  now: Date,
): GrantAnswer | undefined {
  const own = valueOf(policy);
  if (own === undefined) return undefined;
  const inherited = valueOf(projectPolicy);
  const policies = [
    { of: `service account ${email}`, ofProject: false, policy: own },
    ...(inherited === undefined ? [] : [{ of: `project ${project}`, ofProject: true, policy: inherited }]),
  ];
  return grantsOf({ kind: "workload", ...workload }, ACT_AS, policies, accountContext(uniqueId, now), roles);
}
