import { describe, expect, test } from "vitest";

import { readTrustPolicy } from "../../../src/domain/iam/trust/read-trust-policy.ts";
import { allow, arnOf, AUDIENCE, GOOD, ISSUER, judge, policyOf, read, said, SUB, WEB } from "../../support/trust.ts";

const text = (policy: unknown): string => JSON.stringify(policy, undefined, 2);
const GOOD_TEXT = text(policyOf(GOOD));

/** What is said of a text: its findings, with the line that they stand in. */
function lines(policy: unknown): string[] {
  return judge(policy).findings.map(
    ({ cause, message, place }) => `${cause.replace("irsa.", "")} ${place?.line} ${message}`,
  );
}

describe("JSON that IAM does not take, and that is judged all the same", () => {
  test.each([
    ["a comment of a line", GOOD_TEXT.replace('"Statement"', '// who may\n"Statement"'), 3, "a comment stands here"],
    ["a comment in stars", GOOD_TEXT.replace('"Statement"', '/* who\nmay */ "Statement"'), 3, "a comment stands here"],
    ["a comment with a hash", GOOD_TEXT.replace('"Statement"', '# who may\n"Statement"'), 3, "a comment stands here"],
    [
      "a comma too many in an object",
      GOOD_TEXT.replace(`"${WEB}"`, `"${WEB}"`).replace(/\n {4}\}\n {2}\]/, ",\n    }\n  ]"),
      15,
      "a comma stands before the closing bracket",
    ],
    [
      "a comma too many in a list",
      GOOD_TEXT.replace(/\}\n {2}\]/, "},\n  ]"),
      16,
      "a comma stands before the closing bracket",
    ],
    ["a comma too few", GOOD_TEXT.replace('"Allow",', '"Allow"'), 6, "a comma is missing here"],
    ["text after the end", `${GOOD_TEXT}\nEOF\n`, 19, "text stands after the end of the policy"],
    [
      "a key twice",
      GOOD_TEXT.replace('"Effect": "Allow",', '"Effect": "Allow",\n"Effect": "Allow",'),
      6,
      "Effect stands here twice",
    ],
    [
      "a line break inside a text",
      GOOD_TEXT.replace("sts.amazonaws.com", "sts.amazonaws.com\n").replace(`${ISSUER}:aud`, "x"),
      12,
      "a line break",
    ],
  ])("%s", (_, policy, line, words) => {
    const found = judge(policy).findings.find(({ message }) => message.includes(words));
    expect([found?.cause, found?.severity, found?.place?.line]).toEqual(["irsa.trust-json", "error", line]);
  });

  test("of a condition that stands twice the last one counts", () => {
    const [aud, sub] = [
      `"StringEquals": {"${ISSUER}:aud": "${AUDIENCE}"}`,
      `"StringEquals": {"${ISSUER}:sub": "${SUB}"}`,
    ];
    const twice = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Federated": "${arnOf(ISSUER)}"},\n"Action": "${WEB}", "Condition": {${sub},\n${aud}}}}`;
    expect(said(judge(twice))).toEqual(["error trust-json Condition/StringEquals", "critical sub-missing Condition"]);
    expect(lines(twice)[0]).toMatch(/^trust-json 3 .*StringEquals stands here twice$/);
  });

  test("a byte-order mark, Windows line ends and percent-encoding change nothing", () => {
    for (const policy of [
      `\ufeff${GOOD_TEXT}`,
      GOOD_TEXT.replaceAll("\n", "\r\n"),
      encodeURIComponent(GOOD_TEXT),
      encodeURIComponent(JSON.stringify(policyOf(GOOD))),
    ])
      expect([judge(policy).decision, said(judge(policy))]).toEqual(["allow", []]);
  });

  test("what aws iam get-role prints is taken, with the role's account", () => {
    const arn = "arn:aws:iam::123456789012:role/antfly";
    const answer = text({ Role: { RoleName: "antfly", Arn: arn, AssumeRolePolicyDocument: policyOf(GOOD) } });
    const document = read(answer);
    expect([document.roleArn, judge(answer).decision]).toEqual([arn, "allow"]);
    expect(document.place("/Statement/0/Action")).toEqual({ line: 13, column: 11 });
    const encoded = text({ Arn: arn, AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(policyOf(GOOD))) });
    expect([read(encoded).roleArn, judge(encoded).decision]).toEqual([arn, "allow"]);
    expect(read(encoded).place("/Statement/0")).toEqual({ line: 3, column: 3 });
  });
});

