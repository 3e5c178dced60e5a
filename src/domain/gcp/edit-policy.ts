import type { IamBinding, IamPolicy } from "./iam-policy.ts";

/** What a binding without a condition gives. */
export interface Grantee {
  readonly role: string;
  /** As Google writes it: `serviceAccount:EMAIL`, `principal://iam.googleapis.com/…`. */
  readonly member: string;
}

/** Whether the policy gives the role to the member under no condition. */
export function gives(policy: IamPolicy, grantee: Grantee): boolean {
  return policy.bindings.some((binding) => isPlain(binding, grantee) && binding.members.includes(grantee.member));
}

/** The policy with one member more. Bindings with a condition, other members and whatever else stands in it stay. */
export function withMember(policy: IamPolicy, grantee: Grantee): IamPolicy {
  if (gives(policy, grantee)) return policy;
  const { role, member } = grantee;
  const at = policy.bindings.findIndex((binding) => isPlain(binding, grantee));
  const bindings =
    at === -1
      ? [...policy.bindings, { role, members: [member] }]
      : policy.bindings.map((binding, i) =>
          i === at ? { ...binding, members: [...binding.members, member] } : binding,
        );
  return { ...policy, bindings };
}

/** The policy without that member; a binding that nobody is left in goes with it. */
export function withoutMember(policy: IamPolicy, grantee: Grantee): IamPolicy {
  const bindings = policy.bindings.flatMap((binding): IamBinding[] => {
    if (!isPlain(binding, grantee) || !binding.members.includes(grantee.member)) return [binding];
    const members = binding.members.filter((member) => member !== grantee.member);
    return members.length === 0 ? [] : [{ ...binding, members }];
  });
  return { ...policy, bindings };
}

function isPlain(binding: IamBinding, { role }: Grantee): boolean {
  return binding.role === role && binding.condition === undefined;
}
