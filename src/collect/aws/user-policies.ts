import type { RolePolicy, UserPolicies } from "../../domain/aws-facts.ts";
import { GET_USER_POLICY, LIST_ATTACHED_USER_POLICIES, LIST_USER_POLICIES, on } from "../../domain/aws-grants.ts";
import { distinctBy } from "../../domain/distinct.ts";
import type { AwsGrant } from "../../domain/grant.ts";
import { principalOf } from "../../domain/iam/principal.ts";
import { known, type Known, type Unknown } from "../../domain/known.ts";
import type { Aws } from "../../ports.ts";
import { defineCollector } from "../collector.ts";
import { askAws, originOf, toKnownAws } from "./ask-aws.ts";
import { inAnotherAccount } from "./caller.ts";
import { inPartition } from "./in-partition.ts";
import { inlinePolicy, managedPolicy, noneWhereUnknown, type AttachedPolicy } from "./policy-documents.ts";

const REF = "the policies of the static keys' users";

/** Policies of the users that STS says the static keys are of. What one policy allows holds whatever the others say. */
export const userPoliciesCollector = defineCollector({
  gives: "userPolicies",
  needs: ["staticKeys"],
  collect: ({ staticKeys }, world) => {
    const users = staticKeys.flatMap(({ caller, region, key }): User[] => {
      const who = principalOf(caller?.arn);
      if (caller === undefined || who?.kind !== "user") return [];
      return [{ arn: caller.arn, name: who.name, account: caller.account, region, isOurs: key.state === "known" }];
    });
    return askAws(world, REF, undefined, async (usual, cloud) => {
      const read = await Promise.all(
        distinctBy(users, ({ arn }) => arn).map(async (user) =>
          readUser(await inPartition(usual, cloud, user.region), user),
        ),
      );
      const gaps = read.flatMap((one) => one.gaps);
      return known(
        read.map((one) => one.facts),
        originOf(REF),
        // Without credentials every call fails in the same words.
        distinctBy(gaps, ({ detail }) => detail),
      );
    });
  },
});

interface User {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  /** That the database signs for. */
  readonly region: string;
  /** IAM has just shown the key among the user's, so that it is of the account that IAM answers for. */
  readonly isOurs: boolean;
}

async function readUser(aws: Aws, user: User): Promise<{ facts: UserPolicies; gaps: readonly Unknown[] }> {
  const { name, arn, account, isOurs } = user;
  // IAM looks for a user by its name in the caller's account, and another user may have it there.
  const detail = isOurs ? undefined : await inAnotherAccount(aws, account, `user ${name}`);
  if (detail !== undefined) {
    const gap: Unknown = { state: "unknown", why: "forbidden", detail, origin: originOf(`user ${name}`) };
    return { facts: { arn, name, policies: [] }, gaps: [gap] };
  }
  const [inline, attached] = await Promise.all([
    listed(on(LIST_USER_POLICIES, arn), user, () => aws.listUserPolicies(name)),
    listed(on(LIST_ATTACHED_USER_POLICIES, arn), user, () => noneWhereUnknown(aws.listAttachedUserPolicies(name))),
  ]);
  const all = await Promise.all([
    ...valuesOf(inline).map((policy) =>
      inlinePolicy(policy, on(GET_USER_POLICY, arn), () => aws.getUserPolicy(name, policy)),
    ),
    ...valuesOf(attached).map((policy) => (isOfAws(policy) ? byName(policy) : managedPolicy(aws, "managed", policy))),
  ]);
  return {
    // One that is gone was taken away in between.
    facts: { arn, name, policies: all.flatMap((fact) => (fact.state === "known" ? [fact.value] : [])) },
    gaps: [inline, attached, ...all].flatMap((fact) => (fact.state === "unknown" ? [fact] : [])),
  };
}

async function listed<T>(
  grant: AwsGrant,
  { name }: User,
  read: () => Promise<readonly T[]>,
): Promise<Known<readonly T[]>> {
  const ref = `user ${name}`;
  const list = await toKnownAws(ref, grant, async () => known(await read(), originOf(ref)));
  if (list.state !== "absent") return list;
  return { state: "unknown", why: "server-error", detail: `IAM has no ${ref} any more`, origin: list.origin };
}

function valuesOf<T>(fact: Known<readonly T[]>): readonly T[] {
  return fact.state === "known" ? fact.value : [];
}

/** AWS keeps it itself, under one name in every account. */
function isOfAws({ arn }: AttachedPolicy): boolean {
  return /^arn:[^:]*:iam::aws:policy\//.test(arn);
}

async function byName({ name, arn }: AttachedPolicy): Promise<Known<RolePolicy>> {
  return known({ kind: "managed", name, arn, document: null }, originOf(`policy ${arn}`));
}
