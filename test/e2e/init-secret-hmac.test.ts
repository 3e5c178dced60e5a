import { afterEach, describe, expect, test } from "vitest";

import { secret } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, CANARY_STEM } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import type { GoogleFaultKind } from "../support/google-server/faults.ts";
import { ACCOUNT, hmacBed, MEMBER, type HmacBed } from "../support/hmac-bed.ts";
import { BUCKET, NS } from "../support/identity-bed.ts";
import type { FaultRule } from "../support/kube-server/faults.ts";
import { OBJECT_USER } from "../support/workload-bed.ts";

let bed: HmacBed;
afterEach(() => bed.stop());

const decoded = (object: AnyObject | undefined, key: string): string =>
  Buffer.from(object?.data[key] ?? "", "base64").toString();
const keys = (): string[] => [...bed.google.state.hmacKeys.values()].map(({ state }) => state);
const bindings = (): unknown => bed.google.state.buckets.get(BUCKET)?.policy.bindings;
const wrote = (): string[] =>
  bed.google.calls.flatMap(({ operation }) =>
    /hmacKeys\.(create|update|delete)|setIamPolicy/.test(operation) ? [operation] : [],
  );

describe("from nothing", () => {
  test("to a key that opens the bucket", async () => {
    bed = await hmacBed();
    const { code, app } = await bed.init({ output: ["json"] });
    const report = JSON.parse(app.printed.out);
    const codes = Object.fromEntries(report.results.map((one: AnyObject) => [one.code, one.status]));
    expect(codes).toMatchObject({
      ANT0407: "pass",
      ANT0602: "pass",
      ANT0603: "pass",
      ANT0604: "pass",
      ANT0605: "pass",
    });
    expect(code).toBe(0);
    const [key] = bed.google.state.hmacKeys.values();
    const made = await bed.secret();
    expect(decoded(made, "AWS_ACCESS_KEY_ID")).toBe(key?.id);
    expect(decoded(made, "AWS_SECRET_ACCESS_KEY")).toBe(key?.secret);
    expect(decoded(made, "AWS_ENDPOINT_URL")).toBe("https://storage.googleapis.com");
    expect(bindings()).toEqual([{ role: OBJECT_USER, members: [MEMBER] }]);
  });

  test("the plan is shown before anything is done, without a value", async () => {
    bed = await hmacBed();
    const before = await bed.everything();
    const { code, app } = await bed.init({ dryRun: true });
    expect(code).toBe(0);
    expect(app.printed.out).toMatchInlineSnapshot(`
      "1. give Google service account backups@acme-prod.iam.gserviceaccount.com role roles/storage.objectUser on bucket acme-backups
         + roles/storage.objectUser: serviceAccount:backups@acme-prod.iam.gserviceaccount.com

      2. create an HMAC key of Google service account backups@acme-prod.iam.gserviceaccount.com in project acme-prod
         + a key of backups@acme-prod.iam.gserviceaccount.com

      3. create Secret production/c1-backup-credentials
         + AWS_ACCESS_KEY_ID      the id of a new HMAC key of backups@acme-prod.iam.gserviceaccount.com
         + AWS_SECRET_ACCESS_KEY  its secret (never shown)
         + AWS_ENDPOINT_URL       https://storage.googleapis.com
         + AWS_REGION             auto

      4. let every node group of AntflyCluster production/c1 read Secret c1-backup-credentials
           spec.metadataNodes.envFrom:
         +   - secretRef:
         +       name: c1-backup-credentials
           spec.dataNodes.envFrom:
         +   - secretRef:
         +       name: c1-backup-credentials
      "
    `);
    expect(app.printed.err).toContain("Google Cloud can only be asked by doing it; nothing was changed.");
    expect([wrote(), await bed.everything()]).toEqual([[], before]);
  });

  test("twice makes nothing the second time, and --overwrite makes another key", async () => {
    bed = await hmacBed();
    await bed.init();
    const first = await bed.secret();
    bed.google.calls.length = 0;
    const again = await bed.init();
    expect(again.app.printed.err).toContain(
      "note: Secret c1-backup-credentials has an HMAC key already, and none is made",
    );
    expect(again.app.printed.err).toContain("Nothing to change");
    expect([wrote(), keys(), await bed.secret()]).toEqual([[], ["ACTIVE"], first]);

    const anew = await bed.init({ overwrite: true });
    expect(anew.app.printed.err).toContain(`note: ${ACCOUNT} has 1 active HMAC key already`);
    expect(keys()).toEqual(["ACTIVE", "ACTIVE"]);
    const [, second] = bed.google.state.hmacKeys.values();
    expect(decoded(await bed.secret(), "AWS_ACCESS_KEY_ID")).toBe(second?.id);
  });

  test("a bucket whose policy may not be read is named with the command", async () => {
    bed = await hmacBed({
      denied: ["storage.buckets.getIamPolicy"],
      buckets: [{ name: BUCKET, bindings: [{ role: OBJECT_USER, members: [MEMBER] }] }],
    });
    const { code, app } = await bed.init();
    expect(app.printed.err).toContain(
      `if it may not: gcloud storage buckets add-iam-policy-binding gs://${BUCKET} --member ${MEMBER} --role ${OBJECT_USER}`,
    );
    expect([code, keys()]).toEqual([0, ["ACTIVE"]]);
  });
});

