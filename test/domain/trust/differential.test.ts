import { readFileSync } from "node:fs";

import { runSimulation } from "@cloud-copilot/iam-simulate";
import fc from "fast-check";
import { expect, test } from "vitest";

import { decideTrustPolicy } from "../../../src/domain/iam/trust/decide.ts";
import { judge as standIn } from "../../support/aws-server/policy.ts";
import { ACCOUNT, arnOf, AUDIENCE, ISSUER, read, REQUEST, SUB, WEB } from "../../support/trust.ts";
import { policy } from "../../support/trust-arbitraries.ts";

const ROLE = `arn:aws:iam::${ACCOUNT}:role/antfly`;
/** The simulator knows the keys of a few issuers alone, and leaves all others out of the request. */
const ALIAS = "cognito-identity.amazonaws.com";
/** And this one it knows to hold several values. */
const SEVERAL = "aws:TagKeys";

/**
 * Another evaluator's verdict, written by other people (AGPL: it is not part of the package). Undefined where it refuses
 * the policy.
 */
async function simulated(
  document: object,
  claims: Readonly<Record<string, string | string[]>>,
): Promise<string | undefined> {
  const aliased = JSON.stringify(document).replaceAll(`${ISSUER}:amr`, SEVERAL).replaceAll(`${ISSUER}:`, `${ALIAS}:`);
  const result = await runSimulation(
    {
      request: {
        principal: arnOf(ISSUER),
        action: WEB,
        resource: { resource: ROLE, accountId: ACCOUNT },
        contextVariables: Object.fromEntries(
          Object.entries(claims).map(([name, value]) => [name === "amr" ? SEVERAL : `${ALIAS}:${name}`, value]),
        ),
      },
      identityPolicies: [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: JSON.parse(aliased),
    },
    {},
  );
  if (result.resultType === "error") return undefined;
  return result.overallResult === "Allowed" ? "allow" : "deny";
}

/**
 * Where the two differ, and AWS's documentation is on our side or silent:
 * - a Deny for an account: the simulator counts the ARN of a provider as one of its account's principals. A web identity
 *   is not: it is nobody of the account before it has the role.
 * - a plain negated operator on several values: AWS does not say, so ours is `unknown`; the simulator's is false.
 */
const DIFFERS = /"Effect":"Deny","Principal":\{"AWS":"\d+"/;

const decided = (document: object, claims: Readonly<Record<string, string | string[]>>): string =>
  decideTrustPolicy(read(document), { ...REQUEST, subject: undefined, claims });

test("an evaluator of other people says the same", async () => {
  let compared = 0;
  const amr = fc.constantFrom<string[] | undefined>(undefined, ["a", "b"], ["a"]);
  await fc.assert(
    fc.asyncProperty(
      policy,
      fc.constantFrom(SUB, "system:serviceaccount:production:antfly"),
      amr,
      async (document, sub, values) => {
        fc.pre(!DIFFERS.test(JSON.stringify(document)));
        const claims = { sub, aud: AUDIENCE, ...(values === undefined ? {} : { amr: values }) };
        const theirs = await simulated(document, claims);
        const ours = decided(document, claims);
        if (theirs === undefined || ours === "unknown") return;
        compared += 1;
        expect(ours, JSON.stringify(document)).toBe(theirs);
      },
    ),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(150);
});

test("and is no part of the package", () => {
  const notices = readFileSync(new URL("../../../build/package/NOTICES.txt", import.meta.url), "utf8");
  expect(notices).toContain("commander");
  expect(notices).not.toMatch(/cloud-copilot|AGPL|Affero/i);
});

test("the stand-in for AWS, written apart, says the same", () => {
  let compared = 0;
  fc.assert(
    fc.property(policy, fc.constantFrom(SUB, "system:serviceaccount:production:antfly"), (document, sub) => {
      const claims = { sub, aud: AUDIENCE };
      const context = new Map(
        Object.entries(claims).map(([name, value]) => [`${ISSUER}:${name}`.toLowerCase(), [value]]),
      );
      const question = { action: WEB, resource: ROLE, principal: { federated: arnOf(ISSUER) }, context };
      const theirs = standIn(JSON.stringify(document), question, "resource") === "allow" ? "allow" : "deny";
      const ours = decided(document, claims);
      if (ours === "unknown") return;
      compared += 1;
      expect(ours, JSON.stringify(document)).toBe(theirs);
    }),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(300);
});
