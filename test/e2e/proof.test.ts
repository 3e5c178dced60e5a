import { afterEach, describe, expect, test } from "vitest";

import { startProofBed, type ProofBed, type ProofRun } from "../support/proof-bed.ts";
import { allowBackups, BUCKET, proofObjects, proofSeed } from "../support/proof-fixture.ts";
import type { AwsServerOptions } from "../support/aws-server/index.ts";

let bed: ProofBed | undefined;
afterEach(async () => bed?.stop());

async function startBed(
  objects: Parameters<typeof proofObjects>[0] = {},
  seed: Parameters<typeof proofSeed>[0] = {},
  options: AwsServerOptions = {},
): Promise<ProofBed> {
  bed = await startProofBed(proofObjects(objects), proofSeed(seed), options);
  return bed;
}

/** `ANT0602 pass` of each check of the proof. */
function proofOf({ report }: ProofRun): string[] {
  return report.results
    .filter(({ code }: { code: string }) => code.startsWith("ANT06"))
    .map(({ code, status }: { code: string; status: string }) => `${code} ${status}`);
}

function result({ report }: ProofRun, code: string): ProofRun["report"] {
  return report.results.find((one: { code: string }) => one.code === code);
}

/** As an earlier run would have left it. */
function leave(at: ProofBed, key: string, hours: number): void {
  const modifiedAt = new Date(Date.now() - hours * 3_600_000);
  at.cloud.state.buckets
    .get(BUCKET)
    ?.objects.set(key, [{ versionId: undefined, body: Buffer.from("left"), modifiedAt, deleted: false }]);
}

const PROBED = ["ANT0602 pass", "ANT0603 pass", "ANT0604 pass", "ANT0605 pass"];
const FOLDER = "search/.antfly-creds-probe/";

describe("the write probe", () => {
  test("proves a static key and leaves nothing", async () => {
    const at = await startBed();
    const run = await at.run({ prove: true });
    expect(proofOf(run)).toEqual([
      "ANT0601 skip",
      ...PROBED,
      "ANT0606 pass",
      "ANT0607 pass",
      "ANT0608 pass",
      "ANT0609 skip",
      "ANT0610 skip",
      "ANT0611 skip",
    ]);
    expect([run.code, run.report.residue, at.keysIn(BUCKET)]).toEqual([0, [], []]);
    expect(at.cloud.calls.filter(({ operation }) => operation === "PutObject")).toHaveLength(1);
  });

  test("says what it has shown", async () => {
    const at = await startBed({ role: true });
    const { out } = await at.run({ prove: true, output: ["human"] });
    for (const holder of ["ServiceAccount antfly", "Secret keys"])
      expect(out).toContain(`64 bytes written, read back, listed and removed in s3://${BUCKET}/search as ${holder}`);
    expect(out).toMatch(/ \d+ ms\n  ✓ Access/);
  });

  test("proves a role without a pod, by a session that may touch nothing but its folder", async () => {
    const at = await startBed(
      { key: false, role: true },
      { policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] } },
    );
    const run = await at.run({ prove: true, only: ["ANT06"] });
    expect(proofOf(run).slice(0, 5)).toEqual(["ANT0601 pass", ...PROBED]);
    expect([run.report.residue, at.keysIn(BUCKET)]).toEqual([[], []]);
    const { policy } = [...at.cloud.state.sessions.values()][0] ?? {};
    const writes = JSON.parse(policy ?? "{}").Statement.filter(({ Action }: { Action: string | string[] }) =>
      [Action].flat().includes("s3:PutObject"),
    );
    expect(writes.map(({ Resource }: { Resource: unknown }) => Resource)).toEqual([
      [`arn:aws:s3:::${BUCKET}/${FOLDER}*`],
    ]);
  });

  test("writes nothing, and mints no token, unless --prove asks for it", async () => {
    const at = await startBed({ role: true });
    const run = await at.run();
    expect(run.code).toBe(0);
    expect(proofOf(run).slice(0, 5)).toEqual([
      "ANT0601 skip",
      "ANT0602 skip",
      "ANT0603 skip",
      "ANT0604 skip",
      "ANT0605 skip",
    ]);
    const made = at.cloud.calls.map(({ operation }) => operation);
    for (const operation of ["PutObject", "DeleteObject", "AssumeRoleWithWebIdentity"])
      expect(made).not.toContain(operation);
    expect(at.cluster.calls.filter(({ path }) => path.endsWith("/token"))).toEqual([]);
  });

  test("asks no cloud when told so, and says it", async () => {
    const at = await startBed({ role: true });
    const run = await at.run({ prove: true, cloud: false });
    expect([run.code, at.cloud.calls]).toEqual([0, []]);
    expect(result(run, "ANT0606").skipReason).toBe("--no-cloud was given");
    expect(result(run, "ANT0602").skipReason).toBe("--no-cloud was given");
  });

  test("needs no identity of its own", async () => {
    const at = await startBed({ role: true });
    const run = await at.run(
      { prove: true },
      {},
      { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true" },
    );
    expect(proofOf(run)).toEqual([
      "ANT0601 pass",
      ...PROBED,
      "ANT0606 pass",
      "ANT0607 pass",
      "ANT0608 pass",
      "ANT0609 skip",
      "ANT0610 skip",
      "ANT0611 skip",
    ]);
  });
});

