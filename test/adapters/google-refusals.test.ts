import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { explainRefusal } from "../../src/adapters/google-errors.ts";
import { Redactor } from "../../src/domain/redact.ts";
import { Sensitive } from "../../src/domain/sensitive.ts";
import { CANARY_SECRET, expectNoCanary } from "../support/canaries.ts";

const INFO = "type.googleapis.com/google.rpc.ErrorInfo";

function refusal(status: number, body: unknown, action = "iam.serviceAccounts.get"): Record<string, unknown> {
  const redactor = new Redactor();
  redactor.watch(new Sensitive(CANARY_SECRET));
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const call = { action, host: "iam.googleapis.com", timeoutMs: 1_000, redactor };
  const { failure, action: missing, code, message } = explainRefusal({ status, body: Buffer.from(text) }, call);
  return { failure, action: missing, code, message };
}

/** An error of an API that follows AIP-193. */
function api(status: string, message: string, info: { reason?: string; metadata?: object } = {}): object {
  return { error: { code: 0, message, status, details: [{ "@type": INFO, domain: "googleapis.com", ...info }] } };
}

/** An error of storage. */
function ofStorage(reason: string, message: string): object {
  return { error: { code: 0, message, errors: [{ message, domain: "global", reason }] } };
}

describe("what Google says", () => {
  test.each<[string, number, unknown, object]>([
    [
      "the permission is named, not the one of the call",
      403,
      api(
        "PERMISSION_DENIED",
        "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
        {
          reason: "IAM_PERMISSION_DENIED",
          metadata: { permission: "iam.serviceAccounts.getAccessToken" },
        },
      ),
      { failure: "denied", action: "iam.serviceAccounts.getAccessToken", code: "IAM_PERMISSION_DENIED" },
    ],
    [
      "in words alone",
      403,
      ofStorage("forbidden", "a@b.test does not have storage.buckets.get access to the Google Cloud Storage bucket."),
      { failure: "denied", action: "storage.buckets.get", code: "forbidden" },
    ],
    [
      "an API that is off: the command that turns it on",
      403,
      api("PERMISSION_DENIED", "Identity and Access Management (IAM) API has not been used in project 123 before …", {
        reason: "SERVICE_DISABLED",
        metadata: { service: "iam.googleapis.com", consumer: "projects/123" },
      }),
      {
        failure: "api-off",
        code: "SERVICE_DISABLED",
        message: "iam.googleapis.com is off in project 123: gcloud services enable iam.googleapis.com --project 123",
      },
    ],
    [
      "credentials of a person that name no project: it is not the API",
      403,
      api(
        "PERMISSION_DENIED",
        "Your application is authenticating by using local Application Default Credentials. The iam.googleapis.com API requires a quota project, which is not set by default.",
        {
          reason: "SERVICE_DISABLED",
          metadata: { service: "iam.googleapis.com", consumer: "projects/764086051850" },
        },
      ),
      {
        failure: "api-off",
        message:
          "your Google credentials name no project that the calls are counted for: gcloud auth application-default set-quota-project PROJECT",
      },
    ],
    [
      "the project that the calls are counted for may not be used",
      403,
      api(
        "PERMISSION_DENIED",
        "Caller does not have required permission to use project acme. Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission, by visiting …",
        { reason: "USER_PROJECT_DENIED", metadata: { consumer: "projects/acme" } },
      ),
      { failure: "denied", action: "serviceusage.services.use", code: "USER_PROJECT_DENIED" },
    ],
    ["somebody was faster", 409, api("ABORTED", "There were concurrent policy changes."), { failure: "conflict" }],
    ["it is there", 409, api("ALREADY_EXISTS", "Service account x already exists."), { failure: "exists" }],
    [
      "an account too many is no call too many",
      429,
      api("RESOURCE_EXHAUSTED", "Maximum number of service accounts on project reached."),
      { failure: "limit" },
    ],
    ["a call too many", 429, api("RESOURCE_EXHAUSTED", "Quota exceeded for quota metric"), { failure: "throttled" }],
    ["a call too many, by storage", 403, ofStorage("rateLimitExceeded", "Slow down."), { failure: "throttled" }],
    [
      "a cluster that is busy",
      400,
      api("FAILED_PRECONDITION", "Cluster is running incompatible operation operation-1."),
      { failure: "conflict" },
    ],
    [
      "the token service",
      400,
      { error: "invalid_grant", error_description: "The given credential is rejected." },
      { failure: "invalid-credentials", code: "invalid_grant", message: "The given credential is rejected." },
    ],
    [
      "no words",
      400,
      { error: { status: "INVALID_ARGUMENT" } },
      { message: "iam.googleapis.com answered 400 INVALID_ARGUMENT" },
    ],
  ])("%s", (_, status, body, expected) => {
    expect(refusal(status, body)).toMatchObject(expected);
  });

  test.each<[string, number, string, object]>([
    ["no such object", 404, "No such object: acme/x", { failure: "not-found" }],
    [
      "no right to it",
      403,
      "a@b.test does not have storage.objects.get access to the Google Cloud Storage object.",
      { failure: "denied", action: "storage.objects.get" },
    ],
  ])("objects are refused in plain words: %s", (_, status, body, expected) => {
    expect(refusal(status, body, "storage.objects.create")).toMatchObject(expected);
  });

  test("the condition of a new object is that there is none", () => {
    const body = ofStorage("conditionNotMet", "At least one of the pre-conditions you specified did not hold.");
    expect(refusal(412, body, "storage.objects.create")["failure"]).toBe("exists");
    expect(refusal(412, body, "storage.buckets.setIamPolicy")["failure"]).toBe("conflict");
  });
});

describe("what something else says, a proxy or a page to sign in", () => {
  test.each([
    [403, "<html>Forbidden</html>", "malformed"],
    [403, "Access to this site is blocked", "malformed"],
    [404, "404 page not found", "malformed"],
    [404, "[]", "malformed"],
    [401, "", "invalid-credentials"],
    [502, "Bad Gateway", "server-error"],
    [504, "", "timeout"],
    [418, "{}", "invalid"],
  ])("%d %j", (status, body, failure) => {
    expect(refusal(status, body)).toMatchObject({ failure, action: "iam.serviceAccounts.get", code: undefined });
  });
});

test("whatever it is, it is one line that can be printed, without what was sent", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constant(`\u001b[31m\n${CANARY_SECRET}\r\n`));
  const body = fc.oneof(
    text,
    fc.record({ error: text, error_description: text }, { requiredKeys: ["error"] }),
    fc.record({
      error: fc.record(
        {
          message: text,
          status: text,
          errors: fc.array(fc.record({ reason: text }), { maxLength: 2 }),
          details: fc.array(
            fc.record({ "@type": fc.constant(INFO), reason: text, metadata: fc.dictionary(text, text) }),
            { maxLength: 2 },
          ),
        },
        { requiredKeys: [] },
      ),
    }),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), body, (status, said) => {
      const { message, code, action } = refusal(status, said) as Record<string, string | undefined>;
      for (const one of [message, code, action]) {
        expect(one ?? "").not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expectNoCanary(one ?? "", "an error");
      }
      expect(message?.length).toBeLessThanOrEqual(600);
      expect(message).not.toBe("");
    }),
  );
});
