import { describe, expect, test } from "vitest";

import {
  buildPodIdentityTrust,
  buildTrustPolicy,
  type WantedTrust,
} from "../../../src/domain/iam/trust/build-trust-policy.ts";
import { mergeTrustPolicy } from "../../../src/domain/iam/trust/merge-trust-policy.ts";
import {
  ACCOUNT,
  allow,
  AUDIENCE,
  deny,
  GOOD,
  ISSUER,
  judge,
  OTHER,
  policyOf,
  read,
  said,
  SUB,
} from "../../support/trust.ts";

const SUBJECT = { namespace: "production", serviceAccount: "antfly-sa" };
const WANTED: WantedTrust = {
  partition: "aws",
  account: ACCOUNT,
  issuer: `https://${ISSUER}`,
  audience: AUDIENCE,
  subjects: [SUBJECT],
};
const SECOND = { namespace: "staging", serviceAccount: "antfly-sa" };

describe("a trust policy that is built", () => {
  test("has audience and subject, and nothing is remarked on it", () => {
    expect(buildTrustPolicy(WANTED)).toEqual(policyOf(GOOD));
    expect(said(judge(buildTrustPolicy(WANTED)))).toEqual([]);
  });

  test("trusts several ServiceAccounts by name", () => {
    const policy = buildTrustPolicy({ ...WANTED, subjects: [SUBJECT, SECOND, SUBJECT] });
    expect(policy).toEqual(
      policyOf(allow({ StringEquals: { aud: AUDIENCE, sub: [SUB, "system:serviceaccount:staging:antfly-sa"] } })),
    );
    expect(judge(policy, { subject: SECOND }).decision).toBe("allow");
  });

  test.each([
    ["aws-cn", "oidc.eks.cn-north-1.amazonaws.com.cn/id/A"],
    ["aws-us-gov", "oidc.eks.us-gov-west-1.amazonaws.com/id/A"],
    ["aws-iso", "oidc.eks.us-iso-east-1.c2s.ic.gov/id/A"],
    ["aws-iso-b", "oidc.eks.us-isob-east-1.sc2s.sgov.gov/id/A"],
    ["aws-iso-e", "oidc.eks.eu-isoe-west-1.cloud.adc-e.uk/id/A"],
    ["aws-eusc", "oidc.eks.eusc-de-east-1.amazonaws.eu/id/A"],
  ])("in %s", (partition, issuer) => {
    const report = judge(buildTrustPolicy({ ...WANTED, partition, issuer }), { issuer });
    expect([report.decision, said(report)]).toEqual(["allow", []]);
  });

  test("for EKS Pod Identity: both actions, the ServiceAccount, the cluster", () => {
    const clusterArn = "arn:aws:eks:us-east-2:123456789012:cluster/prod";
    const policy = buildPodIdentityTrust({ account: ACCOUNT, clusterArn, subject: SUBJECT });
    const request = {
      mechanism: "pod-identity" as const,
      issuer: undefined,
      claims: { "aws:RequestTag/eks-cluster-arn": clusterArn },
    };
    const report = judge(policy, request);
    expect([report.decision, said(report)]).toEqual(["allow", []]);
    expect(judge(policy, { ...request, subject: SECOND }).decision).toBe("deny");
    const byName = policyOf({
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: { StringEquals: { "aws:RequestTag/eks-cluster-name": "prod" } },
    });
    expect(judge(byName, request).decision).toBe("allow");
    expect(judge(byName, { ...request, claims: { "aws:SourceArn": `${clusterArn}x` } }).decision).toBe("deny");
  });
});

describe("a trust policy that is merged into", () => {
  const merge = (policy: object, wanted: Partial<WantedTrust> = {}): ReturnType<typeof mergeTrustPolicy> =>
    mergeTrustPolicy(read(policy), { ...WANTED, ...wanted });

  test("stays as it is where the ServiceAccount is trusted", () => {
    expect(merge(policyOf(GOOD))).toEqual({ document: policyOf(GOOD), operations: [], kept: [] });
    const wide = policyOf(allow({ StringLike: { sub: "system:serviceaccount:production:*" } }));
    expect(merge(wide).operations).toEqual([]);
  });

  test("takes one more subject into the statement that fits", () => {
    const { operations, document } = merge(policyOf(GOOD), { subjects: [SECOND] });
    expect(operations).toEqual([
      {
        op: "replace",
        path: `/Statement/0/Condition/StringEquals/${ISSUER.replaceAll("/", "~1")}:sub`,
        value: [SUB, "system:serviceaccount:staging:antfly-sa"],
      },
    ]);
    expect(judge(document, { subject: SECOND }).decision).toBe("allow");
    expect(merge(document as object, { subjects: [SECOND] }).operations).toEqual([]);
  });

  test("takes a subject once, however often it is wanted", () => {
    const { operations } = merge(policyOf(GOOD), { subjects: [SECOND, SECOND] });
    expect(operations).toHaveLength(1);
  });

  test("gets a statement for another cluster, and keeps the one it has", () => {
    const { operations, document } = merge(policyOf(GOOD), { issuer: OTHER });
    expect(operations.map(({ op, path }) => [op, path])).toEqual([["add", "/Statement/-"]]);
    expect([judge(document).decision, judge(document, { issuer: OTHER }).decision]).toEqual(["allow", "allow"]);
  });

  test.each([
    ["without an audience", allow({ StringEquals: { sub: "system:serviceaccount:a:b" } })],
    [
      "with another condition",
      allow({ StringEquals: { aud: AUDIENCE, sub: "system:serviceaccount:a:b", "aws:RequestedRegion": "us-east-2" } }),
    ],
    [
      "for two providers",
      {
        ...GOOD,
        Principal: {
          Federated: ["arn:aws:iam::123456789012:oidc-provider/a.b", "arn:aws:iam::123456789012:oidc-provider/c.d"],
        },
      },
    ],
  ])("leaves a statement %s alone", (_, statement) => {
    const { operations, document } = merge({ Version: "2012-10-17", Statement: statement });
    expect(operations.map(({ op, path }) => [op, path])).toEqual([["replace", "/Statement"]]);
    expect(document).toEqual(policyOf(statement, GOOD));
  });

  test("says who stays out: a Deny is not undone", () => {
    const { kept } = merge(policyOf(GOOD, deny({ StringEquals: { sub: SUB } })));
    expect(kept).toEqual([{ subject: SUBJECT, decision: "deny" }]);
  });
});
