import { describe, expect, test } from "vitest";

import { googleFailure } from "../support/google-client.ts";
import { emailOf } from "../support/test-google.ts";
import { fresh, type GoogleBed } from "./google-bed.ts";

/** HMAC keys of service accounts, as the tool relies on them. */
export function googleHmacKeys(bed: () => GoogleBed): void {
  const account = async (): Promise<string> => {
    const { google } = bed();
    const id = fresh("hmac");
    await google.seed({ accounts: [{ id }] });
    return emailOf(google, id);
  };

  describe("HMAC keys", () => {
    test("one is made, listed, deactivated and deleted", async () => {
      const { google, tool } = bed();
      const { project } = google;
      const email = await account();
      const { key, secret } = await tool.createHmacKey(project, email);
      const whole = {
        accessId: expect.stringMatching(/^GOOG1E[A-Z2-7]{55}$/),
        account: email,
        project,
        state: "ACTIVE",
      };
      expect(key).toMatchObject(whole);
      expect(secret.reveal()).toHaveLength(40);
      expect(await tool.getHmacKey(project, key.accessId)).toEqual(key);
      expect(await tool.listHmacKeys(project, email)).toEqual([key]);
      expect(await googleFailure(tool.deleteHmacKey(project, key.accessId))).toMatchObject({
        action: "storage.hmacKeys.delete",
        status: 400,
        message: "Cannot delete keys in ACTIVE state.",
      });
      const resting = await tool.setHmacKeyState(project, key.accessId, "INACTIVE", key.etag);
      expect(resting).toMatchObject({ ...whole, state: "INACTIVE" });
      expect(await googleFailure(tool.setHmacKeyState(project, key.accessId, "ACTIVE", key.etag))).toMatchObject({
        failure: "conflict",
        code: "conditionNotMet",
        status: 412,
        message: "Etag does not match expected value.",
      });
      expect(await googleFailure(tool.setHmacKeyState(project, key.accessId, "INACTIVE", resting.etag))).toMatchObject({
        status: 400,
        message: "Update must modify the credential.",
      });
      await tool.setHmacKeyState(project, key.accessId, "ACTIVE", resting.etag);
      await tool.setHmacKeyState(project, key.accessId, "INACTIVE", undefined);
      await tool.deleteHmacKey(project, key.accessId);
      expect(await tool.listHmacKeys(project, email)).toEqual([]);
      expect(await tool.getHmacKey(project, key.accessId)).toMatchObject({ state: "DELETED" });
      expect((await googleFailure(tool.setHmacKeyState(project, key.accessId, "ACTIVE", undefined)))["status"]).toBe(
        400,
      );
    });

    test("one that is not there, and an account that is not", async () => {
      const { google, tool } = bed();
      const { project } = google;
      for (const call of [
        tool.getHmacKey(project, `GOOG1E${"A".repeat(55)}`),
        tool.deleteHmacKey(project, `GOOG1E${"A".repeat(55)}`),
        tool.createHmacKey(project, emailOf(google, fresh("none"))),
        tool.listHmacKeys(project, emailOf(google, fresh("none"))),
      ])
        expect(await googleFailure(call)).toMatchObject({ failure: "not-found", status: 404 });
    });

    test("an account has ten of them at most", async () => {
      const { google, tool } = bed();
      const email = await account();
      for (let made = 0; made < 10; made += 1) await tool.createHmacKey(google.project, email);
      expect(await googleFailure(tool.createHmacKey(google.project, email))).toMatchObject({
        action: "storage.hmacKeys.create",
        status: expect.toSatisfy((status) => status === 400 || status === 429),
      });
    });

    test("not without the right to", async () => {
      const { google, tool } = bed();
      const email = await account();
      await google.seed({ denied: ["storage.hmacKeys.create"] });
      const refused = await googleFailure(tool.createHmacKey(google.project, email));
      await google.seed({ denied: [] });
      expect(refused).toMatchObject({ failure: "denied", action: "storage.hmacKeys.create", status: 403 });
    });
  });
}
