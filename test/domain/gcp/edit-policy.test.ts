import { describe, expect, test } from "vitest";

import { gives, withMember, withoutMember } from "../../../src/domain/gcp/edit-policy.ts";
import type { IamPolicy } from "../../../src/domain/gcp/iam-policy.ts";

const role = "roles/storage.objectUser";
const member = "serviceAccount:me@acme-prod.iam.gserviceaccount.com";
const me = { role, member };
const condition = { title: "soon", expression: 'request.time < timestamp("2030-01-01T00:00:00Z")' };
const policy = (bindings: IamPolicy["bindings"]): IamPolicy => ({
  version: 3,
  etag: "BwX=",
  bindings,
  rest: { auditConfigs: [{ service: "storage.googleapis.com" }] },
});

describe("one member more", () => {
  test("stands in the binding of its role, or in a new one", () => {
    expect(withMember(policy([{ role, members: ["user:a@acme.com"] }]), me).bindings).toEqual([
      { role, members: ["user:a@acme.com", member] },
    ]);
    expect(withMember(policy([]), me)).toEqual(policy([{ role, members: [member] }]));
  });

  test("a binding with a condition is another one, and stays as it is", () => {
    const conditional = { role, members: [member], condition };
    expect(gives(policy([conditional]), me)).toBe(false);
    expect(withMember(policy([conditional]), me)).toEqual(policy([conditional, { role, members: [member] }]));
    expect(withoutMember(policy([conditional, { role, members: [member] }]), me)).toEqual(policy([conditional]));
  });

  test("that is there already changes nothing", () => {
    const there = policy([{ role, members: [member] }]);
    expect(withMember(there, me)).toBe(there);
  });
});

test("one member less leaves the others, and no binding without any", () => {
  const others = { role: "roles/storage.admin", members: [member] };
  expect(withoutMember(policy([others, { role, members: ["user:a@acme.com", member] }]), me).bindings).toEqual([
    others,
    { role, members: ["user:a@acme.com"] },
  ]);
  expect(withoutMember(policy([others, { role, members: [member] }]), me).bindings).toEqual([others]);
});
