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
  ["broken", { status: 500, code: "InternalError", message: "We encountered an internal error." }],
  ["cut", "reset"],
  ["garbled", "garbage"],
  ["a page of a proxy", "page"],
  ["half", "half"],
];

/** Nothing is in the answer that could be lost; or it is looked again, and all is well. */
const HARMLESS = new Set(["PutObject half", "PutObject half after", "DeleteObject garbled after"]);

let bed: ProofBed;
beforeAll(async () => {
  bed = await startProofBed(proofObjects({ role: true }), proofSeed());
});
afterAll(() => bed.stop());
beforeEach(() => bed.cloud.reset(proofSeed()));

describe.each(OPERATIONS)("%s goes wrong", (operation) => {
  // Only a write has an effect whose answer can be lost.
  for (const after of /^(Put|Delete)/.test(operation) ? [false, true] : [false]) {
    test.each(FAULTS)(`%s${after ? ", after it took effect" : ""}`, async (name, how) => {
      bed.cloud.fail({ action: operation, how, after });
      const run = await bed.run({ prove: true, only: ["ANT06"] }, { sleep: async () => {} });
      const left = run.report.residue.map(({ what }: { what: string }) => what).join(" ");
      for (const key of bed.keysIn(BUCKET)) expect(left).toContain(key);
      const mine = run.report.results.filter(({ code }: { code: string }) => code.startsWith("ANT06"));
      const passed = mine.every(({ status }: { status: string }) => ["pass", "skip"].includes(status));
      expect(passed).toBe(HARMLESS.has(`${operation} ${name}${after ? " after" : ""}`));
    });
  }
});
