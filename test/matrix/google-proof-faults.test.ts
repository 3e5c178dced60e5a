import { describe, expect, test } from "vitest";

import type { GoogleFaultKind } from "../support/google-server/faults.ts";
import {
  googleObjects,
  googleProofSeed,
  startGoogleProofBed,
  type GoogleProofBed,
} from "../support/google-proof-bed.ts";
import type { GoogleSeed } from "../support/test-google.ts";

const FAULTS: readonly (readonly [string, GoogleFaultKind])[] = [
  ["denied", { status: 403, code: "forbidden", message: "Forbidden" }],
  ["not found", { status: 404, code: "notFound", message: "Not Found" }],
  ["in conflict", { status: 409, code: "conflict", message: "Conflict" }],
  ["not as it was", { status: 412, code: "conditionNotMet", message: "Precondition Failed" }],
  ["throttled", { status: 429, code: "rateLimitExceeded", message: "Rate exceeded" }],
  ["broken", { status: 500, code: "backendError", message: "Backend Error" }],
  ["without an answer", "hang"],
  ["cut", "reset"],
  ["garbled", "garbage"],
  ["a page of a proxy", "page"],
  ["of another kind", { body: '{"kind":"storage#tea"}' }],
  ["empty", { body: "{}" }],
  ["nothing at all", { body: "" }],
  ["half", "half"],
];

/** A run on servers of its own, so that those that wait do so side by side. */
async function on<T>(seed: GoogleSeed, work: (bed: GoogleProofBed) => Promise<T>): Promise<T> {
  const bed = await startGoogleProofBed(googleObjects(), seed);
  try {
    return await work(bed);
  } finally {
    await bed.stop();
  }
}

describe("the proof on Google, while a call goes wrong", () => {
  /** Whether it is gone was then asked, and it is. */
  const HARMLESS = ["not found", "empty", "nothing at all"].map((how) => `storage.objects.delete ${how} after`);
  const operations = [
    "sts.token",
    "iam.serviceAccounts.getAccessToken",
    "storage.buckets.testIamPermissions",
    "storage.objects.create",
    "storage.objects.get",
    "storage.objects.list",
    "storage.objects.delete",
  ];
  // Only a write has an effect whose answer can be lost.
  const cases = operations.flatMap((operation) =>
    (/create|delete/.test(operation) ? [false, true] : [false]).map((after) => ({ operation, after })),
  );
  test.each(cases)("$operation, after its effect: $after", async ({ operation, after }) => {
    const passed = await Promise.all(
      FAULTS.map(([name, how]) =>
        on(googleProofSeed(), async (bed) => {
          bed.google.fail({ match: operation, how, after });
          const timeout = how === "hang" ? "1s" : "20s";
          const run = await bed.run({ prove: true, only: ["ANT06"], timeout }, { sleep: async () => {} });
          const left = run.report.residue.map(({ what }: { what: string }) => what).join(" ");
          for (const object of bed.keys()) expect(left, `${operation} ${name}`).toContain(object);
          const mine = run.report.results.filter(({ code }: { code: string }) => code.startsWith("ANT06"));
          const all = mine.every(({ status }: { status: string }) => ["pass", "skip"].includes(status));
          return all ? [`${operation} ${name}${after ? " after" : ""}`] : [];
        }),
      ),
    );
    expect(passed.flat()).toEqual(
      HARMLESS.filter((one) => one.startsWith(operation) && one.endsWith(" after") === after),
    );
  });
});

/** What is wrong, the check that finds it, and the calls that it is found with. */
const BROKEN: readonly { wrong: string; code: string; calls: readonly string[]; seed: GoogleSeed }[] = [
  {
    wrong: "the account lets nobody in",
    code: "ANT0610",
    calls: ["container.clusters.get", "sts.token", "iam.serviceAccounts.getAccessToken"],
    seed: { ...googleProofSeed(), accounts: [{ id: "antfly" }], denied: ["iam.*"] },
  },
  {
    wrong: "the account has no role on the bucket",
    code: "ANT0611",
    calls: ["iam.serviceAccounts.getAccessToken", "storage.buckets.testIamPermissions"],
    seed: { ...googleProofSeed({ bucket: { bindings: [] } }), denied: ["storage.*"] },
  },
  {
    wrong: "there is no such bucket",
    code: "ANT0611",
    calls: ["storage.buckets.testIamPermissions"],
    seed: { ...googleProofSeed(), buckets: [] },
  },
];

/** Those that are an answer; of the others there is but one kind, and waiting for them takes time. */
const ANSWERS = FAULTS.filter(([name]) =>
  ["denied", "not found", "garbled", "of another kind", "empty", "nothing at all"].includes(name),
);

describe("what is wrong on Google is no pass while a call goes wrong", () => {
  test.each(BROKEN)("$wrong", async ({ code, calls, seed }) => {
    await on(seed, async (bed) => {
      const asked = { prove: true, only: [code] };
      const statusNow = async (): Promise<string> => {
        const { report } = await bed.run(asked, { sleep: async () => {} });
        return report.results.find((one: { code: string }) => one.code === code)?.status;
      };
      expect(["fail", "blocked"]).toContain(await statusNow());
      for (const call of calls) {
        for (const [name, how] of ANSWERS) {
          bed.google.reset(seed);
          bed.google.fail({ match: call, how });
          expect(`${call} ${name}: ${await statusNow()}`).not.toMatch(/: (pass|undefined)$/);
        }
      }
    });
  });
});
