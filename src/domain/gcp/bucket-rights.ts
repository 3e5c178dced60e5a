import type { GoogleAim, GoogleBucketFacts, GoogleRoles } from "../google-facts.ts";
import { valueOf } from "../known.ts";
import { storageContext } from "./condition.ts";
import { grantsOf, type Grounds, type PolicyOf } from "./grants-of.ts";
import type { IamPolicy } from "./iam-policy.ts";
import type { Identity } from "./member.ts";
import { OBJECT_READ, OBJECT_WRITE } from "./roles.ts";

/** What an identity may do in one bucket, below one prefix. */
export interface BucketRights {
  /** Permissions that it lacks by all that was read. */
  readonly missing: readonly string[];
  /** What gives those that it has. */
  readonly by: readonly Grounds[];
  /** Bindings that would give what is missing, but for their condition. */
  readonly kept: readonly Grounds[];
  /** Why others could not be told. */
  readonly doubts: readonly string[];
}

export function neededIn({ writes }: Pick<GoogleAim, "writes">): readonly string[] {
  return writes ? OBJECT_WRITE : OBJECT_READ;
}

/** Undefined where the bucket's own policy could not be read. */
export function bucketRights(
  who: Identity,
  aim: GoogleAim,
  { policy, projectPolicy }: GoogleBucketFacts,
  roles: GoogleRoles | undefined,
  now: Date,
): BucketRights | undefined {
  const own = valueOf(policy);
  if (own === undefined) return undefined;
  const policies = policiesOf(aim.bucket, own, valueOf(projectPolicy));
  const answers = neededIn(aim).map((permission) => ({
    permission,
    ...grantsOf(who, permission, policies, storageContext(permission, aim.bucket, aim.prefix, now), roles),
  }));
  const lacking = answers.filter(({ verdict }) => verdict === "no");
  return {
    missing: lacking.map(({ permission }) => permission),
    by: answers.flatMap(({ by }) => by ?? []),
    kept: lacking.flatMap(({ kept }) => kept),
    doubts: [...new Set(answers.flatMap(({ doubts }) => doubts.map(({ why }) => why)))],
  };
}

function policiesOf(bucket: string, own: IamPolicy, project: IamPolicy | undefined): PolicyOf[] {
  return [
    { of: `bucket ${bucket}`, ofProject: false, policy: own },
    ...(project === undefined ? [] : [{ of: "the bucket's project", ofProject: true, policy: project }]),
  ];
}

/** It has, or may have, something of what is needed: somebody has given it a role there. */
export function hasSome({ by, doubts }: BucketRights): boolean {
  return by.length > 0 || doubts.length > 0;
}
