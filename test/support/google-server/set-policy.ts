import { permissionsOf } from "./authorize.ts";
import type { Binding, Policy, WirePolicy } from "./policy.ts";
import { invalidArgument, Refusal } from "./refusal.ts";
import type { State } from "./state.ts";

export type PolicyHolder = "project" | "account" | "bucket";

const POOL_MEMBER = /^serviceAccount:([^[\]@]+)\[([^[\]/]+)\/([^[\]/]+)\]$/;
const PRINCIPAL =
  /^principal(?:Set)?:\/\/iam\.googleapis\.com\/projects\/([^/]+)\/locations\/global\/workloadIdentityPools\/([^/]+)\/.+$/;
const EMAIL = /^(serviceAccount|user|group):[^\s@[\]]+@[^\s@[\]]+\.[a-z]+$/;

/**
 * `setIamPolicy`: looks at the etag, the version, each role and each member that is new, and then puts the policy in place
 * of the other.
 * @throws Refusal in Google's words
 */
export function setPolicy(state: State, holder: PolicyHolder, policy: Policy, wanted: WirePolicy | undefined): void {
  if (wanted === undefined || typeof wanted !== "object") throw invalidArgument("Policy must be specified.");
  if (wanted.etag !== undefined && wanted.etag !== policy.etag) throw stale(holder, wanted.etag, policy.etag);
  const { version = 1, bindings = [] } = wanted;
  if (![1, 3].includes(version)) throw invalidArgument(`Invalid policy version ${version}.`);
  const conditional = (list: readonly Binding[]): boolean => list.some(({ condition }) => condition !== undefined);
  if (version < 3 && conditional(bindings))
    throw invalidArgument("Policies with conditions must specify policy version 3.");
  if (version < 3 && wanted.etag !== undefined && conditional(policy.bindings))
    throw invalidArgument("The existing policy has conditions: the new one must specify policy version 3.");
  for (const { role, members } of bindings) {
    assertRole(state, holder, role);
    for (const member of members) if (!policy.hasMember(member)) assertMember(state, member);
  }
  policy.replace(wanted, state.time() + state.lagMs);
}

function stale(holder: PolicyHolder, sent: string, current: string): Refusal {
  if (holder === "bucket")
    return new Refusal(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.", [
      { locationType: "header", location: "If-Match" },
    ]);
  const message = `There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. The request's ETag '${sent}' did not match the current policy's ETag '${current}'.`;
  return new Refusal(409, "ABORTED", message);
}

const OF: Readonly<Record<PolicyHolder, RegExp>> = {
  project: /^roles\//,
  account: /^roles\/(iam\.|owner$|editor$|viewer$)/,
  bucket: /^roles\/storage\./,
};

function assertRole(state: State, holder: PolicyHolder, role: string): void {
  if (!role.startsWith("roles/")) {
    if (permissionsOf(state, role) === undefined)
      throw invalidArgument(`Role (${role}) does not exist in the resource's hierarchy.`);
  } else if (permissionsOf(state, role) === undefined || !OF[holder].test(role))
    throw invalidArgument(`Role ${role} is not supported for this resource.`);
}

function assertMember(state: State, member: string): void {
  if (member === "allUsers" || member === "allAuthenticatedUsers") return;
  if (/^project(Owner|Editor|Viewer):[a-z][-a-z0-9]+$/.test(member)) return;
  const [, pool] = POOL_MEMBER.exec(member) ?? [];
  if (pool !== undefined) return assertPool(state, pool);
  const [, number, ofPrincipal] = PRINCIPAL.exec(member) ?? [];
  if (number !== undefined && ofPrincipal !== undefined) {
    assertPool(state, ofPrincipal);
    if (state.poolProject(ofPrincipal)?.number !== number) throw noPool(ofPrincipal);
    return;
  }
  const [, type] = EMAIL.exec(member) ?? [];
  const name = member.slice(member.indexOf(":") + 1);
  if (member.startsWith("serviceAccount:")) {
    if (type === undefined) throw invalidArgument(`Invalid service account (${name}).`);
    if (state.knownAccount(name) === undefined) throw invalidArgument(`Service account ${name} does not exist.`);
  } else if (type === undefined) throw invalidArgument(`Invalid member (${member}).`);
}

function assertPool(state: State, pool: string): void {
  if (state.poolProject(pool) === undefined) throw noPool(pool);
}

export function noPool(pool: string): Refusal {
  const rest =
    "Please check that you specified a valid resource name as returned in the `name` attribute in the configuration API.";
  return invalidArgument(`Identity Pool does not exist (${pool}). ${rest}`);
}
