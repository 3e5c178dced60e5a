import { describe, expect, test } from "vitest";

import { googleFailure } from "../support/google-client.ts";
import { emailOf } from "../support/test-google.ts";
import { fresh, memberOf, raw, type GoogleBed } from "./google-bed.ts";

const WORKLOAD_USER = "roles/iam.workloadIdentityUser";
const NEVER = { title: "never", expression: 'request.time < timestamp("2020-01-01T00:00:00Z")' };

/** Service accounts, who may act as them, and roles, as the tool relies on them. */
export function googleAccounts(bed: () => GoogleBed): void {
  const iam = (email: string, method: string): string => `/iam/v1/projects/-/serviceAccounts/${email}:${method}`;

  describe("service accounts", () => {
    test("one is made, found, and removed", async () => {
      const { google, tool } = bed();
      const id = fresh("made");
      const made = await tool.createServiceAccount({
        project: google.project,
        id,
        displayName: "Antfly production/default",
        description: "for cluster prod",
      });
      const email = emailOf(google, id);
      expect(made).toEqual({
        email,
        uniqueId: expect.stringMatching(/^\d{21}$/),
        project: google.project,
        disabled: false,
        description: "for cluster prod",
      });
      expect(await tool.getServiceAccount(email)).toEqual(made);
      expect((await tool.getServiceAccountPolicy(email)).bindings).toEqual([]);
      await tool.deleteServiceAccount(email);
      expect(await googleFailure(tool.getServiceAccount(email))).toMatchObject({
        failure: "not-found",
        action: "iam.serviceAccounts.get",
        status: 404,
      });
    });

    test("not twice, and not by any name", async () => {
      const { google, tool } = bed();
      const id = fresh("twice");
      const wanted = { project: google.project, id, displayName: "", description: "" };
      await tool.createServiceAccount(wanted);
      expect(await googleFailure(tool.createServiceAccount(wanted))).toMatchObject({
        failure: "exists",
        status: 409,
        message: `Service account ${id} already exists within project projects/${google.project}.`,
      });
      for (const wrong of ["short", "Upper-case", "a".repeat(31), "1-digit-first"])
        expect(await googleFailure(tool.createServiceAccount({ ...wanted, id: wrong }))).toMatchObject({
          failure: "invalid",
          status: 400,
        });
    });

    test("whether one is there is told to those alone who may see it", async () => {
      const { google, tool } = bed();
      await google.seed({ denied: ["iam.serviceAccounts.*"] });
      const refused = await googleFailure(tool.getServiceAccount(emailOf(google, fresh("hidden"))));
      await google.seed({ denied: [] });
      expect(refused).toEqual({
        failure: "denied",
        action: "iam.serviceAccounts.get",
        code: "IAM_PERMISSION_DENIED",
        status: 403,
        message: "Permission 'iam.serviceAccounts.get' denied on resource (or it may not exist).",
        network: undefined,
      });
    });

    test("its keys", async () => {
      const { google, tool } = bed();
      const id = fresh("keys");
      await google.seed({
        accounts: [{ id, keys: [{ id: "k1" }, { id: "k2", disabled: true, validBefore: "2027-01-01T00:00:00Z" }] }],
      });
      expect(await tool.listServiceAccountKeys(emailOf(google, id))).toEqual([
        { id: "k1", disabled: false, validBefore: "9999-12-31T23:59:59Z" },
        { id: "k2", disabled: true, validBefore: "2027-01-01T00:00:00Z" },
      ]);
    });
  });

  describe("the policy of an account", () => {
    test("is replaced by who read it last, and by nobody else", async () => {
      const { google, tool } = bed();
      const id = fresh("policy");
      await google.seed({ accounts: [{ id }] });
      const email = emailOf(google, id);
      const read = await tool.getServiceAccountPolicy(email);
      const bindings = [{ role: WORKLOAD_USER, members: [memberOf(bed())] }];
      const written = await tool.setServiceAccountPolicy(email, { ...read, bindings });
      expect(written.bindings).toEqual(bindings);
      expect(written.etag).not.toBe(read.etag);
      expect(await googleFailure(tool.setServiceAccountPolicy(email, read))).toMatchObject({
        failure: "conflict",
        action: "iam.serviceAccounts.setIamPolicy",
        code: "ABORTED",
        status: 409,
        message: expect.stringMatching(
          /^There were concurrent policy changes\. Please retry the whole read-modify-write with exponential backoff\./,
        ),
      });
      expect((await tool.getServiceAccountPolicy(email)).bindings).toEqual(bindings);
    });

    test("keeps conditions, and what the tool does not know", async () => {
      const { google, tool } = bed();
      const id = fresh("kept");
      const condition = { ...NEVER, description: "over", location: "policies/never.cel" };
      const bindings = [{ role: WORKLOAD_USER, members: [memberOf(bed())], condition }];
      await google.seed({ accounts: [{ id, bindings }] });
      const email = emailOf(google, id);
      const auditConfigs = [{ service: "allServices", auditLogConfigs: [{ logType: "DATA_READ" }] }];
      const before = await raw(bed(), "POST", iam(email, "getIamPolicy"), { options: { requestedPolicyVersion: 3 } });
      await raw(bed(), "POST", iam(email, "setIamPolicy"), { policy: { ...before.body, auditConfigs } });
      const read = await tool.getServiceAccountPolicy(email);
      const more = { role: WORKLOAD_USER, members: [memberOf(bed(), "other")] };
      await tool.setServiceAccountPolicy(email, { ...read, bindings: [...read.bindings, more] });
      const { body } = await raw(bed(), "POST", iam(email, "getIamPolicy"), { options: { requestedPolicyVersion: 3 } });
      expect(body).toMatchObject({ version: 3, bindings: [...bindings, more], auditConfigs });
    });

    test("an older version hides conditions behind another role, which cannot be written", async () => {
      const { google } = bed();
      const id = fresh("older");
      await google.seed({
        accounts: [{ id, bindings: [{ role: WORKLOAD_USER, members: ["allUsers"], condition: NEVER }] }],
      });
      const email = emailOf(google, id);
      const { body } = await raw(bed(), "POST", iam(email, "getIamPolicy"));
      expect(body).toMatchObject({
        version: 1,
        bindings: [{ role: expect.stringMatching(/^roles\/iam\.workloadIdentityUser_withcond_[0-9a-f]{20}$/) }],
      });
      for (const version of [1, 3])
        expect(await raw(bed(), "POST", iam(email, "setIamPolicy"), { policy: { ...body, version } })).toMatchObject({
          status: 400,
          body: { error: { status: "INVALID_ARGUMENT" } },
        });
    });

    test.each<[string, string, string]>([
      [
        "a pool that is not there",
        "serviceAccount:none.svc.id.goog[a/b]",
        "Identity Pool does not exist (none.svc.id.goog).",
      ],
      [
        "an account that is not there",
        "serviceAccount:none@PROJECT.iam.gserviceaccount.com",
        "Service account none@PROJECT.iam.gserviceaccount.com does not exist.",
      ],
      [
        "no namespace",
        "serviceAccount:PROJECT.svc.id.goog[default]",
        "Invalid service account (PROJECT.svc.id.goog[default]).",
      ],
      [
        "a member without a kind",
        "antfly@PROJECT.iam.gserviceaccount.com",
        "Invalid member (antfly@PROJECT.iam.gserviceaccount.com).",
      ],
      ["somebody who was deleted", "deleted:serviceAccount:a@b.iam.gserviceaccount.com?uid=1", "Invalid member"],
    ])("takes no new member that is %s", async (_, member, says) => {
      const { google, tool } = bed();
      const id = fresh("member");
      await google.seed({ accounts: [{ id }] });
      const email = emailOf(google, id);
      const fill = (text: string): string => text.replaceAll("PROJECT", google.project);
      const read = await tool.getServiceAccountPolicy(email);
      const wanted = { ...read, bindings: [{ role: WORKLOAD_USER, members: [fill(member)] }] };
      expect(await googleFailure(tool.setServiceAccountPolicy(email, wanted))).toMatchObject({
        failure: "invalid",
        status: 400,
        message: expect.stringContaining(fill(says)),
      });
    });

    test("takes no role that is not for accounts", async () => {
      const { google, tool } = bed();
      const id = fresh("role");
      await google.seed({ accounts: [{ id }] });
      const email = emailOf(google, id);
      const read = await tool.getServiceAccountPolicy(email);
      for (const role of ["roles/storage.objectUser", "roles/iam.none", `projects/${google.project}/roles/none`]) {
        const wanted = { ...read, bindings: [{ role, members: [memberOf(bed())] }] };
        expect(await googleFailure(tool.setServiceAccountPolicy(email, wanted))).toMatchObject({ failure: "invalid" });
      }
    });

    test("of a deleted account nothing is left to a new one of its name", async () => {
      const { google, tool } = bed();
      const [id, holder] = [fresh("gone"), fresh("holder")];
      const email = emailOf(google, id);
      const member = `serviceAccount:${email}`;
      const bindings = [{ role: "roles/iam.serviceAccountTokenCreator", members: [member] }];
      await google.seed({ accounts: [{ id }, { id: holder, bindings }] });
      const { uniqueId } = await tool.getServiceAccount(email);
      await tool.deleteServiceAccount(email);
      await tool.createServiceAccount({ project: google.project, id, displayName: "", description: "" });
      const { bindings: left } = await tool.getServiceAccountPolicy(emailOf(google, holder));
      expect(left).toEqual([{ ...bindings[0], members: [`deleted:${member}?uid=${uniqueId}`] }]);
      expect((await tool.getServiceAccount(email)).uniqueId).not.toBe(uniqueId);
    });
  });

  test("permissions of roles, predefined and custom", async () => {
    const { google, tool } = bed();
    const permissions = ["storage.objects.create", "storage.objects.get"];
    await google.seed({ roles: [{ id: "backups", permissions }] });
    expect(await tool.getRole("roles/iam.workloadIdentityUser")).toContain("iam.serviceAccounts.getAccessToken");
    expect(await tool.getRole(`projects/${google.project}/roles/backups`)).toEqual(permissions);
    for (const name of ["roles/storage.none", `projects/${google.project}/roles/none`])
      expect((await googleFailure(tool.getRole(name)))["failure"]).toBe("not-found");
  });
}
