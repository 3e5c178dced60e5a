import { isBuiltInProvider, issuerHost, providerArn } from "./provider-arn.ts";
import { podIdentityKey } from "./pod-identity-keys.ts";
import { assume, type Assumptions } from "./request-assumptions.ts";
import { webIdentityKey } from "./web-identity-keys.ts";
import type { PrincipalKind, TrustPolicy } from "./trust-statement.ts";
import { parseSubject } from "./subject.ts";
import type { ServiceAccountName, TrustRequest } from "./trust-types.ts";

/** What the request has for a condition key. */
export type Lookup =
  /** `several`: the key is one that holds a set of values, however many it has now. */
  | { readonly state: "values"; readonly values: readonly string[]; readonly several?: boolean }
  | { readonly state: "absent"; readonly because: string }
  /** It is there, and its value is not known. */
  | { readonly state: "present"; readonly because: string }
  | { readonly state: "unknown"; readonly because: string };

/** The values of a key; none where it has none, or they are not known. */
export function valuesOf(found: Lookup): readonly string[] {
  return found.state === "values" ? found.values : [];
}

/** The request as IAM sees it. */
export interface RequestContext extends Assumptions {
  readonly request: TrustRequest;
  /** Issuer without scheme; undefined for Pod Identity. */
  readonly issuer: string | undefined;
  /** The ServiceAccount that asks, where it is one. */
  readonly subject: ServiceAccountName | undefined;
  /** What one who asks in this way stands under in `Principal`. */
  readonly kind: PrincipalKind;
  /** What must be allowed, all of it. */
  readonly actions: readonly string[];
  /** Who asks, as it stands in `Principal`: any of these is the same. Undefined where the account is not known. */
  readonly principals: readonly string[] | undefined;
  readonly lookup: (key: string) => Lookup;
}

export const POD_IDENTITY_SERVICE = "pods.eks.amazonaws.com";

/** Puts the request in order; what it does not say and the policy does is taken from there. */
export function contextOf(request: TrustRequest, policy: TrustPolicy): RequestContext {
  const issuer = request.issuer === undefined ? undefined : issuerHost(request.issuer);
  const assumptions = assume(request, issuer, policy);
  const own = claimsByKey(request, issuer);
  const without = new Set(request.withoutClaims.map((name) => wholeKey(name, issuer)));
  // A claim wins over what the subject would give.
  const claimed = issuer === undefined ? undefined : own.get(`${issuer}:sub`.toLowerCase())?.values[0];
  const subject = claimed === undefined ? request.subject : parseSubject(claimed);
  const known = { request, issuer, subject, account: assumptions.account };
  const lookup = (key: string): Lookup => {
    const wanted = key.toLowerCase();
    const given = own.get(wanted);
    if (given !== undefined) return given;
    if (without.has(wanted)) return { state: "absent", because: "the request does not have it" };
    return request.mechanism === "irsa" ? webIdentityKey(wanted, known) : podIdentityKey(wanted, known);
  };
  const base = { ...assumptions, request, issuer, subject, lookup };
  if (request.mechanism === "pod-identity") {
    // Without session tags there is nothing that sts:TagSession would be asked for.
    const tags = lookup("aws:TagKeys");
    const actions = tags.state === "absent" ? ["sts:AssumeRole"] : ["sts:AssumeRole", "sts:TagSession"];
    return { ...base, kind: "Service", actions, principals: [POD_IDENTITY_SERVICE] };
  }
  const actions = ["sts:AssumeRoleWithWebIdentity"];
  return { ...base, kind: "Federated", actions, principals: principalsOf(issuer, assumptions) };
}

function principalsOf(issuer: string | undefined, { account, partition }: Assumptions): string[] | undefined {
  if (issuer === undefined) return undefined;
  const builtIn = isBuiltInProvider(issuer) ? [issuer] : [];
  if (account === undefined || partition === undefined) return builtIn.length > 0 ? builtIn : undefined;
  return [providerArn({ partition, account, issuer }), ...builtIn];
}

/** Claims that have one value, though a token may write it as a list of one. */
const SINGLE = /^(aud|azp|email|oaud|sub)$/;

/** Names of claims as keys in small letters; what has no colon is a claim of the issuer. */
function claimsByKey({ claims }: TrustRequest, issuer: string | undefined): Map<string, Lookup & { state: "values" }> {
  return new Map(
    Object.entries(claims).map(([name, value]) => {
      const values = typeof value === "string" ? [value] : value;
      const several = typeof value !== "string" && !(values.length === 1 && SINGLE.test(name));
      return [wholeKey(name, issuer), { state: "values", values, several }];
    }),
  );
}

function wholeKey(name: string, issuer: string | undefined): string {
  return (name.includes(":") || issuer === undefined ? name : `${issuer}:${name}`).toLowerCase();
}
