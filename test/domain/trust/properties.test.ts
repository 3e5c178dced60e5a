import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { decideTrustPolicy } from "../../../src/domain/iam/trust/decide.ts";
import { judgeTrustPolicy } from "../../../src/domain/iam/trust/judge-trust-policy.ts";
import { readTrustPolicy } from "../../../src/domain/iam/trust/read-trust-policy.ts";
import type { TrustReport, TrustRequest } from "../../../src/domain/iam/trust/trust-types.ts";
import { allow, AUDIENCE, GOOD, ISSUER, judge, OTHER, policyOf, read, REQUEST, SUB } from "../../support/trust.ts";
import { denying, policy, statement, SUBJECTS } from "../../support/trust-arbitraries.ts";

/** Everyone else that could ask: ServiceAccounts of this cluster and of others, with this audience and with another. */
const OTHERS: Partial<TrustRequest>[] = [ISSUER, OTHER, "oidc.eks.eu-west-1.amazonaws.com/id/CAFE"].flatMap((issuer) =>
  [
    ...SUBJECTS,
    "system:serviceaccount:production:somebody",
    "system:serviceaccount:elsewhere:antfly-sa",
    "system:serviceaccount:a:b",
  ]
    .filter((sub) => /^system:serviceaccount:[a-z-]+:[a-z-]+$/.test(sub) && (issuer !== ISSUER || sub !== SUB))
    .flatMap((sub) => [AUDIENCE, "vault"].map((aud) => ({ issuer, subject: undefined, claims: { sub, aud } }))),
);

const decisions = (document: unknown): string[] => {
  const whole = read(document);
  return OTHERS.map((request) => decideTrustPolicy(whole, { ...REQUEST, ...request }));
};

