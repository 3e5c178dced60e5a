import { afterEach, describe, expect, test } from "vitest";

import { startProofBed, type ProofBed, type ProofRun } from "../support/proof-bed.ts";
import { allowBackups, BUCKET, proofObjects, proofSeed } from "../support/proof-fixture.ts";
import { paste } from "../support/paste.ts";
import type { AnyObject } from "../support/follow.ts";
import { trustFor, type AwsSeed } from "../support/test-cloud.ts";

let bed: ProofBed | undefined;
afterEach(async () => bed?.stop());

const SUB = "system:serviceaccount:production:antfly";
const OTHER = "oidc.eks.us-east-1.amazonaws.com/id/0LD00000000000000000000000000000";
const GOOD = trustFor(SUB) as AnyObject;

/** The good trust policy with another first statement. */
function trust(change: (statement: AnyObject) => object): object {
  return { ...GOOD, Statement: [change(GOOD["Statement"][0])] };
}

function condition(tests: object): object {
  return trust((statement) => ({ ...statement, Condition: tests }));
}

const RIGHT = { "ISSUER:sub": SUB, "ISSUER:aud": "sts.amazonaws.com" };
const WRONG = { [`${OTHER}:sub`]: SUB, [`${OTHER}:aud`]: "sts.amazonaws.com" };
const DENY = {
  Effect: "Deny",
  Principal: "*",
  Action: "sts:*",
  Condition: { StringLike: { "ISSUER:sub": "*antfly" } },
};

/** Code, cause, and what of the account is otherwise. */
const FAULTS: readonly (readonly [string, string, Partial<AwsSeed> | object])[] = [
  ["ANT0303", "irsa.oidc-provider-missing", { providers: [] }],
  ["ANT0303", "irsa.provider-aud-missing", { providers: [{ issuer: "ISSUER", clientIds: ["sts.amazon.com"] }] }],
  ["ANT0304", "irsa.sub-namespace", trustFor("system:serviceaccount:staging:antfly")],
  ["ANT0304", "irsa.sub-serviceaccount", trustFor("system:serviceaccount:production:search")],
  ["ANT0304", "irsa.sub-case", trustFor("system:serviceaccount:production:Antfly")],
  ["ANT0304", "irsa.sub-format", trustFor("production/antfly")],
  ["ANT0304", "irsa.token-wrong-audience", trustFor(SUB, "sts.amazon.com")],
  ["ANT0304", "irsa.stringequals-wildcard", trustFor("system:serviceaccount:production:*")],
  [
    "ANT0304",
    "irsa.sub-under-aud-key",
    condition({ StringEquals: { "ISSUER:aud": SUB, "ISSUER:sub": "sts.amazonaws.com" } }),
  ],
  ["ANT0304", "irsa.condition-other-issuer", condition({ StringEquals: WRONG })],
  ["ANT0304", "irsa.condition-multiple-ands", condition({ StringEquals: { ...RIGHT, [`${OTHER}:sub`]: SUB } })],
  ["ANT0304", "irsa.trust-action", trust((one) => ({ ...one, Action: "sts:AssumeRole" }))],
  ["ANT0304", "irsa.federated-not-arn", trust((one) => ({ ...one, Principal: { Federated: "ISSUER" } }))],
  [
    "ANT0304",
    "irsa.issuer-mismatch",
    trust(() => ({
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::ACCOUNT:oidc-provider/${OTHER}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: WRONG },
    })),
  ],
  [
    "ANT0304",
    "irsa.trust-service-principal",
    trust(() => ({ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" })),
  ],
  ["ANT0310", "irsa.role-no-permissions", { inline: {} }],
  ["ANT0310", "irsa.role-no-permissions", { inline: { list: allow("s3:ListBucket", `arn:aws:s3:::${BUCKET}`) } }],
  ["ANT0310", "irsa.role-no-permissions", { inline: { other: allow("s3:*", "arn:aws:s3:::acme-other*") } }],
];

function allow(action: string, resource: string): object {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: resource }] };
}

function seedWith(change: Partial<AwsSeed> | AnyObject): AwsSeed {
  const usual = proofSeed();
  if ("providers" in change) return { ...usual, ...change };
  const role = { name: "antfly", trust: GOOD, inline: { backups: allowBackups() } };
  const more = "Statement" in change ? { trust: change } : change;
  return { ...usual, roles: [{ ...role, ...more }] };
}

/** What the checks of the role and of the proof came to that did not pass. */
function amiss({ report }: ProofRun): AnyObject[] {
  return report.results.filter(
    ({ code, status }: AnyObject) => /^ANT03(0[2-5]|1)|^ANT060/.test(code) && !["pass", "skip"].includes(status),
  );
}

describe("a fault of the role is named first, and what is printed mends it", () => {
  test.each(FAULTS)("%s %s (%#)", async (code, cause, change) => {
    bed = await startProofBed(proofObjects({ key: false, role: true }), seedWith(change));
    const run = await bed.run({ prove: true });
    const [first] = amiss(run);
    expect([first?.["code"], first?.["findings"][0].cause, first?.["rootCause"]]).toEqual([code, cause, true]);
    // STS and the store say the same as the policies that were read.
    const refused = run.report.results.find(
      (one: AnyObject) => one.code === (code === "ANT0310" ? "ANT0602" : "ANT0601"),
    );
    expect(["fail", "blocked"]).toContain(refused.status);
    const fixes = first?.["findings"][0].fixes.filter((fix: AnyObject) => fix.kind === "command");
    expect(fixes).toHaveLength(1);
    await paste(fixes[0].text, bed.cloud);
    const again = await bed.run({ prove: true });
    expect(amiss(again).map((one) => `${one["code"]} ${one["status"]}`)).toEqual([]);
    expect(again.report.results.find((one: AnyObject) => one.code === "ANT0602").status).toBe("pass");
  });

  test("a Deny is named, and no statement that is added would help", async () => {
    const policy = { ...GOOD, Statement: [GOOD["Statement"][0], DENY] };
    bed = await startProofBed(proofObjects({ key: false, role: true }), seedWith(policy));
    const [first] = amiss(await bed.run({ prove: true }));
    expect([first?.["code"], first?.["findings"][0].cause]).toEqual(["ANT0304", "irsa.explicit-deny"]);
  });
});

describe("calls", () => {
  test("a role that is proved: at most 13 of Kubernetes and 8 of AWS", async () => {
    bed = await startProofBed(proofObjects({ key: false, role: true }), proofSeed());
    const { report } = await bed.run({ prove: true });
    expect(report.calls.kubernetes).toBeLessThanOrEqual(13);
    expect(report.calls.aws).toBeLessThanOrEqual(8);
  });

  test("static keys alone: nothing is asked of IAM's roles and providers, nor of EKS", async () => {
    bed = await startProofBed(proofObjects(), proofSeed());
    const { report } = await bed.run();
    expect(report.calls.kubernetes).toBeLessThanOrEqual(10);
    const asked = bed.cloud.calls.map(({ operation }) => operation);
    expect(asked.filter((operation) => /Role|OpenID|Cluster|Association|Addon/.test(operation))).toEqual([]);
  });
});
