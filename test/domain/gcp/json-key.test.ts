import { describe, expect, test } from "vitest";

import { googleKeyIn } from "../../../src/domain/gcp/json-key.ts";

const PEM = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";
const key = (more: object = {}): string =>
  JSON.stringify({
    type: "service_account",
    client_email: "antfly@acme-prod.iam.gserviceaccount.com",
    private_key_id: "0123abcd",
    private_key: PEM,
    ...more,
  });
const NAME = "GOOGLE_SERVICE_ACCOUNT_JSON";

describe("the JSON key of a service account", () => {
  test("is known by its name, or by what it holds, and never shown", () => {
    const facts = {
      type: "service_account",
      account: "antfly@acme-prod.iam.gserviceaccount.com",
      keyId: "0123abcd",
      pem: "good",
    };
    expect(googleKeyIn(NAME, key())).toEqual(facts);
    expect(googleKeyIn("key.json", key())).toEqual(facts);
    expect(JSON.stringify(googleKeyIn(NAME, key()))).not.toContain("MIIE");
  });

  test.each([
    ["AWS_ACCESS_KEY_ID", "AKIA"],
    ["secrets.json", '{"secrets":[{"key":"openai.api_key","value":"x"}]}'],
    ["GOOGLE_APPLICATION_CREDENTIALS", "/secrets/key.json"],
    ["x", ""],
  ])("is not %s with %s", (name, text) => expect(googleKeyIn(name, text)).toBeUndefined());

  test.each([
    [PEM.replaceAll("\n", "\\n"), "escaped"],
    [PEM.replaceAll("\n", ""), "flat"],
    [PEM.replaceAll("PRIVATE", "RSA PRIVATE"), "good"],
    ["", "none"],
    [7, "none"],
  ])("private_key %j is %s", (private_key, pem) => expect(googleKeyIn(NAME, key({ private_key }))?.pem).toBe(pem));

  test("what is no JSON has no type, and what has none is called so", () => {
    expect(googleKeyIn(NAME, "{")?.type).toBeUndefined();
    expect(googleKeyIn(NAME, "[1]")?.type).toBeUndefined();
    expect(googleKeyIn(NAME, "{}")?.type).toBe("none");
  });
});