test("where no backup names a bucket, the role is left to the person, with the command", async () => {
  bed = await hmacBed();
  await bed.kube.admin.must("DELETE", `/apis/antfly.io/v1/namespaces/${NS}/antflybackups/nightly`);
  const { app } = await bed.init();
  expect(app.printed.err).toContain(
    `note: no backup names a bucket that the key is for; ${ACCOUNT} needs a role there: gcloud storage buckets add-iam-policy-binding gs://BUCKET --member ${MEMBER} --role ${OBJECT_USER}`,
  );
  expect([keys(), bindings()]).toEqual([["ACTIVE"], []]);
});

describe("what is there already", () => {
  const aws = secret(NS, "keys", { AWS_ACCESS_KEY_ID: CANARY_ID, AWS_SECRET_ACCESS_KEY: CANARY_SECRET });

  test("keys of AWS are not replaced unasked", async () => {
    bed = await hmacBed({}, [aws]);
    const { code, error } = await bed.init({ secretName: "keys" });
    expect([code, error?.message, keys()]).toEqual([
      2,
      "Secret production/keys already holds other values for AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY",
      [],
    ]);
  });
});

describe("an account that no key can be made for", () => {
  test("one whose name nobody can make", async () => {
    bed = await hmacBed();
    const { code, error } = await bed.init({ createHmac: "other@acme-prod.iam.gserviceaccount.com" });
    expect([code, error?.hint]).toEqual([2, "gcloud iam service-accounts list shows which there are"]);
  });

  test.each([
    ["none of that name", {}, "there is no Google service account others@acme-prod.iam.gserviceaccount.com"],
    [
      "a disabled one",
      { id: "others", disabled: true },
      "Google service account others@acme-prod.iam.gserviceaccount.com is disabled",
    ],
  ])("%s", async (_, account, message) => {
    bed = await hmacBed("id" in account ? { accounts: [account] } : {});
    const { code, error } = await bed.init({ createHmac: "others@acme-prod.iam.gserviceaccount.com" });
    expect([code, error?.message, wrote()]).toEqual([2, message, []]);
  });

  test("one with as many keys as it can have", async () => {
    const hmacKeys = Array.from({ length: 10 }, (_, i) => ({
      id: `GOOG1EFIXTURE${String(i).padStart(48, "0")}`,
      secret: CANARY_SECRET,
      account: ACCOUNT,
    }));
    bed = await hmacBed({ hmacKeys });
    const before = await bed.everything();
    const { code, error } = await bed.init();
    expect([code, error?.message]).toEqual([6, expect.stringContaining("has as many HMAC keys as it can")]);
    expect(error?.hint).toBe(`gcloud storage hmac list --service-account ${ACCOUNT} --project acme-prod`);
    expect(await bed.everything()).toEqual(before);
  });

  test("in an organisation that forbids them", async () => {
    bed = await hmacBed();
    const message = "Request violates constraint 'constraints/storage.restrictAuthTypes'";
    bed.google.fail({ match: "storage.hmacKeys.create", how: { status: 412, code: "conditionNotMet", message } });
    const before = await bed.everything();
    const { code, error } = await bed.init();
    expect([code, error?.message]).toEqual([
      6,
      expect.stringContaining("an organisation policy forbids HMAC keys in project acme-prod"),
    ]);
    expect(error?.hint).toContain("constraints/storage.restrictAuthTypes");
    expect(await bed.everything()).toEqual(before);
  });
});