describe("what is left behind", () => {
  test("an object of an earlier run is removed after an hour, and named; a younger one is named with the command", async () => {
    const at = await startBed();
    const [old, young] = [`${FOLDER}00000000000000aa/0`, `${FOLDER}00000000000000bb/3`];
    const others = [`${FOLDER}notes.txt`, `${FOLDER}00000000000000aa/0/x`, "search/backup-1"];
    leave(at, old, 2);
    leave(at, young, 0.5);
    for (const key of others) leave(at, key, 50);
    const run = await at.run({ prove: true });
    expect(run.report.residue).toEqual([
      {
        target: "t1",
        what: `s3://${BUCKET}/${young}, which another run left or is using`,
        state: "left",
        command: `aws s3api delete-object --bucket ${BUCKET} --key ${young}`,
      },
      { target: "t1", what: `s3://${BUCKET}/${old}`, state: "removed", command: null },
    ]);
    expect([run.code, at.keysIn(BUCKET).sort()]).toEqual([0, [young, ...others].sort()]);
    const human = await at.run({ prove: true, output: ["human"] });
    expect(human.out).toContain(`! left behind: s3://${BUCKET}/${young}`);
    expect(human.out).toContain(`aws s3api delete-object --bucket ${BUCKET} --key ${young}`);
  });

  test("two identities that look into one folder tell of what is there once", async () => {
    const at = await startBed({ role: true });
    leave(at, `${FOLDER}00000000000000aa/0`, 2);
    leave(at, `${FOLDER}00000000000000bb/0`, 0.5);
    const { report } = await at.run({ prove: true });
    expect(report.residue.map(({ state }: { state: string }) => state)).toEqual(["left", "removed"]);
  });

  test("a store that does not answer is not asked to remove one after the other", async () => {
    const at = await startBed();
    const old = Array.from({ length: 40 }, (_, i) => `${FOLDER}${i.toString(16).padStart(16, "0")}/0`);
    for (const key of old) leave(at, key, 2);
    at.cloud.fail({ action: "DeleteObject", how: "hang" });
    const { report } = await at.run({ prove: true, only: ["ANT06"], timeout: "300ms" });
    expect(at.cloud.calls.filter(({ operation }) => operation === "DeleteObject")).toHaveLength(2);
    const left = report.residue.map(({ what }: { what: string }) => what).join(" ");
    for (const key of at.keysIn(BUCKET)) expect(left).toContain(key);
  });

  test("a proxy that answers a removal leaves an object that may not be looked for, and it is named", async () => {
    const policy = allowBackups();
    const at = await startBed({}, { policy: JSON.parse(JSON.stringify(policy).replace('"s3:GetObject",', "")) });
    at.cloud.fail({ action: "DeleteObject", how: { body: "OK" } });
    const { report } = await at.run({ prove: true });
    expect(report.residue.map(({ what }: { what: string }) => what)).toEqual(
      at.keysIn(BUCKET).map((key) => `s3://${BUCKET}/${key}`),
    );
    expect(at.keysIn(BUCKET)).toHaveLength(1);
  });

  test("of a bucket with versions the version itself is removed", async () => {
    const at = await startBed(
      {},
      { policy: allowBackups(["s3:DeleteObjectVersion"]), bucket: { versioning: "Enabled" } },
    );
    const run = await at.run({ prove: true });
    expect([run.code, run.report.residue, at.keysIn(BUCKET)]).toEqual([0, [], []]);
  });

  test("a version that may not be removed is named, with the command that removes it", async () => {
    const at = await startBed({}, { bucket: { versioning: "Enabled" } });
    const run = await at.run({ prove: true });
    expect(result(run, "ANT0605").status).toBe("pass");
    const [left] = run.report.residue;
    expect(left.what).toMatch(
      /^version [A-Z0-9]+ of s3:\/\/acme-backups\/search\/\.antfly-creds-probe\/[0-9a-f]{16}\/0$/,
    );
    expect(left.command).toMatch(/^aws s3api delete-object --bucket acme-backups --key \S+ --version-id [A-Z0-9]+$/);
  });

  test("nothing is written to a bucket with Object Lock", async () => {
    const policy = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "s3:*", Resource: ["arn:aws:s3:::acme-backups", "arn:aws:s3:::acme-backups/*"] },
      ],
    };
    const at = await startBed(
      { role: true },
      { policy, bucket: { versioning: "Enabled", objectLock: true, retention: true } },
    );
    const run = await at.run({ prove: true });
    expect(proofOf(run)).toEqual([
      "ANT0601 pass",
      "ANT0602 skip",
      "ANT0603 skip",
      "ANT0604 skip",
      "ANT0605 skip",
      "ANT0606 pass",
      "ANT0607 pass",
      "ANT0608 pass",
      "ANT0609 info",
      "ANT0610 skip",
      "ANT0611 skip",
    ]);
    expect([run.code, result(run, "ANT0602").skipReason, at.keysIn(BUCKET)]).toEqual([
      0,
      "the bucket has Object Lock: what is written may not be removable",
      [],
    ]);
  });

  test("what cannot be removed is listed", async () => {
    const at = await startBed();
    at.cloud.fail({ action: "DeleteObject", how: { status: 503, code: "ServiceUnavailable" } });
    const run = await at.run({ prove: true });
    expect([run.code, result(run, "ANT0605").status]).toEqual([5, "unknown"]);
    expect(run.report.residue.map(({ what }: { what: string }) => what)).toEqual(
      at.keysIn(BUCKET).map((key) => `s3://${BUCKET}/${key}`),
    );
    expect(at.keysIn(BUCKET)).toHaveLength(1);
  });

  test("a write whose answer was lost is removed all the same", async () => {
    const at = await startBed();
    at.cloud.fail({ action: "PutObject", after: true, how: "reset" });
    const run = await at.run({ prove: true });
    expect([run.code, result(run, "ANT0602").status, run.report.residue, at.keysIn(BUCKET)]).toEqual([
      5,
      "unknown",
      [],
      [],
    ]);
  });
});

