/** What a condition key of a trust policy is about. */
export type KeyKind =
  /** A claim of this request's issuer. */
  | { readonly kind: "own"; readonly claim: string }
  /** A claim of another issuer, or with the issuer written another way; `issuer` is "" where there is none in front. */
  | { readonly kind: "other"; readonly issuer: string; readonly claim: string }
  /** A key of AWS. */
  | { readonly kind: "aws" };

/** Keys are compared without regard to large and small letters. */
export function kindOfKey(key: string, issuer: string | undefined): KeyKind {
  if (issuer !== undefined && key.toLowerCase().startsWith(`${issuer.toLowerCase()}:`))
    return { kind: "own", claim: key.slice(issuer.length + 1).toLowerCase() };
  const colon = key.lastIndexOf(":");
  const prefix = key.slice(0, Math.max(colon, 0));
  const claim = key.slice(colon + 1).toLowerCase();
  if (prefix === "") return { kind: "other", issuer: "", claim: claim.slice(claim.lastIndexOf("/") + 1) };
  const host =
    /^(https?:\/\/)?[^/:]+\.[^/:]+/i.test(prefix) && !/^[a-z0-9]+:.*\//i.test(prefix.replace(/^https?:\/\//i, ""));
  return host ? { kind: "other", issuer: prefix, claim } : { kind: "aws" };
}

/** Whether a key is this claim of this issuer. */
export function isOwnClaim(key: string, claim: string, issuer: string | undefined): boolean {
  const kind = kindOfKey(key, issuer);
  return kind.kind === "own" && kind.claim === claim;
}
