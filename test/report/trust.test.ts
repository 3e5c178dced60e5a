import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { CHECKS } from "../../src/checks/index.ts";
import { edit } from "../../src/domain/finding.ts";
import { mergeTrustPolicy } from "../../src/domain/iam/trust/merge-trust-policy.ts";
import { asFinding, codeOfTrustCause } from "../../src/domain/iam/trust/trust-causes.ts";
import type { TrustRequest } from "../../src/domain/iam/trust/trust-types.ts";
import { PLAIN, type Style } from "../../src/domain/style.ts";
import { renderTrustCheck, type TrustCheck } from "../../src/report/trust-check.ts";
import { renderMerge } from "../../src/report/trust-policy.ts";
import { ACCOUNT, allow, AUDIENCE, deny, GOOD, ISSUER, judge, policyOf, read, REQUEST, SUB } from "../support/trust.ts";

const GOLDEN = fileURLToPath(new URL("golden/", import.meta.url));
const ascii: Style = { ...PLAIN, unicode: false };
const painted: Style = {
  unicode: true,
  paint: {
    red: (t) => `<r>${t}</r>`,
    yellow: (t) => `<y>${t}</y>`,
    green: (t) => `<g>${t}</g>`,
    cyan: (t) => `<c>${t}</c>`,
    bold: (t) => `<b>${t}</b>`,
    dim: (t) => `<d>${t}</d>`,
  },
};

const update = edit("aws iam update-assume-role-policy --role-name ROLE --policy-document …");

function checkOf(policy: unknown, request: Partial<TrustRequest> = {}): TrustCheck {
  const document = read(policy);
  const report = judge(policy, request);
  const findings = report.findings.map((found, i) =>
    asFinding(
      found,
      { kind: "File", name: "trust.json" },
      "trust.json",
      i === 0 && report.patch !== undefined ? [update] : [],
    ),
  );
  const whole = { ...REQUEST, ...request };
  return {
    policy: "trust.json",
    size: document.size,
    before: document.value,
    request: whole,
    report,
    findings,
    exitCode: 0,
  };
}

const wrongName = policyOf(
  { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
  { Sid: "Antfly", ...allow({ StringEquals: { aud: AUDIENCE, sub: "system:serviceaccount:prod:antfly-sa" } }) },
);

describe("trust-policy --check for people", () => {
  test.each<[string, Style, TrustCheck]>([
    ["denied", PLAIN, checkOf(wrongName, { account: undefined })],
    ["denied-ascii", ascii, checkOf(wrongName)],
    ["denied-painted", painted, checkOf(wrongName)],
    ["allowed", PLAIN, checkOf(policyOf(GOOD))],
    ["allowed-wide", PLAIN, checkOf(policyOf(allow({ StringLike: { sub: "system:serviceaccount:*:*" } })))],
    ["unknown", PLAIN, checkOf(policyOf(GOOD, deny({ NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } })))],
    ["explicit-deny", PLAIN, checkOf(policyOf(GOOD, { ...deny({ StringEquals: { sub: SUB } }), Sid: "NotHere" }))],
    ["malformed", PLAIN, checkOf(policyOf({ ...GOOD, Effect: "Alow", Resource: "*" }))],
    ["another-cluster", PLAIN, checkOf(policyOf(GOOD), { issuer: "oidc.eks.eu-west-1.amazonaws.com/id/CAFE" })],
    [
      "pod-identity",
      PLAIN,
      checkOf(
        policyOf({ Effect: "Allow", Principal: { Service: "pods.eks.amazonaws.com" }, Action: "sts:AssumeRole" }),
        { mechanism: "pod-identity", issuer: undefined, claims: {} },
      ),
    ],
  ])("%s", async (name, style, check) => {
    await expect(renderTrustCheck(check, style)).toMatchFileSnapshot(`${GOLDEN}trust-${name}.txt`);
  });

  test("text of a policy cannot forge a line or move the cursor", () => {
    const forged = policyOf(allow({ StringEquals: { aud: AUDIENCE, sub: "\u001b[2Jx\n✓ all is well" } }), {
      ...GOOD,
      Sid: "\u001b]0;x\u0007",
    });
    const text = renderTrustCheck(checkOf(forged, { subject: { namespace: "a", serviceAccount: "b" } }), PLAIN);
    // oxlint-disable-next-line no-control-regex -- that is what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(text).not.toMatch(/^✓ all is well/m);
  });
});

test("trust-policy --merge for people", async () => {
  const before = policyOf(GOOD);
  const wanted = {
    partition: "aws",
    account: ACCOUNT,
    issuer: ISSUER,
    audience: AUDIENCE,
    subjects: [{ namespace: "staging", serviceAccount: "antfly-sa" }],
  };
  const { document, operations } = mergeTrustPolicy(read(before), wanted);
  const wish = { irsa: [wanted], podIdentity: [], issuers: [], notes: [] };
  const command = "aws iam update-assume-role-policy --role-name antfly --policy-document '…'";
  const text = renderMerge(
    {
      made: "merged",
      policyOf: "role antfly",
      role: "antfly",
      wish,
      policy: document,
      before,
      operations,
      command,
      notes: [],
      exitCode: 0,
    },
    PLAIN,
  );
  await expect(text).toMatchFileSnapshot(`${GOLDEN}trust-merge.txt`);
});

test("every cause that the engine names belongs to the check that finds it on a cluster", () => {
  const declared = CHECKS.filter(({ code }) => ["ANT0304", "ANT0305", "ANT0309"].includes(code)).flatMap(
    ({ code, causes }) =>
      causes.filter((cause) => !cause.endsWith("role-missing")).map((cause) => [cause, code] as const),
  );
  expect(declared.length).toBeGreaterThan(25);
  expect(declared.map(([cause]) => [cause, codeOfTrustCause(cause)])).toEqual(declared);
});