describe("a store that shows things late", () => {
  test("is waited for", async () => {
    const at = await startBed();
    at.cloud.fail({ action: "s3:GetObject", times: 1, how: { status: 404, code: "NoSuchKey" } });
    const missing = at.cloud.calls;
    const run = await at.run({ prove: true });
    expect(proofOf(run).slice(1, 5)).toEqual(PROBED);
    expect(missing.length).toBeGreaterThan(0);
  });

  test("that never shows what was written is told", async () => {
    const at = await startBed({ key: false, role: true });
    at.cloud.fail({ action: "s3:GetObject", how: { status: 404, code: "NoSuchKey" } });
    const run = await at.run({ prove: true }, { sleep: async () => {} });
    expect(result(run, "ANT0603").findings[0].cause).toBe("proof.read-differs");
    expect(at.keysIn(BUCKET)).toEqual([]);
  });
});

describe("what could not be read", () => {
  test("backups that may not be listed are not none: nothing is proved", async () => {
    const at = await startBed({ role: true });
    at.cluster.faults.add({
      when: ({ resource }) => resource === "antflybackups",
      fault: { kind: "status", code: 403, reason: "Forbidden" },
    });
    const run = await at.run({ prove: true, only: ["ANT0602"] });
    expect([run.code, result(run, "ANT0602").status]).toEqual([5, "unknown"]);
    const named = await at.run({ prove: true, only: ["ANT0602"], bucket: `${BUCKET}/search` });
    expect([named.code, result(named, "ANT0602").status]).toEqual([5, "unknown"]);
    expect(at.keysIn(BUCKET)).toEqual([]);
  });

  test("an API server without a version is none", async () => {
    const at = await startBed({ key: false, role: true });
    at.cluster.faults.add({
      when: ({ path }) => path === "/version",
      fault: { kind: "status", code: 404, reason: "NotFound" },
    });
    const run = await at.run({ prove: true });
    expect([run.code, result(run, "ANT0202").status]).toEqual([5, "blocked"]);
  });

  test("what a restore reads is looked up in the policies, for nothing is written there", async () => {
    const restore = {
      apiVersion: "antfly.io/v1",
      kind: "AntflyRestore",
      metadata: { name: "again" },
      spec: { clusterRef: { name: "search" }, source: { location: "s3://acme-archive/search" } },
    };
    bed = await startProofBed([...proofObjects({ key: false, role: true }), restore], {
      ...proofSeed(),
      buckets: [{ name: BUCKET }, { name: "acme-archive" }],
    });
    const run = await bed.run({ prove: true });
    expect(result(run, "ANT0602").status).toBe("pass");
    expect(result(run, "ANT0310").findings[0].cause).toBe("irsa.role-no-permissions");
  });
});

