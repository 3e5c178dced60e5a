import { describe, expect, test } from "vitest";

import type { TrustReport, TrustRequest } from "../../../src/domain/iam/trust/trust-types.ts";
import { GOOD, judge, policyOf, said } from "../../support/trust.ts";

const CLUSTER = "arn:aws:eks:us-east-2:123456789012:cluster/prod";
const NAMESPACE = "aws:RequestTag/kubernetes-namespace";
const SERVICE_ACCOUNT = "aws:RequestTag/kubernetes-service-account";
const BOTH = ["sts:AssumeRole", "sts:TagSession"];
const SCOPED = { [NAMESPACE]: "production", [SERVICE_ACCOUNT]: "antfly-sa" };

const request = (more: Partial<TrustRequest> = {}): Partial<TrustRequest> => ({
  mechanism: "pod-identity",
  issuer: undefined,
  claims: {},
  ...more,
});
const asked = (policy: unknown, more?: Partial<TrustRequest>): TrustReport => judge(policy, request(more));
const pods = (tests: object | undefined, more: object = {}): object => ({
  Effect: "Allow",
  Principal: { Service: "pods.eks.amazonaws.com" },
  Action: BOTH,
  ...(tests === undefined ? {} : { Condition: tests }),
  ...more,
});
const equals = (tests: object): object => pods({ StringEquals: tests });

const ALLOWED: [string, unknown, string[], Partial<TrustRequest>?][] = [
  ["AWS's own example", policyOf(pods(undefined)), ["warning trust-unscoped 0"]],
  ["narrowed to the ServiceAccount", policyOf(equals(SCOPED)), []],
  ["narrowed to the account", policyOf(equals({ "aws:SourceAccount": "123456789012" })), []],
  [
    "narrowed to the cluster",
    policyOf(pods({ ArnEquals: { "aws:SourceArn": CLUSTER } })),
    [],
    { claims: { "aws:RequestTag/eks-cluster-arn": CLUSTER } },
  ],
  [
    "narrowed to the cluster by its tag",
    policyOf(equals({ "aws:RequestTag/eks-cluster-arn": CLUSTER })),
    [],
    { claims: { "aws:RequestTag/eks-cluster-arn": CLUSTER } },
  ],
  [
    "narrowed to the cluster's name",
    policyOf(equals({ "aws:RequestTag/eks-cluster-name": "prod" })),
    [],
    { claims: { "aws:RequestTag/eks-cluster-name": "prod" } },
  ],
  ["the actions in two statements", policyOf(equals(SCOPED), pods(undefined, { Action: "sts:TagSession" })), []],
  [
    "one action each",
    policyOf(
      pods({ StringEquals: SCOPED }, { Action: "sts:AssumeRole" }),
      pods({ StringEquals: SCOPED }, { Action: "sts:TagSession" }),
    ),
    [],
  ],
  ["sts:*", policyOf(pods({ StringEquals: SCOPED }, { Action: "sts:*" })), []],
  [
    "the tags' names",
    policyOf(pods({ StringEquals: SCOPED, "ForAllValues:StringLike": { "aws:TagKeys": ["kubernetes-*", "eks-*"] } })),
    [],
  ],
  [
    "a tag that there must be",
    policyOf(pods({ StringEquals: SCOPED, "ForAnyValue:StringEquals": { "aws:TagKeys": "kubernetes-pod-uid" } })),
    [],
  ],
  [
    "a tag of the pod, whatever it is",
    policyOf(pods({ StringEquals: SCOPED, Null: { "aws:RequestTag/kubernetes-pod-name": "false" } })),
    [],
  ],
  ["a key in other letters", policyOf(equals({ "AWS:requesttag/Kubernetes-Namespace": "production" })), []],
  ["a web identity beside", policyOf(GOOD, equals(SCOPED)), []],
  [
    "another service beside",
    policyOf(
      pods({ StringEquals: SCOPED }, { Principal: { Service: ["ec2.amazonaws.com", "pods.eks.amazonaws.com"] } }),
    ),
    [],
  ],
  [
    "without session tags, sts:TagSession is not asked for",
    policyOf(pods({ StringEquals: { "aws:SourceAccount": "123456789012" } }, { Action: "sts:AssumeRole" })),
    [],
    {
      withoutClaims: [
        "eks-cluster-arn",
        "eks-cluster-name",
        "kubernetes-namespace",
        "kubernetes-pod-name",
        "kubernetes-pod-uid",
        "kubernetes-service-account",
      ].map((tag) => `aws:RequestTag/${tag}`),
    },
  ],
  [
    "a Deny for other namespaces",
    policyOf(pods(undefined), {
      Effect: "Deny",
      Principal: "*",
      Action: "sts:AssumeRole",
      Condition: { StringNotEquals: { [NAMESPACE]: "production" } },
    }),
    [],
  ],
];

