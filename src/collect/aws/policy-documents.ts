import type { RolePolicy } from "../../domain/aws-facts.ts";
import { GET_POLICY, on } from "../../domain/aws-grants.ts";
import type { AwsGrant } from "../../domain/grant.ts";
import { known, type Known } from "../../domain/known.ts";
import { AwsError, type Aws } from "../../ports.ts";
import { originOf, toKnownAws } from "./ask-aws.ts";

/** A managed policy as IAM lists it. */
export interface AttachedPolicy {
  readonly name: string;
  readonly arn: string;
}

/** The IAM of another store may have no managed policies, and then has no such operation. */
export async function noneWhereUnknown<T>(listed: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await listed;
  } catch (error) {
    if (error instanceof AwsError && error.code === "InvalidAction") return [];
    throw error;
  }
}

/** A policy within a role or a user. */
export function inlinePolicy(name: string, grant: AwsGrant, read: () => Promise<string>): Promise<Known<RolePolicy>> {
  const ref = `inline policy ${name}`;
  return toKnownAws(ref, grant, async () => documentOf(ref, { kind: "inline", name, arn: undefined }, await read()));
}

/** The default version of a policy of its own. */
export function managedPolicy(
  aws: Aws,
  kind: "managed" | "boundary",
  { name, arn }: AttachedPolicy,
): Promise<Known<RolePolicy>> {
  const ref = `policy ${arn}`;
  return toKnownAws(ref, on(GET_POLICY, arn), async () =>
    documentOf(ref, { kind, name, arn }, await aws.getManagedPolicy(arn)),
  );
}

function documentOf(ref: string, policy: Omit<RolePolicy, "document">, text: string): Known<RolePolicy> {
  try {
    return known({ ...policy, document: JSON.parse(text) as unknown }, originOf(ref));
  } catch {
    return { state: "unknown", why: "malformed", detail: `${ref} is no JSON`, origin: originOf(ref) };
  }
}
