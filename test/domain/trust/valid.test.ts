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

const other = {
  ...GOOD,
  Principal: { Federated: arnOf(OTHER) },
  Condition: condition({ StringEquals: { aud: AUDIENCE, sub: SUB } }, OTHER),
};
const github = {
  Effect: "Allow",
  Principal: { Federated: arnOf("token.actions.githubusercontent.com") },
  Action: WEB,
  Condition: {
    StringEquals: { "token.actions.githubusercontent.com:aud": AUDIENCE },
    StringLike: { "token.actions.githubusercontent.com:sub": "repo:acme/search:*" },
  },
};

/** Policies that work and are narrow enough: nothing fails, whatever else may be remarked on. */
const VALID: [string, unknown, string[]][] = [
  ["a single statement that is no list", { Version: "2012-10-17", Statement: GOOD }, []],
  ["an Id and a Sid", { Version: "2012-10-17", Id: "trust for antfly", Statement: [{ Sid: "Antfly", ...GOOD }] }, []],
  ["the language of 2008", { Version: "2008-10-17", Statement: [GOOD] }, []],
  ["no Version", { Statement: [GOOD] }, []],
  ["an action in a list", policyOf({ ...GOOD, Action: [WEB] }), []],
  ["sts:*", policyOf({ ...GOOD, Action: "sts:*" }), []],
  ["with sts:TagSession", policyOf({ ...GOOD, Action: [WEB, "sts:TagSession"] }), []],
  [
    "several ServiceAccounts",
    policyOf(allow({ StringEquals: { aud: AUDIENCE, sub: [SUB, "system:serviceaccount:staging:antfly-sa"] } })),
    [],
  ],
  ["StringLike without a wildcard", policyOf(allow({ StringLike: { aud: AUDIENCE, sub: SUB } })), []],
  ["ForAnyValue on both", policyOf(allow({ "ForAnyValue:StringEquals": { aud: [AUDIENCE], sub: [SUB] } })), []],
  ["StringEqualsIgnoreCase", policyOf(allow({ StringEqualsIgnoreCase: { aud: AUDIENCE, sub: SUB } })), []],
  ["several audiences", policyOf(allow({ StringEquals: { aud: [AUDIENCE, "vault"], sub: SUB } })), []],
  ["several clusters", policyOf(other, GOOD), []],
  [
    "several providers in one statement, one condition",
    policyOf({ ...GOOD, Principal: { Federated: [arnOf(OTHER), arnOf(ISSUER)] } }),
    [],
  ],
  [
    "with a user's statement",
    policyOf({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" }, GOOD),
    [],
  ],
  [
    "with EC2",
    policyOf({ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }, GOOD),
    [],
  ],
  [
    "with Pod Identity",
    policyOf(
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
      GOOD,
    ),
    [],
  ],
  ["with GitHub's actions", policyOf(github, GOOD), []],
  [
    "with SAML",
    policyOf(
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` },
        Action: "sts:AssumeRoleWithSAML",
        Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
      },
      GOOD,
    ),
    [],
  ],
  [
    "with Cognito",
    policyOf(
      {
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: WEB,
        Condition: {
          StringEquals: {
            "cognito-identity.amazonaws.com:aud": "us-east-2:1",
            "cognito-identity.amazonaws.com:sub": "x",
          },
          "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
        },
      },
      GOOD,
    ),
    [],
  ],
  [
    "with a Deny for plain HTTP",
    policyOf(GOOD, {
      Effect: "Deny",
      Principal: "*",
      Action: "sts:*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    }),
    [],
  ],
  [
    "with a Deny for others",
    policyOf(GOOD, deny({ StringNotLike: { sub: "system:serviceaccount:production:*" } })),
    [],
  ],
  [
    "with a Deny for another audience",
    policyOf(allow({ StringEquals: { sub: SUB } }), deny({ StringNotEquals: { aud: AUDIENCE } })),
    [],
  ],
  [
    "a name like ours",
    policyOf(
      allow({ StringEquals: { aud: AUDIENCE }, StringLike: { sub: "system:serviceaccount:production:antfly-*" } }),
    ),
    ["warning stringlike-broad 0/StringLike/I:sub"],
  ],
  [
    "another statement that is out of order",
    policyOf(GOOD, allow({ StringEquals: { aud: AUDIENCE, sub: "system:serviceaccount:production:*" } })),
    ["warning stringequals-wildcard 1/StringEquals/I:sub"],
  ],
];

describe("valid set-ups", () => {
  test.each(VALID)("%s", (_, policy, findings) => {
    const report = judge(policy);
    expect([report.decision, said(report)]).toEqual(["allow", findings]);
    expect(report.findings.every(({ severity }) => severity === "warning")).toBe(true);
  });

  test.each([
    ["aws-cn", "oidc.eks.cn-northwest-1.amazonaws.com.cn/id/A1"],
    ["aws-us-gov", "oidc.eks.us-gov-east-1.amazonaws.com/id/A1"],
    ["aws-iso", "oidc.eks.us-iso-west-1.c2s.ic.gov/id/A1"],
    ["aws-iso-b", "oidc.eks.us-isob-east-1.sc2s.sgov.gov/id/A1"],
    ["aws-iso-f", "oidc.eks.us-isof-south-1.csp.hci.ic.gov/id/A1"],
  ])("in partition %s, which the issuer tells", (partition, issuer) => {
    const statement = (arn: string): object => ({
      ...GOOD,
      Principal: { Federated: arn },
      Condition: condition({ StringEquals: { aud: AUDIENCE, sub: SUB } }, issuer),
    });
    const right = judge(policyOf(statement(arnOf(issuer, partition))), { issuer });
    expect([right.decision, said(right)]).toEqual(["allow", []]);
    const wrong = judge(policyOf(statement(arnOf(issuer))), { issuer });
    expect([wrong.decision, said(wrong)]).toEqual([
      "deny",
      ["critical federated-wrong-partition 0/Principal/Federated"],
    ]);
    expect(wrong.patch?.operations).toEqual([
      { op: "replace", path: "/Statement/0/Principal/Federated", value: arnOf(issuer, partition) },
    ]);
  });

  test.each([
    ["with a path", "issuer.example.com/clusters/eu/prod"],
    ["with a slash at the end", "tenant.auth0.com/"],
    ["with a port", "issuer.example.com:8443"],
    ["of a bucket", "s3.us-east-1.amazonaws.com/acme-oidc/prod"],
  ])("an issuer %s", (_, issuer) => {
    const statement = {
      ...GOOD,
      Principal: { Federated: arnOf(issuer) },
      Condition: condition({ StringEquals: { aud: AUDIENCE, sub: SUB } }, issuer),
    };
    const report = judge(policyOf(statement), { issuer: `https://${issuer}` });
    expect([report.decision, said(report)]).toEqual(["allow", []]);
    expect(judge(policyOf(statement)).decision).toBe("deny");
  });
});

describe("what is taken from the policy", () => {
  test("the account, and the report says so", () => {
    const report = judge(policyOf(GOOD), { account: undefined });
    expect([report.decision, report.assumed]).toEqual([
      "allow",
      [`the role is in account ${ACCOUNT}, which the policy names`],
    ]);
  });

  test("of several accounts that of this issuer's provider", () => {
    const elsewhere = {
      ...github,
      Principal: { Federated: arnOf("token.actions.githubusercontent.com", "aws", "210987654321") },
    };
    expect(judge(policyOf(elsewhere, GOOD), { account: undefined }).decision).toBe("allow");
  });

  test("nothing where the policy has none", () => {
    const service = policyOf({
      Effect: "Allow",
      Principal: { Service: "ec2.amazonaws.com" },
      Action: "sts:AssumeRole",
    });
    const report = judge(service, { account: undefined });
    expect([report.decision, report.assumed, report.patch]).toEqual(["deny", [], undefined]);
    expect(report.findings[0]?.fix).toBe("the account of the role, the subject or the audience is not known");
  });
});

describe("several clusters", () => {
  const third = "oidc.eks.eu-west-1.amazonaws.com/id/CAFE0000CAFE0000CAFE0000CAFE0000";

  test("a role that trusts one other cluster has mostly the old one", () => {
    const report = judge(policyOf(other));
    expect(said(report)).toEqual(["critical issuer-mismatch 0/Principal/Federated"]);
    expect(report.patch?.operations).toEqual([{ op: "add", path: "/Statement/-", value: GOOD }]);
  });

  test("a role that trusts several lacks one more", () => {
    expect(said(judge(policyOf(other, GOOD), { issuer: third }))).toEqual([
      "error multi-cluster 0/Principal/Federated",
    ]);
  });

  test("a slip in the id is no other cluster", () => {
    const slip = ISSUER.replace("D539", "D593");
    expect(said(judge(policyOf({ ...GOOD, Principal: { Federated: arnOf(slip) } })))).toEqual([
      "critical federated-host-typo 0/Principal/Federated",
    ]);
  });
});

describe("subjects that are no ServiceAccounts", () => {
  const request = { issuer: "token.actions.githubusercontent.com", subject: undefined };

  test("are judged by their claims", () => {
    const sub = (text: string): string =>
      judge(policyOf(github), { ...request, claims: { sub: text, aud: AUDIENCE } }).decision;
    expect([sub("repo:acme/search:ref:refs/heads/main"), sub("repo:acme/other:ref:refs/heads/main")]).toEqual([
      "allow",
      "deny",
    ]);
  });

  test("and a patch names the subject", () => {
    const report = judge(policyOf(github), { ...request, claims: { sub: "repo:acme/other:x", aud: AUDIENCE } });
    const path = "/Statement/0/Condition/StringLike/token.actions.githubusercontent.com:sub";
    expect(report.patch?.operations).toEqual([
      { op: "replace", path, value: ["repo:acme/search:*", "repo:acme/other:x"] },
    ]);
  });
});
