import { parseMember } from "../../domain/gcp/member.ts";
import type { IamPolicy } from "../../domain/gcp/iam-policy.ts";
import { isKnownRole } from "../../domain/gcp/roles.ts";
import { GET_GOOGLE_ROLE } from "../../domain/google-grants.ts";
import { known, valueOf } from "../../domain/known.ts";
import { defineCollector } from "../collector.ts";
import { askGoogle, ofGoogle, toKnownGoogle } from "./ask-google.ts";

const REF = "the roles in the policies";

/** Roles that are not known here, custom ones above all, as far as the pods' identity may have them. */
export const googleRolesCollector = defineCollector({
  gives: "googleRoles",
  needs: [],
  wants: ["googleAccount", "googleBuckets"],
  collect: async (_, world, { googleAccount, googleBuckets }) => {
    const account = googleAccount && valueOf(googleAccount);
    const buckets = (googleBuckets && valueOf(googleBuckets)) ?? [];
    const policies = [account, ...buckets]
      .flatMap((one) => (one === undefined ? [] : [valueOf(one.policy), valueOf(one.projectPolicy)]))
      .filter((policy) => policy !== undefined);
    const roles = [...new Set(policies.flatMap((policy) => rolesIn(policy, account?.email)))];
    if (roles.length === 0) return known({}, ofGoogle(REF));
    return askGoogle(world, REF, undefined, async (google) => {
      const entries = roles.map(async (role) => {
        const ref = `role ${role}`;
        const read = toKnownGoogle(ref, GET_GOOGLE_ROLE, async () => known(await google.getRole(role), ofGoogle(ref)));
        return [role, await read] as const;
      });
      return known(Object.fromEntries(await Promise.all(entries)), ofGoogle(REF));
    });
  },
});

function rolesIn({ bindings }: IamPolicy, email: string | undefined): string[] {
  return bindings
    .filter(({ role, members }) => !isKnownRole(role) && members.some((member) => mayBeOurs(member, email)))
    .map(({ role }) => role);
}

/** People, and other accounts, are none of the pods' identities; of a group nobody can tell here. */
function mayBeOurs(text: string, email: string | undefined): boolean {
  const member = parseMember(text);
  if (member.kind === "account") return member.email === email?.toLowerCase();
  return member.kind !== "user" && member.kind !== "deleted" && member.kind !== "other";
}
