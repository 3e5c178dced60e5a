import { describe, expect, test } from "vitest";

import { isSamePolicy, leastRolePolicy } from "../../src/domain/iam/least-role-policy.ts";
import { defaultRoleName, isRoleName, ownPolicyName, roleOf, roleNamed } from "../../src/domain/iam/role-name.ts";
import { lineDiff } from "../../src/domain/line-diff.ts";

const SEARCH = { bucket: "acme", prefix: "search" };
const resources = (policy: { Statement: readonly unknown[] }): unknown[] =>
  policy.Statement.map((statement) => (statement as { Resource: unknown }).Resource);

describe("the least policy of a role", () => {
  test("a prefix is a folder, and the bucket is named once", () => {
    const policy = leastRolePolicy([SEARCH, { bucket: "acme", prefix: "logs" }, SEARCH], "aws-cn");
    expect(resources(policy)).toEqual([
      "arn:aws-cn:s3:::acme",
      "arn:aws-cn:s3:::acme/search/*",
      "arn:aws-cn:s3:::acme/logs/*",
    ]);
    expect(policy.Statement.every((one) => /^[A-Za-z0-9]+$/.test((one as { Sid: string }).Sid))).toBe(true);
  });

  test("the same again is the same", () => {
    const policy = leastRolePolicy([SEARCH], "aws");
    expect(isSamePolicy(policy, leastRolePolicy([SEARCH], "aws", policy))).toBe(true);
  });

  test("what stands there besides stays; a statement of ours that was changed is put right", () => {
    const kms = { Effect: "Allow", Action: "kms:Decrypt", Resource: "arn:aws:kms:us-east-1:123456789012:key/1" };
    const before = leastRolePolicy([SEARCH], "aws");
    const narrowed = before.Statement.map((one) => ({ ...(one as object), Action: ["s3:GetObject"] }));
    const after = leastRolePolicy([SEARCH], "aws", { Version: "2012-10-17", Statement: [kms, ...narrowed] });
    expect(after.Statement).toEqual([kms, ...before.Statement]);
    expect(leastRolePolicy([SEARCH], "aws", { Version: "2012-10-17", Statement: kms }).Statement[0]).toEqual(kms);
  });
});

describe("names", () => {
  test("of a role: 64 characters at most, and two long ones differ", () => {
    expect(defaultRoleName("production", "search")).toBe("antfly-production-search");
    const long = (end: string): string => defaultRoleName("n".repeat(40), "c".repeat(40) + end);
    expect(long("1")).toHaveLength(64);
    expect(isRoleName(long("1"))).toBe(true);
    expect(long("1")).not.toBe(long("2"));
  });

  test("of the own policy: another one for the cluster of the same name behind another issuer", () => {
    const name = ownPolicyName("production", "search", "issuer-1");
    expect(name).toMatch(/^antfly-creds-production-search-[0-9a-f]{8}$/);
    expect(ownPolicyName("production", "search", "issuer-2")).not.toBe(name);
    expect(ownPolicyName("n".repeat(63), "c".repeat(253), "issuer-1").length).toBeLessThanOrEqual(128);
  });

  test("an ARN has a path, which the name is not", () => {
    const arn = "arn:aws-us-gov:iam::123456789012:role/team/db/antfly";
    expect(roleOf(arn)).toEqual({
      arn,
      partition: "aws-us-gov",
      account: "123456789012",
      path: "/team/db/",
      name: "antfly",
    });
    const plain = roleNamed("antfly", { partition: "aws", account: "123456789012" });
    expect(roleOf(plain.arn)).toEqual(plain);
  });

  test.each([
    "antfly",
    "arn:aws:iam::12345678901:role/antfly",
    "arn:aws:iam::123456789012:policy/antfly",
    "arn:aws:iam::123456789012:role/antfly\n",
    "arn:aws:sts::123456789012:assumed-role/antfly/session",
    "arn:aws:iam::123456789012:role/",
  ])("%j is no ARN of a role", (text) => {
    expect(roleOf(text)).toBeUndefined();
  });
});

test("a diff is the stretch that differs, and a little around it", () => {
  expect(lineDiff("a\nb\nc\nd\ne", "a\nb\nX\nY\nd\ne", 1)).toEqual(["  b", "- c", "+ X", "+ Y", "  d"]);
  expect(lineDiff("a\nb", "a\nb\nc")).toEqual(["  a", "  b", "+ c"]);
  expect(lineDiff("a\na", "a\na\na")).toEqual(["  a", "  a", "+ a"]);
});
