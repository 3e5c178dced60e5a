import { orNothing } from "../apply/cloud-look.ts";
import { UserError } from "../domain/errors.ts";
import {
  defaultRoleName,
  isRoleName,
  ownPolicyName,
  roleOf,
  roleNamed,
  type RoleName,
} from "../domain/iam/role-name.ts";
import { printable } from "../domain/text.ts";
import type { ExistingRole } from "../plans/identity-input.ts";
import type { Aws } from "../ports.ts";

/** Account and partition that the tool's own identity is in. */
export interface Home {
  readonly account: string;
  readonly partition: string;
}

export interface WantedRole extends RoleName {
  /** Nobody named it: another cluster of the account may have the same name, and so its role. */
  readonly byDefault: boolean;
}

/** The role that is meant, and what AWS has of that name. */
export interface ChosenRole extends WantedRole {
  readonly existing: ExistingRole | undefined;
  readonly ownPolicy: string;
}

/**
 * The role that was named; else the one that the ServiceAccount has; else one for this cluster.
 * @throws UserError for what is no role, and for one of another account than the tool's
 */
export function wantedRole(
  {
    named,
    annotated,
    namespace,
    cluster,
  }: { named: string | undefined; annotated: string | undefined; namespace: string; cluster: string },
  home: Home,
): WantedRole {
  const text = named ?? annotated;
  if (text === undefined) return { ...roleNamed(defaultRoleName(namespace, cluster), home), byDefault: true };
  if (named !== undefined && isRoleName(named)) return { ...roleNamed(named, home), byDefault: false };
  const role = roleOf(text);
  if (role === undefined) {
    if (named !== undefined) throw noRole(named);
    const where = "the ServiceAccount's annotation eks.amazonaws.com/role-arn";
    throw new UserError("bad-role", `${where} says "${printable(text)}", which is no role`, {
      hint: "say which one it is to be with --role NAME",
    });
  }
  const place = placeOf(role);
  if (place === placeOf(home)) return { ...role, byDefault: false };
  throw new UserError(
    "other-account",
    `role ${role.arn} is in account ${place}, and your AWS identity in ${placeOf(home)}`,
    {
      hint: `use an identity of ${place} with --profile NAME, or another role with --role NAME`,
    },
  );
}

/** What was given is neither the name of a role nor its ARN. */
export function noRole(named: string): UserError {
  return new UserError("bad-role", `--role says "${printable(named)}", which is no role`, {
    hint: "--role takes the ARN of a role or its name: up to 64 letters, digits and _+=,.@-",
  });
}

function placeOf({ account, partition }: Home): string {
  return partition === "aws" ? account : `${account} of ${partition}`;
}

/**
 * Reads the role and the inline policy that is this cluster's own.
 * @throws AwsError; UserError when the role of that name has another path than the ARN that was given
 */
export async function readRole(
  aws: Aws,
  wanted: WantedRole,
  { namespace, cluster, issuer, byName }: { namespace: string; cluster: string; issuer: string; byName: boolean },
): Promise<ChosenRole> {
  const ownPolicy = ownPolicyName(namespace, cluster, issuer);
  const found = await orNothing(aws.getRole(wanted.name));
  if (found === undefined) return { ...wanted, existing: undefined, ownPolicy };
  const role = roleOf(found.arn);
  if (role === undefined || (!byName && role.arn !== wanted.arn)) {
    throw new UserError(
      "other-path",
      `there is no role ${wanted.arn}; the role of that name is ${printable(found.arn)}`,
      {
        hint: `use that one with --role ${printable(found.arn)}, or choose another name`,
      },
    );
  }
  const own = await orNothing(aws.getRolePolicy(role.name, ownPolicy));
  return {
    ...role,
    byDefault: wanted.byDefault,
    existing: { trustPolicy: found.trustPolicy, ownPolicy: own },
    ownPolicy,
  };
}
