import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { accountProblem, isAccountEmail, projectOfAccount } from "../../../src/domain/gcp/account-form.ts";

const GOOD = "antfly@acme-prod.iam.gserviceaccount.com";

describe("the address of a Google service account", () => {
  test.each([
    GOOD,
    "123456789012-compute@developer.gserviceaccount.com",
    "acme-prod@appspot.gserviceaccount.com",
    "backup@acme.example.com.iam.gserviceaccount.com",
  ])("%s is one", (text) => expect(accountProblem(text, "acme-prod")).toBeUndefined());

  test.each<[string, RegExp, string | undefined]>([
    ["antfly", /is a name/, GOOD],
    [`serviceAccount:${GOOD}`, /begins with a type/, GOOD],
    [` ${GOOD}`, /space/, GOOD],
    [`${GOOD}\n`, /line break/, GOOD],
    [`"${GOOD}"`, /quotes/, GOOD],
    [`projects/acme-prod/serviceAccounts/${GOOD}`, /name of a resource/, GOOD],
    [`projects/-/serviceAccounts/${GOOD}`, /name of a resource/, GOOD],
    ["antfly@acme-prod", /does not end with acme-prod\.iam\.gserviceaccount\.com/, GOOD],
    ["antfly@acme-prod.iam", /does not end/, GOOD],
    ["antfly@acme-prod.gserviceaccount.com", /does not end/, GOOD],
    ["antfly@acme-prod.iam.gserviceacount.com", /does not end/, GOOD],
    ["antfly@acme-prod.iam.gserviceaccounts.com", /does not end/, GOOD],
    ["Antfly@acme-prod.iam.gserviceaccount.com", /capital/, GOOD],
    ["ann@example.com", /person or a group/, undefined],
    ["acme-prod.svc.id.goog[production/antfly]", /workload pool|name/, undefined],
    ["arn:aws:iam::123456789012:role/antfly", /./, undefined],
    ["two words", /no address/, undefined],
    ["", /no address/, undefined],
  ])("%j is none, and names what was meant", (text, problem, meant) => {
    const found = accountProblem(text, "acme-prod");
    expect(found?.problem).toMatch(problem);
    expect(found?.meant).toBe(meant);
  });

  test("a name alone means nothing without a project", () =>
    expect(accountProblem("antfly", undefined)).toEqual({
      problem: "is a name, and not the whole address",
      meant: undefined,
    }));

  test("what is meant is always an address", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z@. -]{0,40}$/)), (text) => {
        const meant = accountProblem(text, "acme-prod")?.meant;
        expect(meant === undefined || isAccountEmail(meant)).toBe(true);
      }),
    );
  });

  test("its project", () => {
    expect(projectOfAccount(GOOD)).toBe("acme-prod");
    expect(projectOfAccount("acme-prod@appspot.gserviceaccount.com")).toBe("acme-prod");
    expect(projectOfAccount("12-compute@developer.gserviceaccount.com")).toBeUndefined();
  });
});