const DENIED: [string, unknown, string[], string[]][] = [
  [
    "ec2's service",
    policyOf(pods({ StringEquals: SCOPED }, { Principal: { Service: "ec2.amazonaws.com" } })),
    ["critical trust-principal 0/Principal"],
    ["add"],
  ],
  [
    "the service misspelt",
    policyOf(pods({ StringEquals: SCOPED }, { Principal: { Service: "pod.eks.amazonaws.com" } })),
    ["critical trust-principal 0/Principal/Service"],
    ["add"],
  ],
  ["a web identity alone", policyOf(GOOD), ["critical trust-principal 0/Principal"], ["add"]],
  [
    "no sts:TagSession",
    policyOf(pods({ StringEquals: SCOPED }, { Action: "sts:AssumeRole" })),
    ["critical trust-no-tagsession 0/Action"],
    ["replace"],
  ],
  [
    "no sts:TagSession for all",
    policyOf(pods(undefined, { Action: ["sts:AssumeRole"] })),
    ["critical trust-no-tagsession 0/Action", "warning trust-unscoped 0"],
    ["add"],
  ],
  [
    "no sts:AssumeRole",
    policyOf(pods({ StringEquals: SCOPED }, { Action: ["sts:TagSession"] })),
    ["critical trust-action 0/Action"],
    ["replace"],
  ],
  [
    "the action of web identities",
    policyOf(pods({ StringEquals: SCOPED }, { Action: "sts:AssumeRoleWithWebIdentity" })),
    ["critical trust-action 0/Action"],
    ["replace"],
  ],
  [
    "another namespace",
    policyOf(equals({ ...SCOPED, [NAMESPACE]: "prod" })),
    [`critical trust-condition-mismatch 0/StringEquals/aws:RequestTag~1kubernetes-namespace`],
    ["replace"],
  ],
  [
    "another ServiceAccount",
    policyOf(equals({ ...SCOPED, [SERVICE_ACCOUNT]: "antfly" })),
    [`critical trust-condition-mismatch 0/StringEquals/aws:RequestTag~1kubernetes-service-account`],
    ["replace"],
  ],
  [
    "another account",
    policyOf(equals({ ...SCOPED, "aws:SourceAccount": "210987654321" })),
    ["critical trust-condition-mismatch 0/StringEquals/aws:SourceAccount"],
    ["replace"],
  ],
  [
    "a tag that EKS does not set",
    policyOf(equals({ ...SCOPED, "aws:RequestTag/team": "search" })),
    ["critical trust-condition-mismatch 0/StringEquals/aws:RequestTag~1team"],
    ["add"],
  ],
  [
    "a claim of an issuer",
    policyOf(equals({ ...SCOPED, "oidc.eks.us-east-2.amazonaws.com/id/A:sub": "x" })),
    ["critical trust-condition-mismatch 0/StringEquals/oidc.eks.us-east-2.amazonaws.com~1id~1A:sub"],
    ["add"],
  ],
  [
    "a star under StringEquals",
    policyOf(equals({ ...SCOPED, [SERVICE_ACCOUNT]: "antfly-*" })),
    ["critical trust-condition-mismatch 0/StringEquals/aws:RequestTag~1kubernetes-service-account"],
    ["replace"],
  ],
  [
    "a namespace of two that fit no ServiceAccount",
    policyOf(equals({ [NAMESPACE]: ["a", "b"], [SERVICE_ACCOUNT]: ["antfly-sa", "other"] })),
    ["critical trust-condition-mismatch 0/StringEquals/aws:RequestTag~1kubernetes-namespace"],
    ["add"],
  ],
  [
    "a Deny of sts:TagSession",
    policyOf(equals(SCOPED), { Effect: "Deny", Principal: "*", Action: "sts:TagSession" }),
    ["critical explicit-deny 1"],
    ["-"],
  ],
];

describe("EKS Pod Identity", () => {
  test.each(ALLOWED)("allowed: %s", (_, policy, findings, more = {}) => {
    const report = asked(policy, more);
    expect([report.decision, said(report).map((line) => line.replace("epi.", ""))]).toEqual(["allow", findings]);
  });

  test.each(DENIED)("denied: %s", (_, policy, findings, operations) => {
    const report = asked(policy);
    expect([report.decision, said(report).map((line) => line.replace("epi.", ""))]).toEqual(["deny", findings]);
    expect(report.patch?.operations.map(({ op }) => op) ?? ["-"]).toEqual(operations);
    if (report.patch === undefined) return;
    expect(asked(report.patch.document).decision).toBe("allow");
    for (const [namespace, serviceAccount] of [
      ["production", "other"],
      ["prod", "antfly-sa"],
      ["a", "antfly-sa"],
      ["production", "antfly"],
    ] as const) {
      const other = { subject: { namespace, serviceAccount } };
      expect(asked(report.patch.document, other).decision).toBe(asked(policy, other).decision);
    }
  });

  test.each([
    ["the cluster was not given", { ArnEquals: { "aws:SourceArn": CLUSTER } }],
    ["the pod was not given", { StringLike: { "aws:RequestTag/kubernetes-pod-name": "antfly-?" } }],
    ["the address is not known", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }],
  ])("not known: %s", (_, tests) => {
    const report = asked(policyOf(pods({ StringEquals: SCOPED, ...tests })));
    expect([report.decision, report.patch, report.undecided.length]).toEqual(["unknown", undefined, 1]);
    expect(report.findings.map(({ cause, severity }) => [cause, severity])).toEqual([
      ["epi.trust-condition-mismatch", "warning"],
    ]);
  });
});