describe("when it goes wrong in between", () => {
  const LOST: readonly (readonly [string, GoogleFaultKind])[] = [
    ["cut", "reset"],
    ["garbled", "garbage"],
    ["broken", { status: 500 }],
    ["without an answer", "hang"],
  ];

  const NO_SECRET: FaultRule = {
    when: ({ resource, verb, dryRun }) => resource === "secrets" && verb === "create" && !dryRun,
    fault: { kind: "status", code: 403, reason: "Forbidden" },
  };

  test("the Secret cannot be written: the key is taken away again", async () => {
    bed = await hmacBed();
    const before = await bed.everything();
    bed.kube.faults.add(NO_SECRET);
    const { code } = await bed.init();
    expect([code, keys()]).toEqual([6, ["DELETED"]]);
    expect(await bed.everything()).toEqual(before);
  });

  test("an interruption after the key was made: it is taken away again", async () => {
    bed = await hmacBed();
    const before = await bed.everything();
    const abort = new AbortController();
    const { code } = await bed.init(
      {},
      { signal: abort.signal, before: (call) => void (call === "createHmacKey" && abort.abort()) },
    );
    expect([code, keys()]).toEqual([130, ["DELETED"]]);
    expect(await bed.everything()).toEqual(before);
  });

  test("the key cannot be taken away: it is named, with the command", async () => {
    bed = await hmacBed();
    bed.google.fail({ match: "storage.hmacKeys.update", how: { status: 403, code: "forbidden", message: "no" } });
    bed.kube.faults.add(NO_SECRET);
    const { code, app } = await bed.init();
    const [key] = bed.google.state.hmacKeys.values();
    expect(code).toBe(7);
    expect(app.printed.err).toContain(
      `gcloud storage hmac update ${key?.id} --deactivate --project acme-prod && gcloud storage hmac delete ${key?.id} --project acme-prod`,
    );
  });

  test.each(LOST)("the answer that has the secret is %s: the key is named, and not touched", async (_, how) => {
    bed = await hmacBed();
    bed.google.fail({ match: "storage.hmacKeys.create", how, after: true });
    const { code, app } = await bed.init({ timeout: "1s" });
    const [key] = bed.google.state.hmacKeys.values();
    expect([code, keys()]).toEqual([7, ["ACTIVE"]]);
    expect(app.printed.err).toContain(`gcloud storage hmac update ${key?.id} --deactivate --project acme-prod`);
    expect(app.printed.err).not.toContain(CANARY_STEM);
    expect(await bed.secret()).toBeUndefined();
  });

  test.each(LOST.filter(([name]) => name !== "without an answer"))(
    "it was not made, and the answer is %s: nothing is left",
    async (_, how) => {
      bed = await hmacBed();
      const before = await bed.everything();
      bed.google.fail({ match: "storage.hmacKeys.create", how });
      const { code } = await bed.init({ timeout: "1s" });
      expect([code, keys()]).toEqual([6, []]);
      expect(await bed.everything()).toEqual(before);
    },
  );
});

describe("options that do not go together", () => {
  test.each([
    [{ fromEnvFile: "keys.env" }, "--create-hmac makes the key, and keys.env would bring another one"],
    [{ provider: "aws" as const }, "--create-hmac makes a key of Google Cloud Storage, and --provider says aws"],
    [{ writeTo: "out" }, "--create-hmac makes a key in Google Cloud, and --write-to changes nothing but files"],
    [{ createHmac: "somebody@acme.com" }, '--create-hmac says "somebody@acme.com", which is no Google service account'],
  ])("%o", async (options, message) => {
    bed = await hmacBed();
    const { code, error } = await bed.init(options);
    expect([code, error?.message, wrote()]).toEqual([2, message, []]);
  });
});

test("the built bin makes it as well, and says so when no cloud may be asked", async () => {
  bed = await hmacBed();
  const args = ["init", "secret", "c1", "--create-hmac", ACCOUNT, "--yes", "--wait", "0s"];
  const off = await bed.run(args, { env: { ANTFLY_CREDS_CLOUD: "off" } });
  expect([off.code, off.stderr, keys()]).toEqual([
    2,
    "error: --create-hmac works in Google Cloud, and ANTFLY_CREDS_CLOUD=off is set\n",
    [],
  ]);
  const dry = await bed.run([...args, "--dry-run"]);
  expect([dry.code, keys()]).toEqual([0, []]);
  expect(dry.stdout).toContain(`create an HMAC key of Google service account ${ACCOUNT} in project acme-prod`);
});
