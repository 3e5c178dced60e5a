import { describe, expect, test } from "vitest";

import { accountIn, accountNamed, defaultAccountId, isAccountId } from "../../../src/domain/gcp/account-name.ts";

describe("the id of an account that nobody named", () => {
  test("says whose it is, where that is short enough", () => {
    expect(defaultAccountId("production", "search")).toBe("antfly-production-search");
  });

  test.each([
    ["a-very-long-namespace", "and-a-long-cluster"],
    ["production", "my.search"],
    ["n", "x".repeat(63)],
    ["production-", "search"],
    ["0", "1"],
  ])("is one that IAM takes, and of this cluster alone: %s/%s", (namespace, cluster) => {
    const id = defaultAccountId(namespace, cluster);
    expect(isAccountId(id)).toBe(true);
    expect(defaultAccountId(namespace, cluster)).toBe(id);
    expect(defaultAccountId(namespace, `${cluster}2`)).not.toBe(id);
  });
});

describe("an email", () => {
  test("tells project and id, and the other way round", () => {
    for (const project of ["acme-prod", "example.com:acme"]) {
      const { email } = accountIn(project, "backups");
      expect(accountNamed(email)).toEqual({ email, made: { id: "backups", project } });
    }
    expect(accountIn("example.com:acme", "backups").email).toBe("backups@acme.example.com.iam.gserviceaccount.com");
  });

  test("may be of an account that Google has made", () => {
    for (const email of ["123456789012-compute@developer.gserviceaccount.com", "acme-prod@appspot.gserviceaccount.com"])
      expect(accountNamed(email)).toEqual({ email, made: undefined });
  });

  test.each([
    "backups",
    "serviceAccount:b@acme.iam.gserviceaccount.com",
    "me@acme.com",
    "b@acme.iam.gserviceaccount.com ",
  ])("is none: %j", (text) => {
    expect(accountNamed(text)).toBeUndefined();
  });
});
