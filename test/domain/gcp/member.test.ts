import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  covers,
  identityMember,
  memberOf,
  parseMember,
  principalOf,
  type Identity,
  type Workload,
} from "../../../src/domain/gcp/member.ts";
import { nearMember, nearMembers } from "../../../src/domain/gcp/near-member.ts";
import { label, WANTED } from "./names.ts";

const POOL = "projects/123456789012/locations/global/workloadIdentityPools/acme-prod.svc.id.goog";
const workload: Identity = { kind: "workload", ...WANTED };
const account: Identity = { kind: "account", email: "antfly@acme-prod.iam.gserviceaccount.com" };

describe("a member is parsed", () => {
  test.each([
    ["serviceAccount:Antfly@acme-prod.iam.gserviceaccount.com", { kind: "account", email: account.email }],
    [
      "serviceAccount:acme-prod.svc.id.goog[production/antfly]",
      { kind: "workload", pool: "acme-prod.svc.id.goog", namespace: "production", name: "antfly" },
    ],
    [
      "serviceAccount:example.com:acme.svc.id.goog[production/antfly]",
      { kind: "workload", pool: "example.com:acme.svc.id.goog", namespace: "production", name: "antfly" },
    ],
    [
      `principal://iam.googleapis.com/${POOL}/subject/ns/production/sa/antfly`,
      {
        kind: "principal",
        project: "123456789012",
        pool: "acme-prod.svc.id.goog",
        namespace: "production",
        name: "antfly",
      },
    ],
    [
      `principalSet://iam.googleapis.com/${POOL}/namespace/production`,
      { kind: "set", project: "123456789012", pool: "acme-prod.svc.id.goog", of: "namespace", value: "production" },
    ],
    [
      `principalSet://iam.googleapis.com/${POOL}/*`,
      { kind: "set", project: "123456789012", pool: "acme-prod.svc.id.goog", of: "pool", value: "" },
    ],
    [
      "deleted:serviceAccount:antfly@acme-prod.iam.gserviceaccount.com?uid=117",
      { kind: "deleted", member: "serviceAccount:antfly@acme-prod.iam.gserviceaccount.com", uid: "117" },
    ],
    ["user:Ann@example.com", { kind: "user", name: "ann@example.com" }],
    ["group:ops@example.com", { kind: "group", name: "ops@example.com" }],
    ["domain:example.com", { kind: "domain", name: "example.com" }],
    ["projectEditor:acme-prod", { kind: "holders", role: "roles/editor", project: "acme-prod" }],
    ["allUsers", { kind: "everyone", authenticated: false }],
    ["allAuthenticatedUsers", { kind: "everyone", authenticated: true }],
    ["serviceAccount:acme-prod.svc.id.goog[production:antfly]", { kind: "other" }],
    ["serviceAccount: antfly@acme-prod.iam.gserviceaccount.com", { kind: "other" }],
    ["antfly", { kind: "other" }],
    ["", { kind: "other" }],
  ])("%s", (text, parts) => expect(parseMember(text)).toMatchObject(parts));

  test("whatever it is, and it ends", () => {
    fc.assert(fc.property(fc.string(), (text) => parseMember(text).kind !== undefined));
  });
});

describe("a member covers an identity", () => {
  const cluster = "https://container.googleapis.com/v1/projects/acme-prod/locations/europe-west1/clusters/prod";
  test.each([
    [memberOf(WANTED), workload, "yes"],
    [principalOf(WANTED), workload, "yes"],
    [principalOf({ ...WANTED, projectNumber: "999" }), workload, "no"],
    [principalOf(WANTED), { ...workload, projectNumber: undefined }, "maybe"],
    [memberOf({ ...WANTED, namespace: "staging" }), workload, "no"],
    [memberOf({ ...WANTED, pool: "other.svc.id.goog" }), workload, "no"],
    [`principalSet://iam.googleapis.com/${POOL}/namespace/production`, workload, "yes"],
    [`principalSet://iam.googleapis.com/${POOL}/namespace/staging`, workload, "no"],
    [`principalSet://iam.googleapis.com/${POOL}/kubernetes.cluster/${cluster}`, workload, "yes"],
    [`principalSet://iam.googleapis.com/${POOL}/kubernetes.cluster/${cluster}-2`, workload, "no"],
    [`principalSet://iam.googleapis.com/${POOL}/*`, workload, "yes"],
    [`principalSet://iam.googleapis.com/${POOL}/attribute.x/y`, workload, "maybe"],
    ["serviceAccount:antfly@acme-prod.iam.gserviceaccount.com", account, "yes"],
    ["serviceAccount:antfly@acme-prod.iam.gserviceaccount.com", workload, "no"],
    [memberOf(WANTED), account, "no"],
    ["deleted:serviceAccount:antfly@acme-prod.iam.gserviceaccount.com?uid=1", account, "no"],
    ["user:antfly@acme-prod.iam.gserviceaccount.com", account, "no"],
    ["group:backups@example.com", account, "maybe"],
    ["projectEditor:acme-prod", account, "maybe"],
    ["allUsers", account, "yes"],
    ["allAuthenticatedUsers", account, "yes"],
    ["allAuthenticatedUsers", workload, "no"],
    ["domain:example.com", account, "no"],
  ] as const)("%s", (member, who, how) => expect(covers(parseMember(member), who)).toBe(how));

  test("the member that is written for an identity, and no other one of the kind", () => {
    fc.assert(
      fc.property(label, label, label, label, (namespace, name, other, project) => {
        const who: Workload = { ...WANTED, pool: `${project}.svc.id.goog`, namespace, name };
        for (const write of [memberOf, principalOf]) {
          expect(covers(parseMember(write(who)), { kind: "workload", ...who })).toBe("yes");
          const strange = { ...who, name: `${other}x${name}` };
          expect(covers(parseMember(write(strange)), { kind: "workload", ...who })).toBe("no");
        }
        expect(covers(parseMember(identityMember({ kind: "workload", ...who })), { kind: "workload", ...who })).toBe(
          "yes",
        );
      }),
    );
  });
});

