import { parseRoleArn, type RoleArn } from "../aws-arn.ts";
import { identityOf } from "../identity.ts";

/** A role's ARN with all that it takes to make the role. */
export interface RoleName extends RoleArn {
  /** Begins and ends with a slash. */
  readonly path: string;
}

const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;

/** Undefined for what is no ARN of a role. */
export function roleOf(arn: string): RoleName | undefined {
  const role = parseRoleArn(arn);
  if (role === undefined || !isRoleName(role.name)) return undefined;
  return { ...role, path: arn.slice(arn.indexOf("/"), -role.name.length) };
}

/** The role of this name in an account, without a path. */
export function roleNamed(name: string, { partition, account }: Pick<RoleName, "partition" | "account">): RoleName {
  return { arn: `arn:${partition}:iam::${account}:role/${name}`, partition, account, path: "/", name };
}

/** What IAM takes as the name of a role. */
export function isRoleName(name: string): boolean {
  return ROLE_NAME.test(name);
}

/** `antfly-NAMESPACE-CLUSTER`, in the 64 characters that IAM allows; where it is cut, a hash keeps two apart. */
export function defaultRoleName(namespace: string, cluster: string): string {
  return shortened(`antfly-${namespace}-${cluster}`, 64, [namespace, cluster]);
}

/** The inline policy that is this cluster's own in its role, which other clusters may share. */
export function ownPolicyName(namespace: string, cluster: string, issuer: string): string {
  const mark = identityOf([issuer, namespace, cluster]).slice(0, 8);
  return `${shortened(`antfly-creds-${namespace}-${cluster}`, 119, [namespace, cluster])}-${mark}`;
}

function shortened(name: string, most: number, parts: readonly string[]): string {
  return name.length <= most ? name : `${name.slice(0, most - 9)}-${identityOf(parts).slice(0, 8)}`;
}
