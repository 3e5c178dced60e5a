import fc from "fast-check";

import { ACCOUNT, arnOf, AUDIENCE, condition, ISSUER, OTHER, SUB, WEB } from "./trust.ts";

/** Subjects near the one that asks, and far from it. */
export const SUBJECTS = [
  SUB,
  "system:serviceaccount:production:antfly",
  "system:serviceaccount:prod:antfly-sa",
  "system:serviceaccount:staging:search",
  "system:serviceaccount:Production:antfly-sa",
  "serviceaccount:production:antfly-sa",
  `${SUB} `,
];
const PATTERNS = [
  "system:serviceaccount:production:*",
  "system:serviceaccount:*:antfly-sa",
  "system:*",
  "*",
  "system:serviceaccount:prod*:*",
];
const AUDIENCES = [AUDIENCE, "sts.amazon.com", "vault"];

const oneOrList = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
  fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 3 }));

const principal = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ Federated: arnOf(ISSUER) }) },
  { weight: 2, arbitrary: fc.constant({ Federated: arnOf(OTHER) }) },
  oneOrList(
    fc.constantFrom(
      arnOf(ISSUER),
      arnOf(OTHER),
      arnOf(ISSUER, "aws", "210987654321"),
      arnOf(`${ISSUER}/`),
      arnOf(ISSUER, "aws-cn"),
    ),
  ).map((Federated) => ({ Federated })),
  fc.constantFrom<unknown>(
    "*",
    { AWS: "*" },
    { AWS: ACCOUNT },
    { Service: "ec2.amazonaws.com" },
    { Service: "pods.eks.amazonaws.com", Federated: arnOf(ISSUER) },
  ),
);

const action = fc.oneof(
  { weight: 6, arbitrary: fc.constant<unknown>(WEB) },
  oneOrList(fc.constantFrom("sts:AssumeRole", WEB, "sts:TagSession", "sts:*", "sts:AssumeRoleWith*")),
);

const STRINGS = [
  "StringEquals",
  "StringNotEquals",
  "StringLike",
  "StringNotLike",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
];

/** An operator of strings, in its plain form mostly. */
const operator = fc
  .tuple(
    fc.constantFrom(...STRINGS),
    fc.constantFrom("", "", "", "", "IfExists"),
    fc.constantFrom("", "", "", "", "ForAllValues:", "ForAnyValue:"),
  )
  .map(([name, exists, set]) => `${set}${name}${exists}`);

const test = fc.oneof(
  fc.tuple(operator, fc.constant("sub"), oneOrList(fc.constantFrom(...SUBJECTS, ...PATTERNS))),
  fc.tuple(operator, fc.constant("aud"), oneOrList(fc.constantFrom(...AUDIENCES))),
  fc.tuple(operator, fc.constantFrom(`${OTHER}:sub`, `${OTHER}:aud`), oneOrList(fc.constantFrom(SUB, AUDIENCE))),
  fc.tuple(operator, fc.constant("amr"), oneOrList(fc.constantFrom("a", "b", "x*"))),
  fc.tuple(
    fc.constant("Null"),
    fc.constantFrom("sub", "aud", "amr", `${OTHER}:sub`),
    fc.constantFrom<unknown>("true", "false"),
  ),
);

const usual = fc.constantFrom(...SUBJECTS).map((sub) => condition({ StringEquals: { aud: AUDIENCE, sub } }));

const conditions = fc.oneof(
  { weight: 2, arbitrary: usual },
  fc.array(test, { maxLength: 3 }).map((tests) => {
    const built: Record<string, Record<string, unknown>> = {};
    for (const [name, key, value] of tests) (built[name] ??= {})[key] = value;
    return condition(built);
  }),
);

export interface AnyStatement {
  Effect: string;
  Principal: unknown;
  Action: unknown;
  Condition?: unknown;
}

/** A statement whose verdict never hangs on the moment of the request. */
export const statement = (effect: fc.Arbitrary<string>): fc.Arbitrary<AnyStatement> =>
  fc
    .record({ Effect: effect, Principal: principal, Action: action, Condition: conditions })
    .map(({ Condition, ...rest }) => (Object.keys(Condition).length === 0 ? rest : { ...rest, Condition }));

export const denying = statement(fc.constant("Deny"));

/** A trust policy of mostly allowing statements. */
export const policy = fc
  .array(statement(fc.constantFrom("Allow", "Allow", "Allow", "Deny")), { minLength: 1, maxLength: 4 })
  .map((Statement) => ({ Version: "2012-10-17", Statement }));