describe("texts that are no policy", () => {
  test.each<[string, string, string, number | undefined]>([
    ["nothing", "", "is empty", 1],
    ["white space", " \n ", "is empty", 2],
    ["words", "role antfly", "is no JSON", 1],
    ["a text in JSON", '"x"', "is no trust policy", 1],
    ["a list", "[]", "is no trust policy", 1],
    ["null", "null", "is no trust policy", 1],
    ["an empty object", "{}", "it has no Statement", 1],
    ["Statement in small letters", '{\n"statement": []}', "has statement, which is written Statement", 2],
    ["Statements", '{\n"Statements": []}', "has Statements, which is written Statement", 2],
    ["a Statement that is text", '{"Version": "2012-10-17",\n"Statement": "x"}', "has a Statement that is none", 2],
    ["a list of texts", '{"Statement": ["x", 1]}', "has a Statement that is none", 1],
    ["an open bracket", '{"Statement": [\n{"Effect": "Allow"', "ends in the middle", 2],
    ["an open quotation mark", '{"Statement": [\n{"Effect": "Allow', "quotation mark that is not closed", 2],
    ["single quotation marks", "{'Statement': []}", "has ' where JSON has \"", 1],
    ["typographic quotation marks", '{"Statement": \u201cx\u201d}', 'has \u201c where JSON has "', 1],
    ["a wrong escape", '{"Statement": "\\x"}', "has a \\ that JSON does not know", 1],
    ["too deep", `{"Statement": ${"[".repeat(100)}${"]".repeat(100)}}`, "is nested deeper than any policy", 1],
    ["far too deep", `{"Statement": ${"[".repeat(60_000)}`, "is nested deeper than any policy", 1],
    ["too long", `{"Statement": "${"x".repeat(200_000)}"}`, "IAM takes 131072 at most", undefined],
    ["wrongly percent-encoded", "%7B%ZZ", "is percent-encoded, and not rightly so", undefined],
    ["YAML", "Version: 2012-10-17\nStatement: []\n", "is no JSON", 1],
  ])("%s", (_, policy, problem, line) => {
    const reading = readTrustPolicy(policy);
    if ("document" in reading) throw new Error("it was taken");
    expect(reading.problem).toContain(problem);
    expect(reading.place?.line).toBe(line);
  });
});

