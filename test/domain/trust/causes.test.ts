import { describe, expect, test } from "vitest";

import {
  ACCOUNT,
  allow,
  arnOf,
  AUDIENCE,
  condition,
  deny,
  GOOD,
  ISSUER,
  judge,
  OTHER,
  policyOf,
  said,
  SUB,
  WEB,
} from "../../support/trust.ts";

const sub = (value: unknown, operator = "StringEquals"): object =>
  operator === "StringEquals"
    ? allow({ StringEquals: { aud: AUDIENCE, sub: value } })
    : allow({ StringEquals: { aud: AUDIENCE }, [operator]: { sub: value } });
const principal = (Principal: unknown): object => ({ ...GOOD, Principal });

/** What denies: name, statements, the findings, and the operations that mend it (`-`: none). */
const DENIED: [string, object[], string[], string[]][] = [
  [
    "another namespace",
    [sub("system:serviceaccount:prod:antfly-sa")],
    ["critical sub-namespace 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "another ServiceAccount",
    [sub("system:serviceaccount:production:antfly")],
    ["critical sub-serviceaccount 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "another of both",
    [sub("system:serviceaccount:staging:search")],
    ["critical sub-namespace 0/StringEquals/I:sub", "critical sub-serviceaccount 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "capital letters",
    [sub("system:serviceaccount:Production:antfly-sa")],
    ["critical sub-case 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "without system:",
    [sub("serviceaccount:production:antfly-sa")],
    ["critical sub-format 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "with a slash",
    [sub("system:serviceaccount:production/antfly-sa")],
    ["critical sub-format 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "namespace and name alone",
    [sub("production/antfly-sa")],
    ["critical sub-format 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "a group's name",
    [sub("system:serviceaccounts:production:antfly-sa")],
    ["critical sub-format 0/StringEquals/I:sub"],
    ["replace"],
  ],
  ["a space at the end", [sub(`${SUB} `)], ["critical sub-format 0/StringEquals/I:sub"], ["replace"]],
  [
    "a character that cannot be seen",
    [sub(`${SUB}\u200b`)],
    ["critical sub-format 0/StringEquals/I:sub", "error trust-json 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "a letter of another alphabet",
    [sub(SUB.replace("antfly", "\u0430ntfly"))],
    ["critical sub-format 0/StringEquals/I:sub", "error trust-json 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "a space that is none",
    [sub(SUB.replace("antfly", "\u00a0antfly"))],
    ["critical sub-format 0/StringEquals/I:sub"],
    ["replace"],
  ],
  ["a line break at the end", [sub(`${SUB}\n`)], ["critical sub-format 0/StringEquals/I:sub"], ["replace"]],
  [
    "a star under StringEquals",
    [sub("system:serviceaccount:production:*")],
    ["critical stringequals-wildcard 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "a list that lacks one",
    [sub(["system:serviceaccount:production:a", "system:serviceaccount:production:b"])],
    ["critical sub-serviceaccount 0/StringEquals/I:sub"],
    ["add"],
  ],
  [
    "a pattern for another namespace",
    [sub("system:serviceaccount:prod:*", "StringLike")],
    ["critical sub-namespace 0/StringLike/I:sub", "warning stringlike-broad 0/StringLike/I:sub"],
    ["replace"],
  ],
  [
    "aud and sub swapped",
    [allow({ StringEquals: { aud: SUB, sub: AUDIENCE } })],
    ["critical sub-under-aud-key 0/StringEquals/I:aud", "critical aud-under-sub-key 0/StringEquals/I:sub"],
    ["replace", "replace"],
  ],
  [
    "the subject under aud alone",
    [allow({ StringEquals: { aud: SUB } })],
    ["critical sub-under-aud-key 0/StringEquals/I:aud"],
    ["replace", "add"],
  ],
  [
    "the audience under sub alone",
    [allow({ StringEquals: { sub: AUDIENCE } })],
    ["critical aud-under-sub-key 0/StringEquals/I:sub"],
    ["replace"],
  ],
  [
    "the audience misspelt",
    [allow({ StringEquals: { aud: "sts.amazon.com", sub: SUB } })],
    ["critical token-wrong-audience 0/StringEquals/I:aud"],
    ["replace"],
  ],
  [
    "another audience",
    [allow({ StringEquals: { aud: "https://kubernetes.default.svc", sub: SUB } })],
    ["critical token-wrong-audience 0/StringEquals/I:aud"],
    ["replace"],
  ],
  [
    "another cluster",
    [
      {
        ...GOOD,
        Principal: { Federated: arnOf(OTHER) },
        Condition: condition({ StringEquals: { aud: AUDIENCE, sub: SUB } }, OTHER),
      },
    ],
    ["critical issuer-mismatch 0/Principal/Federated"],
    ["add"],
  ],
  [
    "the issuer for its provider",
    [principal({ Federated: ISSUER })],
    ["critical federated-not-arn 0/Principal/Federated"],
    ["replace"],
  ],
  [
    "region and eks in the wrong order",
    [principal({ Federated: arnOf(ISSUER.replace("oidc.eks.us-east-2", "oidc.us-east-2.eks")) })],
    ["critical federated-host-typo 0/Principal/Federated"],
    ["replace"],
  ],
  [
    "https:// inside the ARN",
    [principal({ Federated: arnOf(`https://${ISSUER}`) })],
    ["critical federated-host-typo 0/Principal/Federated"],
    ["replace"],
  ],
  [
    "a slash after the issuer",
    [principal({ Federated: arnOf(`${ISSUER}/`) })],
    ["critical federated-host-typo 0/Principal/Federated"],
    ["replace"],
  ],
  [
    "a wildcard for the provider",
    [principal({ Federated: arnOf("*") })],
    ["critical federated-host-typo 0/Principal/Federated"],
    ["replace"],
  ],
  [
    "another account",
    [principal({ Federated: arnOf(ISSUER, "aws", "210987654321") })],
    ["critical federated-wrong-account 0/Principal/Federated"],
    ["replace"],
  ],
  [
    "another partition",
    [principal({ Federated: arnOf(ISSUER, "aws-cn") })],
    ["critical federated-wrong-partition 0/Principal/Federated"],
    ["replace"],
  ],
  [
    "a service",
    [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    ["critical trust-service-principal 0/Principal"],
    ["add"],
  ],
  [
    "Pod Identity's service",
    [
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
    ],
    ["critical trust-service-principal 0/Principal"],
    ["add"],
  ],
  [
    "a deleted role",
    [{ Effect: "Allow", Principal: { AWS: "AROAEXAMPLEEXAMPLE123" }, Action: "sts:AssumeRole" }],
    ["error principal-stale-id 0/Principal"],
    ["add"],
  ],
  ["sts:AssumeRole", [{ ...GOOD, Action: "sts:AssumeRole" }], ["critical trust-action 0/Action"], ["replace"]],
  [
    "sts:AssumeRoleWithSAML",
    [{ ...GOOD, Action: ["sts:AssumeRoleWithSAML"] }],
    ["critical trust-action 0/Action/0"],
    ["replace"],
  ],
  [
    "an action left out",
    [{ Effect: "Allow", Principal: GOOD.Principal, NotAction: WEB, Condition: GOOD.Condition }],
    ["critical trust-action 0/NotAction"],
    ["add"],
  ],
  [
    "keys of another cluster",
    [{ ...GOOD, Condition: condition({ StringEquals: { aud: AUDIENCE, sub: SUB } }, OTHER) }],
    ["critical condition-other-issuer 0/StringEquals/O:aud", "critical condition-other-issuer 0/StringEquals/O:sub"],
    ["add", "remove", "add", "remove"],
  ],
  [
    "keys with https://",
    [{ ...GOOD, Condition: condition({ StringEquals: { aud: AUDIENCE, sub: SUB } }, `https://${ISSUER}`) }],
    [
      "critical condition-other-issuer 0/StringEquals/https:~1~1I:aud",
      "critical condition-other-issuer 0/StringEquals/https:~1~1I:sub",
    ],
    ["add", "remove", "add", "remove"],
  ],
  [
    "a key with a slash for the colon",
    [allow({ StringEquals: { aud: AUDIENCE, [`${ISSUER}/sub`]: SUB } })],
    ["critical condition-other-issuer 0/StringEquals/I~1sub"],
    ["add", "remove"],
  ],
  [
    "keys of two clusters",
    [{ ...GOOD, Condition: condition({ StringEquals: { aud: AUDIENCE, sub: SUB, [`${OTHER}:sub`]: SUB } }) }],
    ["critical condition-multiple-ands 0/StringEquals/O:sub"],
    ["remove"],
  ],
  ["a Deny on the subject", [GOOD, deny({ StringEquals: { sub: SUB } })], ["critical explicit-deny 1"], ["remove"]],
  [
    "a Deny on all but others",
    [GOOD, deny({ StringNotEquals: { sub: "system:serviceaccount:a:b" } })],
    ["critical explicit-deny 1"],
    ["replace"],
  ],
  [
    "a Deny on the namespace",
    [GOOD, deny({ StringLike: { sub: "system:serviceaccount:production:*" } })],
    ["critical explicit-deny 1"],
    ["add"],
  ],
  [
    "a Deny on everything",
    [GOOD, { Effect: "Deny", Principal: "*", Action: "sts:*" }],
    ["critical explicit-deny 1"],
    ["-"],
  ],
  [
    "a key that web identities never have",
    [allow({ StringEquals: { aud: AUDIENCE, sub: SUB, "aws:PrincipalOrgID": "o-1" } })],
    ["error extra-condition 0/StringEquals/aws:PrincipalOrgID"],
    ["remove"],
  ],
];

test("a token for several audiences is told from a wrong one", () => {
  const report = judge(policyOf(GOOD), { claims: { aud: [AUDIENCE, "vault"] } });
  expect([report.decision, report.findings[0]?.cause]).toEqual(["deny", "irsa.extra-condition"]);
  expect(report.findings[0]?.message).toContain("ForAnyValue:");
});

/** Changes that would let in, or keep out, others than the one who asks: here a wider one lay near. */
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const UNTOUCHED: [string, object[], unknown[]][] = [
  [
    "the only condition is kept, though others are let in by another statement",
    [
      allow({ StringNotEquals: { sub: [SUB, "system:serviceaccount:staging:search"] } }),
      allow({ StringEquals: { "aws:PrincipalOrgID": "o-1" } }),
    ],
    [["add", "/Statement/-"]],
  ],
  [
    "a Deny that holds for other clusters too is kept",
    [GOOD, { ...deny({ StringEqualsIfExists: { sub: SUB } }), Principal: "*" }],
    [["add", "/Statement/1/Condition/StringNotEquals"]],
  ],
  [
    "a condition that keeps users of other organisations out is kept",
    [
      allow(
        { StringEqualsIfExists: { sub: SUB }, StringEquals: { "aws:PrincipalOrgID": "o-1" } },
        { Principal: { AWS: ROOT, Federated: arnOf(ISSUER) }, Action: ["sts:AssumeRole", WEB] },
      ),
    ],
    [["add", "/Statement/-"]],
  ],
  [
    "an action that users have is kept",
    [allow({ StringEquals: { aud: AUDIENCE, sub: SUB } }, { Principal: "*", Action: "sts:AssumeRole" })],
    [["replace", "/Statement/0/Action"]],
  ],
];

test.each(UNTOUCHED)("%s", (_, statements, operations) => {
  const { patch } = judge(policyOf(...statements));
  expect(patch?.operations.map(({ op, path }) => [op, path])).toEqual(operations);
});

test.each([
  [`${SUB}\u200b`, "system:serviceaccount:production:antfly-sa[U+200B]"],
  [SUB.replace("antfly", "\u0430ntfly"), "system:serviceaccount:production:[U+0430]ntfly-sa"],
  [SUB.replace("antfly", "\u00a0antfly"), "system:serviceaccount:production:[U+00A0]antfly-sa"],
  [`${SUB}\n`, "system:serviceaccount:production:antfly-sa[U+000A]"],
  [`${SUB}\u{1f600}`, "system:serviceaccount:production:antfly-sa[U+1F600]"],
  ["system:serviceaccount:prod:antfly-sa", "system:serviceaccount:prod[uction]:antfly-sa"],
])("the difference is marked so that it can be seen: %j", (written, marked) => {
  expect(judge(policyOf(sub(written))).findings[0]?.marked).toBe(marked);
});

/** What is allowed, and remarked on. */
const ALLOWED: [string, object[], string[]][] = [
  ["the least policy", [GOOD], []],
  ["no condition", [allow(undefined)], ["critical condition-missing 0"]],
  ["no subject", [allow({ StringEquals: { aud: AUDIENCE } })], ["critical sub-missing 0"]],
  ["no audience", [allow({ StringEquals: { sub: SUB } })], ["warning aud-missing 0"]],
  [
    "every ServiceAccount",
    [sub("system:serviceaccount:*:*", "StringLike")],
    ["critical stringlike-broad 0/StringLike/I:sub"],
  ],
  ["anything", [sub("*", "StringLike")], ["critical stringlike-broad 0/StringLike/I:sub"]],
  [
    "a whole namespace",
    [sub("system:serviceaccount:production:*", "StringLike")],
    ["warning stringlike-broad 0/StringLike/I:sub"],
  ],
  [
    "a name in every namespace",
    [sub("system:serviceaccount:*:antfly-sa", "StringLike")],
    ["critical stringlike-broad 0/StringLike/I:sub"],
  ],
  [
    "ForAllValues",
    [allow({ StringEquals: { aud: AUDIENCE }, "ForAllValues:StringEquals": { sub: SUB } })],
    ["critical forallvalues 0/ForAllValues:StringEquals/I:sub"],
  ],
  [
    "ForAllValues on a misspelt key",
    [allow({ StringEquals: { aud: AUDIENCE }, "ForAllValues:StringEquals": { subject: SUB } })],
    ["critical forallvalues 0/ForAllValues:StringEquals/I:subject"],
  ],
  [
    "IfExists",
    [allow({ StringEquals: { aud: AUDIENCE }, StringEqualsIfExists: { sub: SUB } })],
    ["warning ifexists 0/StringEqualsIfExists/I:sub"],
  ],
  [
    "ForAnyValue with IfExists, which is as good as without",
    [allow({ StringEquals: { aud: AUDIENCE }, "ForAnyValue:StringEqualsIfExists": { sub: SUB } })],
    [],
  ],
  [
    "a Deny of others beside no condition",
    [allow({ StringEquals: { aud: AUDIENCE } }), deny({ StringNotEquals: { sub: SUB } })],
    [],
  ],
];

describe("what denies", () => {
  test.each(DENIED)("%s", (_, statements, findings, operations) => {
    const report = judge(policyOf(...statements));
    expect([report.decision, said(report)]).toEqual(["deny", findings]);
    expect(report.patch?.operations.map(({ op }) => op) ?? ["-"]).toEqual(operations);
    if (report.patch !== undefined) expect(judge(report.patch.document).decision).toBe("allow");
  });
});

describe("what is allowed", () => {
  test.each(ALLOWED)("%s", (_, statements, findings) => {
    const report = judge(policyOf(...statements));
    expect([report.decision, said(report), report.patch]).toEqual(["allow", findings, undefined]);
  });
});
