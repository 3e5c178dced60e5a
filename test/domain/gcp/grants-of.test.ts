import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { accountContext, judgeCondition, storageContext } from "../../../src/domain/gcp/condition.ts";
import { grantsOf } from "../../../src/domain/gcp/grants-of.ts";
import type { IamBinding, IamPolicy } from "../../../src/domain/gcp/iam-policy.ts";
import { memberOf, principalOf, type Identity } from "../../../src/domain/gcp/member.ts";
import { ACT_AS, isKnownRole, OBJECT_WRITE, roleHolds } from "../../../src/domain/gcp/roles.ts";
import { absent, known } from "../../../src/domain/known.ts";
import { WANTED } from "./names.ts";

const NOW = new Date("2026-11-01T00:00:00Z");
const ORIGIN = { via: "google", ref: "test" } as const;
const account: Identity = { kind: "account", email: "antfly@acme-prod.iam.gserviceaccount.com" };
const workload: Identity = { kind: "workload", ...WANTED };
const policy = (...bindings: readonly IamBinding[]): IamPolicy => ({ version: 3, etag: "a", bindings, rest: {} });
const object = storageContext("storage.objects.create", "backups", "prod", NOW);
const list = storageContext("storage.objects.list", "backups", "prod", NOW);

describe("a condition", () => {
  const NAME = "projects/_/buckets/backups";
  test.each([
    ['request.time < timestamp("2026-10-01T00:00:00Z")', object, "no"],
    ['request.time < timestamp("2027-01-01T00:00:00Z")', object, "yes"],
    ['request.time > timestamp("2026-10-01T00:00:00Z")', object, "yes"],
    ["request.time >= timestamp('2026-11-01T00:00:00Z')", object, "yes"],
    ['request.time < timestamp("soon")', object, "maybe"],
    [`resource.name.startsWith("${NAME}/objects/prod/")`, object, "yes"],
    [`resource.name.startsWith("${NAME}/")`, object, "yes"],
    [`resource.name.startsWith("${NAME}/objects/prod/nightly/")`, object, "maybe"],
    [`resource.name.startsWith("${NAME}/objects/staging/")`, object, "no"],
    ['resource.name.startsWith("projects/_/buckets/other")', object, "no"],
    // Listing is asked of the bucket.
    [`resource.name.startsWith("${NAME}/objects/prod/")`, list, "no"],
    [`resource.name.startsWith("${NAME}")`, list, "yes"],
    [`resource.name == "${NAME}"`, list, "yes"],
    [`resource.name == "${NAME}"`, object, "no"],
    ['resource.type == "storage.googleapis.com/Object"', object, "yes"],
    ['resource.type == "storage.googleapis.com/Object"', list, "no"],
    ['resource.type != "storage.googleapis.com/Bucket"', object, "yes"],
    ['resource.service == "storage.googleapis.com"', object, "yes"],
    ['resource.type == "storage.googleapis.com/Object"', accountContext("117", NOW), "no"],
    [
      `resource.type == "storage.googleapis.com/Bucket" || resource.name.startsWith("${NAME}/objects/prod/")`,
      list,
      "yes",
    ],
    [
      `(resource.type == "storage.googleapis.com/Object" && resource.name.startsWith("${NAME}/objects/x"))`,
      object,
      "no",
    ],
    ['request.time < timestamp("2026-10-01T00:00:00Z") && somethingElse()', object, "no"],
    ['request.time < timestamp("2027-10-01T00:00:00Z") && somethingElse()', object, "maybe"],
    ['!(request.time < timestamp("2026-10-01T00:00:00Z"))', object, "yes"],
    ['api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("prod")', list, "maybe"],
    ["true", object, "yes"],
    ["", object, "maybe"],
    ['resource.name.startsWith("a) && (b")', object, "no"],
  ] as const)("%s", (expression, context, verdict) => expect(judgeCondition(expression, context)).toBe(verdict));

  test("any text comes to an end, and what is not understood is maybe", () => {
    fc.assert(fc.property(fc.string(), (text) => ["yes", "no", "maybe"].includes(judgeCondition(text, object))));
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]+\([a-z"]{0,9}\)$/), (text) => {
        fc.pre(!/^\(?(true|false)/.test(text));
        expect(judgeCondition(text, object)).toBe("maybe");
      }),
    );
  });
});