describe("an interruption", () => {
  for (const operation of [
    "AssumeRoleWithWebIdentity",
    "HeadBucket",
    "PutObject",
    "GetObject",
    "ListObjectsV2",
    "DeleteObject",
  ]) {
    test(`at ${operation} leaves nothing`, async () => {
      const at = await startBed({ key: false, role: true });
      const interrupt = new AbortController();
      at.when(operation, () => interrupt.abort());
      const run = await at.run({ prove: true }, { signal: interrupt.signal });
      expect([run.code, run.out, at.keysIn(BUCKET)]).toEqual([130, "", []]);
    });
  }

  test("names what it could not remove", async () => {
    const at = await startBed({ key: false, role: true });
    const interrupt = new AbortController();
    at.when("PutObject", () => interrupt.abort());
    at.cloud.fail({ action: "DeleteObject", how: { status: 403, code: "AccessDenied" } });
    const run = await at.run({ prove: true }, { signal: interrupt.signal });
    const [key = ""] = at.keysIn(BUCKET);
    expect(run.code).toBe(130);
    expect(run.err).toContain(`left behind: s3://${BUCKET}/${key}`);
    expect(run.err).toContain(`aws s3api delete-object --bucket ${BUCKET} --key ${key}`);
  });
});

describe("stores of other kinds", () => {
  for (const [store, id, endpoint, region] of [
    ["minio", "backup-user", "http://minio.storage.svc:9000", "us-east-1"],
    ["gcs", `GOOG1E${"PROOF".repeat(11)}`, "https://storage.googleapis.com", "auto"],
  ] as const) {
    test(`${store} is proved at the address that it has from here`, async () => {
      const at = await startBed({ id, endpoint, region }, { id }, { store, region });
      const run = await at.run({ prove: true, endpoint: at.cloud.s3 });
      expect(proofOf(run).slice(1, 8)).toEqual([...PROBED, "ANT0606 pass", "ANT0607 pass", "ANT0608 pass"]);
      expect([run.code, at.keysIn(BUCKET)]).toEqual([0, []]);
      expect(at.cloud.calls.map(({ operation }) => operation)).not.toContain("GetCallerIdentity");
    });
  }

  test("one within the cluster is not asked from here: unknown, which only --prove must know", async () => {
    const at = await startBed({ endpoint: "http://minio.storage.svc:9000" });
    const run = await at.run();
    expect([run.code, result(run, "ANT0607").status, at.cloud.calls]).toEqual([0, "unknown", []]);
    expect(result(run, "ANT0607").unknown[0].why).toContain("minio.storage.svc is a name within the cluster's network");
    expect(result(run, "ANT0607").unknown[0].why).toContain("--endpoint http://localhost:PORT");
    expect((await at.run({ prove: true })).code).toBe(5);
  });
});
