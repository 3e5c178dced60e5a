import { ACCESS_KEY_ID, SECRET_ACCESS_KEY } from "../domain/env/static-keys.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { formOf } from "../domain/values/key-form.ts";
import type { GivenValue, ValueOptions } from "./value-sources.ts";

/** Whether a key is to be made: the Secret has none of the kind, or it is to be replaced. */
export function makesHmac({ createHmac, overwrite }: ValueOptions, held: Readonly<Record<string, Sensitive>>): boolean {
  if (createHmac === undefined) return false;
  const id = held[ACCESS_KEY_ID];
  if (overwrite === true || id === undefined || held[SECRET_ACCESS_KEY] === undefined) return true;
  return formOf(Buffer.from(id.reveal()).toString("utf8")) !== "gcs-hmac-id";
}

/**
 * What stands in the slots until the key is made: of its form, so that the server can check the Secret before, and never
 * written, since the step that makes the key comes first.
 */
export function hmacSlots(account: string): Map<string, GivenValue> {
  return new Map([
    [
      ACCESS_KEY_ID,
      { value: new Sensitive(`GOOG1E${"0".repeat(55)}`), shown: `the id of a new HMAC key of ${account}` },
    ],
    [SECRET_ACCESS_KEY, { value: new Sensitive(`${"x".repeat(39)}=`), shown: "its secret (never shown)" }],
  ]);
}