describe("a role", () => {
  test.each([
    ["roles/iam.workloadIdentityUser", ACT_AS, "yes"],
    ["roles/iam.serviceAccountTokenCreator", ACT_AS, "yes"],
    ["roles/iam.serviceAccountUser", ACT_AS, "no"],
    ["roles/owner", ACT_AS, "no"],
    ["roles/owner", "storage.objects.get", "no"],
    ["roles/storage.objectCreator", "storage.objects.get", "no"],
    ["roles/storage.legacyBucketWriter", "storage.objects.get", "no"],
    ["roles/logging.logWriter", "storage.objects.get", "no"],
    ["roles/dataflow.worker", "storage.objects.get", "unknown"],
    ["roles/pubsub.serviceAgent", ACT_AS, "unknown"],
    ["projects/acme-prod/roles/backup", "storage.objects.get", "unknown"],
  ] as const)("%s %s: %s", (role, permission, held) => expect(roleHolds(role, permission, undefined)).toBe(held));

  test("of one's own is as it was read", () => {
    const role = "projects/acme-prod/roles/backup";
    expect(roleHolds(role, ACT_AS, { [role]: known([ACT_AS], ORIGIN) })).toBe("yes");
    expect(roleHolds(role, ACT_AS, { [role]: known(["storage.objects.get"], ORIGIN) })).toBe("no");
    expect(roleHolds(role, ACT_AS, { [role]: absent(ORIGIN) })).toBe("no");
    expect(isKnownRole(role)).toBe(false);
    expect(isKnownRole("roles/storage.admin")).toBe(true);
  });

  test("storage.objectUser and objectAdmin hold all that backups need", () => {
    for (const role of ["roles/storage.objectUser", "roles/storage.objectAdmin", "roles/storage.admin"])
      for (const permission of OBJECT_WRITE) expect(roleHolds(role, permission, undefined)).toBe("yes");
  });
});

describe("who has a permission", () => {
  const bucket = (...bindings: readonly IamBinding[]) => [{ of: "bucket backups", policy: policy(...bindings) }];
  const USER = "roles/storage.objectUser";
  const EMAIL = `serviceAccount:${account.email}`;
  const ask = (who: Identity, ...bindings: readonly IamBinding[]) =>
    grantsOf(who, "storage.objects.create", bucket(...bindings), object, undefined);

  test("yes, and by which binding", () => {
    const answer = ask(account, { role: USER, members: ["user:ann@example.com", EMAIL] });
    expect(answer.verdict).toBe("yes");
    expect(answer.by).toEqual({ of: "bucket backups", role: USER, member: EMAIL, condition: undefined });
  });

  test("the ServiceAccount itself, in either form", () => {
    expect(ask(workload, { role: USER, members: [principalOf(WANTED)] }).verdict).toBe("yes");
    expect(ask(workload, { role: USER, members: [memberOf(WANTED)] }).verdict).toBe("yes");
  });

  test("no", () => {
    expect(ask(account, { role: "roles/storage.objectViewer", members: [EMAIL] }).verdict).toBe("no");
    expect(ask(account, { role: USER, members: [`deleted:${EMAIL}?uid=1`] }).verdict).toBe("no");
    expect(ask(account).verdict).toBe("no");
  });

  test("no longer: the condition that is over is kept as evidence", () => {
    const expression = 'request.time < timestamp("2026-01-01T00:00:00Z")';
    const answer = ask(account, { role: USER, members: [EMAIL], condition: { expression } });
    expect(answer.verdict).toBe("no");
    expect(answer.kept[0]?.condition).toBe(expression);
  });

  test.each([
    [{ role: USER, members: [EMAIL], condition: { expression: "origin.ip == 'x'" } }, /condition origin\.ip/],
    [{ role: "projects/p/roles/own", members: [EMAIL] }, /what role projects\/p\/roles\/own gives is not known/],
    [{ role: USER, members: ["group:ops@example.com"] }, /whether group:ops@example\.com is among them/],
  ])("maybe, and why", (binding, why) => {
    const answer = ask(account, binding);
    expect(answer.verdict).toBe("maybe");
    expect(answer.doubts[0]?.why).toMatch(why);
  });

  test("a project's editors are who its policy says", () => {
    const editors = { role: "roles/storage.legacyBucketOwner", members: ["projectEditor:acme-prod"] };
    expect(ask(account, editors).verdict).toBe("maybe");
    const project = (...members: readonly string[]) => [
      ...bucket(editors),
      { of: "project acme-prod", policy: policy({ role: "roles/editor", members }) },
    ];
    const asked = (...members: readonly string[]) =>
      grantsOf(account, "storage.objects.create", project(...members), object, undefined).verdict;
    expect(asked(EMAIL)).toBe("yes");
    expect(asked("user:ann@example.com")).toBe("no");
    expect(asked("group:ops@example.com")).toBe("maybe");
  });

  test("more bindings never take a permission away", () => {
    const member = fc.constantFrom(EMAIL, "group:a@b.c", "user:a@b.c", memberOf(WANTED), "allUsers", "x");
    const role = fc.constantFrom(USER, "roles/storage.objectViewer", "projects/p/roles/own");
    const binding = fc.record({ role, members: fc.array(member, { maxLength: 3 }) });
    const rank = { no: 0, maybe: 1, yes: 2 };
    fc.assert(
      fc.property(fc.array(binding, { maxLength: 4 }), binding, (some, more) => {
        expect(rank[ask(account, ...some, more).verdict]).toBeGreaterThanOrEqual(rank[ask(account, ...some).verdict]);
      }),
    );
  });
});
