type Change = Readonly<Record<string, unknown>>;

/** A trust policy and what STS decides about ServiceAccount `default` of namespace NS, whose token is for sts.amazonaws.com. */
export interface TrustRow {
  readonly name: string;
  readonly allowed: boolean;
  /** Statements; SUB, NS and ISSUER stand for what they are of. */
  readonly statements: readonly Change[];
}

const ALLOW = {
  Effect: "Allow",
  Principal: { Federated: "arn:aws:iam::ACCOUNT:oidc-provider/ISSUER" },
  Action: "sts:AssumeRoleWithWebIdentity",
};
const SUB = { "ISSUER:sub": "SUB" };
const AUD = { "ISSUER:aud": "sts.amazonaws.com" };
const row = (name: string, allowed: boolean, ...statements: readonly Change[]): TrustRow => ({
  name,
  allowed,
  statements,
});
/** The usual statement with another condition. */
const when = (Condition: Change | undefined, more: Change = {}): Change => ({ ...ALLOW, Condition, ...more });

/** Rules of failure catalogue, section 4.2. */
export const TRUST_TABLE: readonly TrustRow[] = [
  row("subject and audience", true, when({ StringEquals: { ...SUB, ...AUD } })),
  row("the subject alone", true, when({ StringEquals: SUB })),
  row("the audience alone", true, when({ StringEquals: AUD })),
  row("no condition", true, ALLOW),
  row("another namespace", false, when({ StringEquals: { "ISSUER:sub": "system:serviceaccount:other:default" } })),
  row("another case", false, when({ StringEquals: { "ISSUER:sub": "system:serviceaccount:NS:Default" } })),
  row("another audience", false, when({ StringEquals: { ...SUB, "ISSUER:aud": "vault" } })),
  row(
    "subject and audience swapped",
    false,
    when({ StringEquals: { "ISSUER:aud": "SUB", "ISSUER:sub": "sts.amazonaws.com" } }),
  ),
  row("a wildcard under StringEquals", false, when({ StringEquals: { "ISSUER:sub": "system:serviceaccount:NS:*" } })),
  row("a wildcard under StringLike", true, when({ StringLike: { "ISSUER:sub": "system:serviceaccount:NS:*" } })),
  row("a wildcard over colons", true, when({ StringLike: { "ISSUER:sub": "system:*:default" } })),
  row(
    "a question mark is one character",
    true,
    when({ StringLike: { "ISSUER:sub": "system:serviceaccount:NS:defaul?" } }),
  ),
  row(
    "a question mark is not none",
    false,
    when({ StringLike: { "ISSUER:sub": "system:serviceaccount:NS:default?" } }),
  ),
  row(
    "one of several values",
    true,
    when({ StringEquals: { "ISSUER:sub": ["system:serviceaccount:other:x", "SUB"] } }),
  ),
  row(
    "StringEqualsIgnoreCase",
    true,
    when({ StringEqualsIgnoreCase: { "ISSUER:sub": "SYSTEM:SERVICEACCOUNT:NS:DEFAULT" } }),
  ),
  row("keys in any case", true, when({ StringEquals: { "ISSUER:SUB": "SUB" } })),
  row("another issuer's keys", false, when({ StringEquals: { "oidc.example.com/id/X:sub": "SUB" } })),
  row(
    "keys of two issuers are both asked for",
    false,
    when({ StringEquals: { ...SUB, "oidc.example.com/id/X:sub": "SUB" } }),
  ),
  row("a key with the scheme", false, when({ StringEquals: { "https://ISSUER:sub": "SUB" } })),
  row("StringNotEquals of another", true, when({ StringNotEquals: { "ISSUER:sub": "system:serviceaccount:other:x" } })),
  row("StringNotEquals of one's own", false, when({ StringNotEquals: SUB })),
  row("StringNotEquals of a key that is missing", true, when({ StringNotEquals: { "ISSUER:nothing": "x" } })),
  row("IfExists of a key that is missing", true, when({ StringEqualsIfExists: { "ISSUER:nothing": "x" } })),
  row("IfExists of a key that is there", false, when({ StringEqualsIfExists: { "ISSUER:sub": "x" } })),
  row("ForAllValues of a key that is missing", true, when({ "ForAllValues:StringEquals": { "ISSUER:nothing": "x" } })),
  row("ForAnyValue of a key that is missing", false, when({ "ForAnyValue:StringEquals": { "ISSUER:nothing": "x" } })),
  row("ForAllValues of a key that differs", false, when({ "ForAllValues:StringEquals": { "ISSUER:sub": "x" } })),
  row("Null of a key that is there", false, when({ Null: { "ISSUER:sub": "true" } })),
  row("Null of a key that is missing", true, when({ Null: { "ISSUER:nothing": "true" } })),
  row("two operators are both asked for", false, when({ StringEquals: AUD, StringLike: { "ISSUER:sub": "x*" } })),
  row("a list of actions", true, when(undefined, { Action: ["sts:TagSession", "sts:AssumeRoleWithWebIdentity"] })),
  row("actions in any case", true, when(undefined, { Action: "STS:assumerolewithwebidentity" })),
  row("a wildcard in the action", true, when(undefined, { Action: "sts:AssumeRole*" })),
  row("the action of another mechanism", false, when(undefined, { Action: "sts:AssumeRole" })),
  row("NotAction of another", true, when(undefined, { Action: undefined, NotAction: "sts:AssumeRole" })),
  row(
    "a provider of another account",
    false,
    when(undefined, { Principal: { Federated: "arn:aws:iam::111122223333:oidc-provider/ISSUER" } }),
  ),
  row(
    "one of several providers",
    true,
    when(undefined, {
      Principal: {
        Federated: ["arn:aws:iam::ACCOUNT:oidc-provider/oidc.example.com", "arn:aws:iam::ACCOUNT:oidc-provider/ISSUER"],
      },
    }),
  ),
  row("the account, and no provider", false, when(undefined, { Principal: { AWS: "arn:aws:iam::ACCOUNT:root" } })),
  row("the second statement", true, when({ StringEquals: { "ISSUER:sub": "x" } }), when({ StringEquals: SUB })),
  row("a Deny wins", false, ALLOW, when({ StringEquals: SUB }, { Effect: "Deny" })),
  row("a Deny of others does not", true, ALLOW, when({ StringNotEquals: SUB }, { Effect: "Deny" })),
];