describe("whatever the policy", () => {
  test("a patch lets the request in, and changes nothing for anyone else", () => {
    let patched = 0;
    fc.assert(
      fc.property(policy, (document) => {
        const { patch, decision } = judge(document);
        if (patch === undefined) return;
        patched += 1;
        expect(decision).not.toBe("allow");
        expect(judge(patch.document).decision).toBe("allow");
        expect(decisions(patch.document)).toEqual(decisions(document));
      }),
      { numRuns: 200 },
    );
    expect(patched).toBeGreaterThan(40);
  });

  test("a patch says what it does: its operations make its document", () => {
    fc.assert(
      fc.property(policy, (document) => {
        const { patch } = judge(document);
        if (patch !== undefined) expect(carriedOut(document, patch.operations)).toEqual(patch.document);
      }),
    );
  });

  test("a Deny that matches is never overruled", () => {
    const everyone = { Effect: "Deny", Principal: "*", Action: "sts:*" };
    fc.assert(
      fc.property(policy, ({ Statement }) => {
        expect(judge(policyOf(...Statement, everyone)).decision).toBe("deny");
      }),
    );
  });

  test("a further Deny never lets anyone in, and a further Allow keeps nobody out", () => {
    const rank = { deny: 0, unknown: 1, allow: 2 };
    const of = (...statements: unknown[]): number => rank[judge(policyOf(...statements)).decision];
    fc.assert(
      fc.property(policy, denying, statement(fc.constant("Allow")), ({ Statement }, further, more) => {
        const before = of(...Statement);
        expect(of(...Statement, further)).toBeLessThanOrEqual(before);
        expect(of(...Statement, more)).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  test("the order of keys, values and statements, and whether one thing stands in a list, make no difference", () => {
    fc.assert(
      fc.property(policy, fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), (document, seeds) => {
        const other = { ...(reformed(document, [...seeds]) as { Statement: unknown }) };
        const [a, b] = [judge(document), judge(other)];
        expect(b.decision).toBe(a.decision);
        expect(causes(b)).toEqual(causes(a));
        expect(b.patch === undefined).toBe(a.patch === undefined);
        expect(judge(policyOf(...[...document.Statement].reverse())).decision).toBe(a.decision);
      }),
    );
  });

  test("the spelling of keys and actions makes no difference", () => {
    const upper = (document: unknown): unknown =>
      JSON.parse(
        JSON.stringify(document)
          .replaceAll(`${ISSUER}:sub"`, `${ISSUER.toUpperCase()}:SUB"`)
          .replaceAll("sts:Assume", "STS:assume"),
      );
    fc.assert(
      fc.property(policy, (document) => {
        expect(judge(upper(document)).decision).toBe(judge(document).decision);
      }),
    );
  });
});

describe("whatever the text", () => {
  const judged = (text: string): TrustReport | undefined => {
    const reading = readTrustPolicy(text);
    if (!("document" in reading)) {
      expect(reading.problem).not.toBe("");
      return undefined;
    }
    return judgeTrustPolicy(reading.document, REQUEST);
  };

  test("it is judged or refused, and nothing is thrown", () => {
    const good = JSON.stringify(policyOf(GOOD, allow({ StringLike: { sub: "a*" } })), undefined, 2);
    const damaged = fc
      .tuple(fc.nat(good.length), fc.nat(20), fc.string())
      .map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string(), fc.json()), (text) => void judged(text)),
      { numRuns: 1000 },
    );
  });

  test("anything at all in any place of a policy", () => {
    const places = fc.constantFrom(
      "Version",
      "Statement",
      "Effect",
      "Principal",
      "Action",
      "Condition",
      "Sid",
      "__proto__",
      "Federated",
      "StringEquals",
    );
    fc.assert(
      fc.property(places, fc.jsonValue(), fc.jsonValue(), (place, value, more) => {
        const one = { ...GOOD, [place]: value };
        judged(
          JSON.stringify({
            Version: "2012-10-17",
            Statement: [one, { ...GOOD, Condition: { [place]: value, StringLike: more } }],
          }),
        );
        judged(
          JSON.stringify({
            Version: "2012-10-17",
            Statement: { ...GOOD, Principal: { [place]: value } },
            [place]: more,
          }),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("what JSON.parse takes is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        const reading = readTrustPolicy(JSON.stringify({ Statement: [{ Sid: value }] }, undefined, indent));
        if (!("document" in reading)) throw new Error(reading.problem);
        expect(reading.document.value).toEqual(JSON.parse(JSON.stringify({ Statement: [{ Sid: value }] })));
        expect(reading.document.problems).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

/** Brackets and quotation marks count for the quota, so that one form may be above it and another not. */
const causes = ({ findings }: TrustReport): string[] =>
  findings
    .filter(({ cause }) => cause !== "irsa.trust-size")
    .map(({ cause, severity }) => `${severity} ${cause}`)
    .sort();

/** The same policy with its keys in another order, and single things in lists or out of them. */
function reformed(value: unknown, seeds: number[]): unknown {
  const seed = seeds.pop() ?? 0;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => reformed(item, seeds));
    return items.length === 1 && seed % 2 === 0
      ? items[0]
      : seed % 3 === 0 && !value.some(isStatement)
        ? items.reverse()
        : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, listed(key, reformed(item, seeds), seed)] as const);
  return Object.fromEntries(seed % 2 === 0 ? entries.reverse() : entries);
}

/** Of statements that are equally near the first is explained: their order is not nothing. */
function isStatement(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Where IAM takes one thing as a list of one. */
function listed(key: string, value: unknown, seed: number): unknown {
  const may = /^(Action|Federated|AWS|Service|Statement)$|:(sub|aud)$/.test(key);
  return may && !Array.isArray(value) && seed % 5 < 2 ? [value] : value;
}

/** RFC 6902, written again. */
function carriedOut(document: unknown, operations: readonly { op: string; path: string; value?: unknown }[]): unknown {
  const copy = structuredClone(document);
  for (const { op, path, value } of operations) {
    const keys = path
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() ?? "";
    // oxlint-disable-next-line typescript/no-explicit-any -- a walk through JSON
    const holder = keys.reduce((at: any, key) => at[key], copy);
    if (op === "remove" && Array.isArray(holder)) holder.splice(Number(last), 1);
    else if (op === "remove") delete holder[last];
    else if (op === "add" && Array.isArray(holder))
      holder.splice(last === "-" ? holder.length : Number(last), 0, value);
    else holder[last] = value;
  }
  return copy;
}