describe("a member that was meant for the ServiceAccount", () => {
  const G = "acme-prod.svc.id.goog";
  test.each<[string, ...string[]]>([
    [`serviceAccount:${G}[production:antfly]`, "separator"],
    [`serviceAccount:${G}[antfly/production]`, "order"],
    [`serviceAccount:${G}[production/ antfly]`, "spaces"],
    [`serviceAccount:${G} [production/antfly]`, "spaces"],
    [`serviceAccount:${G}/production/antfly`, "brackets"],
    [`serviceAccount:${G}(production/antfly)`, "brackets"],
    [`serviceAccount:123456789012.svc.id.goog[production/antfly]`, "number"],
    [`serviceAccount:acme-prod.svc.id.google[production/antfly]`, "pool"],
    [`serviceAccount:acme-prod.svc.id.google.com[production/antfly]`, "pool"],
    [`serviceAccount:acme-prod[production/antfly]`, "pool"],
    [`user:${G}[production/antfly]`, "type"],
    [`${G}[production/antfly]`, "type"],
    [`serviceAccount:${G}[Production/antfly]`, "namespace"],
    [`serviceAccount:${G}[production/Antfly]`, "ServiceAccount"],
    [`serviceAccount:${G}[prodution/antfly]`, "namespace"],
    [`serviceAccount:${G}[production/anfly]`, "ServiceAccount"],
    [`serviceAccount:acme-prdo.svc.id.goog[production/antfly]`, "project id"],
    [`serviceAccount:acme-shared.svc.id.goog[production/antfly]`, "project"],
    [`serviceAccount:${G}[system:serviceaccount:production:antfly]`, "separator"],
    [`deleted:serviceAccount:${G}[production/antfly]?uid=1`, "deleted"],
    [`serviceAccount:123456789012.svc.id.google[production:antfly]`, "pool", "separator", "number"],
    [
      "principal://iam.googleapis.com/projects/acme-prod/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/ns/production/sa/antfly",
      "number",
    ],
    [
      "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/123456789012.svc.id.goog/subject/ns/production/sa/antfly",
      "number",
    ],
    [
      "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/system:serviceaccount:production:antfly",
      "subject",
    ],
    [
      "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/ns/antfly/sa/production",
      "order",
    ],
    [
      "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/ns/production/sa/antfly",
      "type",
    ],
  ])("%s", (member, ...parts) =>
    expect(nearMember(member, WANTED)?.differences.map(({ part }) => part)).toEqual(parts),
  );

  test.each([
    memberOf(WANTED),
    principalOf(WANTED),
    memberOf({ ...WANTED, name: "web" }),
    memberOf({ ...WANTED, name: "antfly-2" }),
    memberOf({ ...WANTED, name: "antfly2" }),
    memberOf({ ...WANTED, name: "antfly-backup" }),
    memberOf({ ...WANTED, namespace: "staging" }),
    memberOf({ ...WANTED, pool: "other.svc.id.goog", namespace: "production2" }),
    "serviceAccount:antfly@acme-prod.iam.gserviceaccount.com",
    "user:ann@example.com",
    "group:production@example.com",
    "allUsers",
    "",
  ])("is not %s", (member) => expect(nearMember(member, WANTED)).toBeUndefined());

  test("says the part and both values", () => {
    const [difference] =
      nearMember("serviceAccount:123456789012.svc.id.goog[production/antfly]", WANTED)?.differences ?? [];
    expect(difference).toEqual({
      part: "number",
      want: "acme-prod",
      has: "123456789012",
      says: "has the project's number where its id belongs",
    });
  });

  test("the nearest comes first, one of another project's pool last", () => {
    const members = [
      "serviceAccount:acme-shared.svc.id.goog[production/antfly]",
      "user:acme-prod.svc.id.goog[production:antfly]",
      "serviceAccount:acme-prod.svc.id.goog[production:antfly]",
    ];
    const near = nearMembers(members, WANTED);
    expect(near.map(({ member }) => member)).toEqual([members[2], members[1], members[0]]);
    expect(near.map(({ otherPool }) => otherPool)).toEqual([undefined, undefined, "acme-shared.svc.id.goog"]);
  });

  test("what is right is never near, and no text is too strange", () => {
    fc.assert(
      fc.property(label, label, (namespace, name) => {
        const wanted = { ...WANTED, namespace, name };
        expect(nearMember(memberOf(wanted), wanted)).toBeUndefined();
        expect(nearMember(principalOf(wanted), wanted)).toBeUndefined();
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void nearMember(`serviceAccount:${text}`, WANTED)));
  });

  test("a single change of the form is found, whatever the names", () => {
    const long = fc.stringMatching(/^[a-z]{4}[a-z0-9-]{2,8}[a-z]$/);
    fc.assert(
      fc.property(long, long, (namespace, name) => {
        fc.pre(namespace !== name);
        const wanted = { ...WANTED, namespace, name };
        const right = memberOf(wanted);
        for (const wrong of [
          right.replace(`${namespace}/`, `${namespace}:`),
          right.replace(".goog[", ".google["),
          right.replace("serviceAccount:", "user:"),
          right.replace("acme-prod", "123456789012"),
        ])
          expect(nearMember(wrong, wanted)?.differences, wrong).toHaveLength(1);
      }),
    );
  });
});
