import { expect, test } from "vitest";

import type { GoogleFaultKind } from "../support/google-server/faults.ts";
import { hmacBed, type Ended, type HmacBed } from "../support/hmac-bed.ts";
import type { Fault } from "../support/kube-server/faults.ts";

const GOOGLE: readonly (readonly [string, GoogleFaultKind])[] = [
  ["denied", { status: 403, code: "forbidden", message: "Forbidden" }],
  ["not as it was", { status: 412, code: "conditionNotMet", message: "Precondition Failed" }],
  ["throttled", { status: 429, code: "rateLimitExceeded", message: "Rate exceeded" }],
  ["broken", { status: 500, code: "backendError", message: "Backend Error" }],
  ["cut", "reset"],
  ["garbled", "garbage"],
  ["empty", { body: "{}" }],
  ["half", "half"],
];
/** Who says no has not done it; what is lost is the answer. */
function isNoAnswer(how: GoogleFaultKind): boolean {
  return typeof how === "string" || !("status" in how) || how.status >= 500;
}

const KUBE: readonly (readonly [string, Fault])[] = [
  ["forbidden", { kind: "status", code: 403, reason: "Forbidden" }],
  ["in conflict", { kind: "status", code: 409, reason: "Conflict" }],
  ["broken", { kind: "status", code: 500 }],
  ["cut", { kind: "reset" }],
  ["cut after it was done", { kind: "reset", after: true }],
  ["half", { kind: "half" }],
];

/** Everything or nothing, and if something in between it is said: exit 0, 5, 6, or 7 with what is left. */
async function expectWhole(bed: HmacBed, before: object, { code, error, app }: Ended, what: string): Promise<void> {
  const [states, made] = [[...bed.google.state.hmacKeys.values()].map(({ state }) => state), await bed.secret()];
  if (code === 7) {
    expect(error?.message, what).toMatch(/not undone: |whether this took effect is not known: /);
    return;
  }
  if (made !== undefined) {
    // Whether it works is for the checks to say.
    expect(app.printed.out, what).not.toBe("");
    expect(states, what).toEqual(["ACTIVE"]);
    return;
  }
  expect([2, 5, 6], what).toContain(code);
  expect(
    states.filter((state) => state !== "DELETED"),
    what,
  ).toEqual([]);
  expect(await bed.everything(), what).toEqual(before);
}

async function on(work: (bed: HmacBed, before: object) => Promise<void>): Promise<void> {
  const bed = await hmacBed();
  try {
    await work(bed, await bed.everything());
  } finally {
    await bed.stop();
  }
}

const CALLS = [
  "iam.serviceAccounts.get",
  "storage.buckets.getIamPolicy",
  "storage.buckets.setIamPolicy",
  "storage.hmacKeys.list",
  "storage.hmacKeys.create",
];
test.each(
  CALLS.flatMap((call) => (/create|set/.test(call) ? [false, true] : [false]).map((after) => ({ call, after }))),
)("Google's $call goes wrong, after its effect: $after", async ({ call, after }) => {
  await Promise.all(
    GOOGLE.filter(([, how]) => !after || isNoAnswer(how)).map(([name, how]) =>
      on(async (bed, before) => {
        bed.google.fail({ match: call, how, after });
        await expectWhole(bed, before, await bed.init(), `${call} ${name}`);
      }),
    ),
  );
});

test.each([
  ["secrets", "create"],
  ["antflyclusters", "patch"],
])("the API server's %s %s goes wrong", async (resource, verb) => {
  await Promise.all(
    KUBE.map(([name, fault]) =>
      on(async (bed, before) => {
        bed.kube.faults.add({
          when: (call) => call.resource === resource && call.verb === verb && !call.dryRun,
          times: 1,
          fault,
        });
        await expectWhole(bed, before, await bed.init(), `${resource} ${name}`);
      }),
    ),
  );
});
