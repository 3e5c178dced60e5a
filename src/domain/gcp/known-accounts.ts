import type { GoogleBucketFacts } from "../google-facts.ts";
import { valueOf } from "../known.ts";
import type { IamBinding } from "./iam-policy.ts";
import { parseMember } from "./member.ts";

function bindingsOf(buckets: readonly GoogleBucketFacts[]): IamBinding[] {
  return buckets.flatMap(({ policy, projectPolicy }) =>
    [policy, projectPolicy].flatMap((one) => valueOf(one)?.bindings ?? []),
  );
}

/** People's own service accounts that have a role in these buckets or their projects; Google's are left out. */
export function accountsIn(buckets: readonly GoogleBucketFacts[]): string[] {
  const members = bindingsOf(buckets).flatMap((binding) => binding.members.map(parseMember));
  const emails = members.flatMap((member) => (member.kind === "account" ? [member.email] : []));
  return [...new Set(emails)].filter(
    (email) => email.endsWith(".iam.gserviceaccount.com") && !/@gcp-sa-|^service-\d+@/.test(email),
  );
}

/** A role is still that of an account of this address which was deleted. */
export function deletedMember(email: string, bindings: readonly IamBinding[]): IamBinding | undefined {
  return bindings.find(({ members }) => members.some((member) => isDeletedOf(member, email)));
}

export function isDeletedOf(text: string, email: string): boolean {
  const member = parseMember(text);
  return member.kind === "deleted" && member.member.toLowerCase() === `serviceaccount:${email.toLowerCase()}`;
}
