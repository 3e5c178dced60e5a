import { describe, expect, test } from "vitest";

import { judgeTrustPolicy } from "../../../src/domain/iam/trust/judge-trust-policy.ts";
import { readTrustPolicy } from "../../../src/domain/iam/trust/read-trust-policy.ts";
import { allow, arnOf, deny, GOOD, ISSUER, judge, policyOf, read, REQUEST, said, SUB } from "../../support/trust.ts";

const TEXT = JSON.stringify(policyOf(GOOD));
const ARN = "arn:aws:iam::123456789012:role/antfly";

describe("a policy that is read", () => {
  test.each([
    ["with a byte order mark and line ends of Windows", `\ufeff${TEXT.replaceAll(",", ",\r\n")}`],
    ["percent-encoded", encodeURIComponent(TEXT)],
    ["percent-encoded with a line break in front", encodeURIComponent(`\n${TEXT}`)],
    ["as get-role prints it", JSON.stringify({ Role: { Arn: ARN, AssumeRolePolicyDocument: policyOf(GOOD) } })],
    ["as GetRole answers", JSON.stringify({ Role: { Arn: ARN, AssumeRolePolicyDocument: encodeURIComponent(TEXT) } })],
    ["as one text", JSON.stringify({ AssumeRolePolicyDocument: TEXT })],
  ])("%s", (_, text) => {
    const report = judge(text);
    expect([report.decision, said(report)]).toEqual(["allow", []]);
  });

  test("knows the role that stands beside it", () => {
    const answer = { Role: { Arn: ARN, AssumeRolePolicyDocument: encodeURIComponent(TEXT) } };
    expect(read(answer).roleArn).toBe(ARN);
  });

  test("counts lines and columns from 1", () => {
    const report = judge(JSON.stringify(policyOf({ ...GOOD, Action: "sts:AssumeRole" }), undefined, 2));
    expect(report.findings[0]?.place).toEqual({ line: 9, column: 7 });
  });
});

describe("what is no policy", () => {
  test.each([
    ["single quotes", TEXT.replaceAll('"', "'"), /has ' where JSON has "/],
    ["typographic quotes", TEXT.replaceAll('"', "\u201c"), /has \u201c where JSON has "/],
    ["another word for Statement", TEXT.replace("Statement", "statement"), /written Statement/],
    ["a list without end", "[".repeat(100_000), /nested deeper/],
    ["a megabyte", JSON.stringify(policyOf(...Array.from({ length: 3_000 }, () => GOOD))), /IAM takes 131072/],
    ["a key as long as a book", JSON.stringify({ ["k".repeat(60_000)]: 1, Statement: [] }), /longer than any/],
  ])("%s", (_, text, problem) => {
    const reading = readTrustPolicy(text);
    expect("problem" in reading ? reading.problem : "").toMatch(problem);
  });
});

/** Each would take minutes where the time goes with the square of the length. */
describe("a text of a hundred thousand characters is judged at once", () => {
  const many = (text: string, length = 120_000): string => text.repeat(length / text.length);
  test.each([
    ["comments", `${many("#\n")}${TEXT}`],
    ["open brackets", JSON.stringify(policyOf(allow({ StringLike: { sub: many("${") } })))],
    ["commas in a variable", JSON.stringify(policyOf(allow({ StringEquals: { sub: `\${${many(",'")}x}` } })))],
    ["spaces in a variable", JSON.stringify(policyOf(allow({ StringEquals: { sub: `\${${many(" ")}x}` } })))],
    ["slashes", JSON.stringify(policyOf({ ...GOOD, Principal: { Federated: arnOf(`${many("/")}x`) } }))],
    ["equals signs", JSON.stringify(policyOf(allow({ BinaryEquals: { sub: `${many("=")}x` } })))],
    ["an operator", JSON.stringify(policyOf(allow({ [many("x", 2_000)]: { sub: SUB } })))],
    [
      "subjects",
      JSON.stringify(policyOf(allow({ StringLike: { sub: Array.from({ length: 2_000 }, (_, i) => `${SUB}${i}*`) } }))),
    ],
    [
      "Denies",
      JSON.stringify(policyOf(GOOD, ...Array.from({ length: 250 }, () => deny({ StringEquals: { sub: SUB } })))),
    ],
  ])("%s", { timeout: 15_000 }, (_, text) => {
    const reading = readTrustPolicy(text);
    if (!("document" in reading)) throw new Error(reading.problem);
    expect(judgeTrustPolicy(reading.document, { ...REQUEST, issuer: `https://${ISSUER}` }).findings).not.toEqual([]);
  });
});
