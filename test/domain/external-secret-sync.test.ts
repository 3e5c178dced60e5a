import { describe, expect, test } from "vitest";

import { syncOf } from "../../src/domain/external-secret-sync.ts";
import { goDuration, goDurationMs } from "../../src/domain/go-duration.ts";
import type { AnyObject } from "../support/follow.ts";

const object = (kind: string, status: AnyObject, generation = 2): AnyObject => ({
  kind,
  metadata: { namespace: "ns", name: "x", uid: `u-${kind}`, generation },
  status,
});
const ready = (status: string, reason: string, message: string): AnyObject => ({
  conditions: [{ type: "Ready", status, reason, message }],
});
const event = (kind: string, message: string, at: AnyObject = {}): AnyObject => ({
  type: "Warning",
  reason: "UpdateFailed",
  message,
  involvedObject: { kind, name: "x", uid: `u-${kind}` },
  ...at,
});

const STORE = object("SecretStore", ready("True", "Valid", "store validated"));
const UNSEEN = object("SecretStore", {});
const FAILED = object("ExternalSecret", ready("False", "SecretSyncedError", "could not get secret data from provider"));
const DONE = ready("True", "SecretSynced", "secret synced");

describe("how far it is", () => {
  test.each([
    ["nobody has looked at it", object("ExternalSecret", {}), STORE, [], "pending"],
    ["done", object("ExternalSecret", { ...DONE, syncedResourceVersion: "2-abc" }), STORE, [], "synced"],
    ["done by a version that does not say of what", object("ExternalSecret", DONE), STORE, [], "synced"],
    [
      "done before the change",
      object("ExternalSecret", { ...DONE, syncedResourceVersion: "1-abc" }),
      STORE,
      [],
      "pending",
    ],
    ["done, and the store may not be read", object("ExternalSecret", DONE), undefined, [], "synced"],
    ["failed", FAILED, STORE, [event("ExternalSecret", "no")], "failed"],
    ["failed, and the store may not be read", FAILED, undefined, [event("ExternalSecret", "no")], "failed"],
    ["begun before its store was looked at", FAILED, UNSEEN, [], "pending"],
    [
      "begun before its store was ready",
      FAILED,
      UNSEEN,
      [event("ExternalSecret", 'SecretStore "x" is not ready')],
      "pending",
    ],
    ["the store is unknown to be ready", FAILED, object("SecretStore", ready("Unknown", "x", "y")), [], "pending"],
    ["no status at all", { kind: "ExternalSecret", metadata: {} }, { status: { conditions: "?" } }, [{}], "pending"],
  ] as const)("%s", (_, externalSecret, store, events, state) => {
    expect(syncOf(externalSecret, store, events).state).toBe(state);
  });

  test("the store comes first: what is wrong with it explains the other", () => {
    const broken = object("SecretStore", ready("False", "InvalidProviderConfig", "unable to create client"));
    expect(
      syncOf(FAILED, broken, [event("SecretStore", "no such role"), event("ExternalSecret", "not ready")]),
    ).toEqual({
      state: "failed",
      what: "SecretStore ns/x is not ready: unable to create client (InvalidProviderConfig); its newest event: no such role",
      words: "no such role",
      hasEvent: true,
    });
  });

  test("of several events the newest counts, whichever API wrote it", () => {
    const events = [
      event("ExternalSecret", "old", { lastTimestamp: "2026-11-28T08:00:00Z" }),
      event("ExternalSecret", "new", { eventTime: "2026-11-28T08:00:02.000000Z" }),
      event("ExternalSecret", "between", { series: { lastObservedTime: "2026-11-28T08:00:01Z" } }),
    ];
    expect(syncOf(FAILED, STORE, events)).toMatchObject({ words: "new" });
  });

  test("what a provider says is stripped, and no key in it is repeated", () => {
    const said = syncOf(FAILED, STORE, [event("ExternalSecret", "\u001b[31mkey AKIAABCDEFGHIJKLMNOP is bad\nreally")]);
    expect(said).toMatchObject({ words: "[31mkey AKIA…MNOP is bad really" });
  });
});

test.each([
  [3_600_000, "1h0m0s"],
  [90_000, "1m30s"],
  [86_400_000, "24h0m0s"],
  [1_500, "1.5s"],
])("%i ms is %s to Go, and back", (ms, text) => {
  expect(goDuration(ms)).toBe(text);
  expect(goDurationMs(text)).toBe(ms);
});
