import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { FaultKind } from "../support/aws-server/faults.ts";
import { startProofBed, type ProofBed } from "../support/proof-bed.ts";
import { BUCKET, proofObjects, proofSeed } from "../support/proof-fixture.ts";

const OPERATIONS = [
  "AssumeRoleWithWebIdentity",
  "GetCallerIdentity",
  "ListObjectsV2",
  "PutObject",
  "GetObject",
  "DeleteObject",
];
const FAULTS: readonly (readonly [string, FaultKind])[] = [
  ["denied", { status: 403, code: "AccessDenied", message: "Access Denied" }],
  ["not found", { status: 404, code: "NoSuchKey", message: "The specified key does not exist." }],
  ["throttled", { status: 429, code: "SlowDown", message: "Please reduce your request rate." }],
  ["broken", { status: 500, code: "InternalError", message: "We encountered an internal error." }],
  ["cut", "reset"],
  ["garbled", "garbage"],
  ["a page of a proxy", "page"],
  ["half", "half"],
];

let bed: ProofBed;
beforeAll(async () => {
  bed = await startProofBed(proofObjects({ role: true }), proofSeed());
});
afterAll(() => bed.stop());
beforeEach(() => bed.cloud.reset(proofSeed()));

describe.each(OPERATIONS)("%s goes wrong", (operation) => {
  for (const after of [false, true]) {
    test.each(FAULTS)(`%s${after ? ", after it took effect" : ""}`, async (name, how) => {
      // AWS answers to a removal alike, whether there was something or not.
      if (operation === "DeleteObject" && name === "not found" && after) return;
      bed.cloud.fail({ action: operation, how, after });
      const run = await bed.run({ prove: true, only: ["ANT06"] }, { sleep: async () => {} });
      const left = run.report.residue.map(({ what }: { what: string }) => what).join(" ");
      for (const key of bed.keysIn(BUCKET)) expect(left).toContain(key);
      const passed = run.report.results.every(({ status }: { status: string }) => ["pass", "skip"].includes(status));
      const harmless = isHarmless(operation, name, after);
      expect([passed, run.code === 0]).toEqual([harmless, harmless]);
    });
  }
});

/** It is asked once more, or what was answered is no part of the proof. */
function isHarmless(operation: string, name: string, after: boolean): boolean {
  return operation === "DeleteObject" && after && name === "not found";
}