/** Policies in good JSON that IAM refuses: with what is said, the decision, and whether a patch mends it. */
const REFUSED: [string, unknown, string[], string, boolean][] = [
  ["an effect misspelt", policyOf({ ...GOOD, Effect: "Alow" }), ["error trust-json 0/Effect"], "unknown", true],
  [
    "an effect in small letters",
    policyOf({ ...GOOD, Effect: "allow" }),
    ["error trust-json 0/Effect"],
    "unknown",
    true,
  ],
  ["no effect", policyOf({ ...GOOD, Effect: undefined }), ["error trust-json 0"], "unknown", false],
  [
    "an operator misspelt",
    policyOf(allow({ StringEqual: { aud: AUDIENCE, sub: SUB } })),
    ["error trust-json 0/StringEqual"],
    "unknown",
    true,
  ],
  [
    "an operator that nobody knows",
    policyOf(allow({ Regex: { sub: SUB }, StringEquals: { aud: AUDIENCE } })),
    ["error trust-json 0/Regex"],
    "unknown",
    false,
  ],
  [
    "NullIfExists",
    policyOf(allow({ StringEquals: { aud: AUDIENCE, sub: SUB }, NullIfExists: { sub: "false" } })),
    ["error trust-json 0/NullIfExists"],
    "unknown",
    true,
  ],
  [
    "a comment among the operators",
    policyOf({ ...GOOD, Condition: { __doc_comment: "scope the role", ...(GOOD.Condition as object) } }),
    ["error trust-json 0/__doc_comment"],
    "unknown",
    true,
  ],
  ["Resource", policyOf({ ...GOOD, Resource: "*" }), ["error trust-json 0/Resource"], "allow", false],
  ["NotResource", policyOf({ ...GOOD, NotResource: "*" }), ["error trust-json 0/NotResource"], "allow", false],
  [
    "an element misspelt",
    policyOf({ Effect: "Allow", Principle: GOOD.Principal, Action: WEB, Condition: GOOD.Condition }),
    ["error trust-json 0/Principle", "error trust-json 0"],
    "unknown",
    true,
  ],
  ["an element of nobody", policyOf({ ...GOOD, Comment: "x" }), ["error trust-json 0/Comment"], "allow", false],
  [
    "Conditions",
    policyOf({ Effect: "Allow", Principal: GOOD.Principal, Action: WEB, Conditions: GOOD.Condition }),
    ["error trust-json 0/Conditions", "critical condition-missing 0"],
    "allow",
    false,
  ],
  ["a version of today", { ...policyOf(GOOD), Version: "2026-01-01" }, ["error trust-json /Version"], "allow", false],
  ["no principal", policyOf({ Effect: "Allow", Action: WEB }), ["error trust-json 0"], "unknown", false],
  ["no action", policyOf({ Effect: "Allow", Principal: GOOD.Principal }), ["error trust-json 0"], "unknown", false],
  [
    "an action of another service",
    policyOf({ ...GOOD, Action: [WEB, "s3:GetObject"] }),
    ["error trust-json 0/Action/1"],
    "allow",
    false,
  ],
  [
    "a principal that is text",
    policyOf({ ...GOOD, Principal: arnOf(ISSUER) }),
    ["error trust-json 0/Principal"],
    "unknown",
    false,
  ],
  [
    "a kind of principal misspelt",
    policyOf({ ...GOOD, Principal: { Federate: arnOf(ISSUER) } }),
    ["error trust-json 0/Principal/Federate"],
    "unknown",
    true,
  ],
  [
    "a principal that is empty",
    policyOf({ ...GOOD, Principal: {} }),
    ["critical trust-service-principal 0/Principal", "error trust-json 0/Principal"],
    "deny",
    false,
  ],
  [
    "NotPrincipal",
    policyOf({ Effect: "Allow", NotPrincipal: { AWS: "123456789012" }, Action: WEB, Condition: GOOD.Condition }),
    ["error trust-json 0/NotPrincipal"],
    "allow",
    false,
  ],
  [
    "a condition that is a list",
    policyOf({ ...GOOD, Condition: [GOOD.Condition] }),
    ["error trust-json 0"],
    "unknown",
    false,
  ],
  [
    "a value that is an object",
    policyOf(allow({ StringEquals: { aud: AUDIENCE, sub: { Ref: "Sub" } } })),
    ["error trust-json 0/StringEquals/I:sub"],
    "unknown",
    false,
  ],
  ["a Sid with spaces", policyOf({ ...GOOD, Sid: "for antfly" }), ["error trust-json 0/Sid"], "allow", false],
  [
    "two of the same Sid",
    policyOf({ ...GOOD, Sid: "a" }, { ...GOOD, Sid: "a" }),
    ["error trust-json 1/Sid"],
    "allow",
    false,
  ],
  ["a statement that is text", policyOf(GOOD, "x"), ["error trust-json 1"], "allow", false],
  [
    "a template's variable for Federated",
    policyOf({ ...GOOD, Principal: { Federated: "${var.oidc_arn}" } }),
    ["critical federated-not-arn 0/Principal/Federated"],
    "deny",
    true,
  ],
];

describe("policies that IAM refuses", () => {
  test.each(REFUSED)("%s", (_, policy, findings, decision, mended) => {
    const report = judge(policy);
    expect([report.decision, said(report)]).toEqual([decision, findings]);
    expect(report.patch !== undefined).toBe(mended);
    if (report.patch !== undefined) expect(judge(report.patch.document).decision).toBe("allow");
  });

  test("the nearest name is given", () => {
    const messages = judge(policyOf({ ...allow({ "ForAnyValues:StringLik": { sub: SUB } }), Effct: "x" })).findings.map(
      ({ message }) => message,
    );
    expect(messages).toEqual([
      "a statement has no Effct; did you mean Effect?",
      "a condition has no operator ForAnyValues:StringLik; did you mean ForAnyValue:StringLike?",
    ]);
  });
});

describe("the size of a policy", () => {
  const long = (n: number): object =>
    policyOf(
      allow({
        StringEquals: {
          aud: AUDIENCE,
          sub: [SUB, ...Array.from({ length: n }, (_, i) => `system:serviceaccount:n${i}:antfly-sa`)],
        },
      }),
    );

  test.each([
    [20, []],
    [60, ["warning trust-size"]],
    [120, ["error trust-size"]],
  ])("%i subjects more", (n, findings) => {
    expect(said(judge(long(n)))).toEqual(findings);
    // White space is not counted.
    expect(said(judge(text(long(n)).replaceAll("\n", "\n\n\n")))).toEqual(findings);
  });
});
