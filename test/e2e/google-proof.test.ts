import { afterEach, describe, expect, test } from "vitest";

import {
  ACCOUNT,
  BUCKET,
  googleObjects,
  googleProofSeed,
  startGoogleProofBed,
  type GoogleProofBed,
} from "../support/google-proof-bed.ts";
import type { ProofRun } from "../support/proof-bed.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";

let bed: GoogleProofBed | undefined;
afterEach(async () => bed?.stop());

/** What else there is to say of the cluster is none of the proof's. */
const PROVE = { prove: true, only: ["ANT06"] };
const PROOF = ["ANT0602", "ANT0603", "ANT0604", "ANT0605", "ANT0610", "ANT0611"];
const statuses = ({ report }: ProofRun): Record<string, string> =>
  Object.fromEntries(report.results.map(({ code, status }: { code: string; status: string }) => [code, status]));
const all = (status: string): Record<string, string> => Object.fromEntries(PROOF.map((code) => [code, status]));

test.each([
  ["as the account that the annotation names", false],
  ["with rights of its own", true],
])("a healthy proof, %s", async (_, direct) => {
  const at = (bed = await startGoogleProofBed(googleObjects({ direct }), googleProofSeed({ direct })));
  const run = await at.run(PROVE);
  expect(statuses(run)).toMatchObject(all("pass"));
  expect([run.code, at.keys(), run.report.residue]).toEqual([0, [], []]);
  // The tool's own identity has no part in the objects.
  const object = at.google.calls.filter(({ operation }) => operation.startsWith("storage.objects."));
  expect(new Set(object.map(({ caller }) => caller))).toEqual(
    new Set([
      direct
        ? `principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/ns/production/sa/antfly`
        : ACCOUNT,
    ]),
  );
});

test("nothing is minted or written unless --prove asks for it", async () => {
  const at = (bed = await startGoogleProofBed(googleObjects(), googleProofSeed()));
  const run = await at.run();
  expect(statuses(run)).toMatchObject(all("skip"));
  expect(at.google.calls.filter(({ operation }) => /generateAccessToken|objects/.test(operation))).toEqual([]);
});

test("what was proved is said, with the place as it is configured", async () => {
  const at = (bed = await startGoogleProofBed(googleObjects(), googleProofSeed()));
  const { out } = await at.run({ prove: true, output: ["human"] });
  expect(out).toMatch(
    /64 bytes written, read back, listed and removed in gs:\/\/acme-backups\/search as ServiceAccount antfly +\d+ ms/,
  );
});

describe("what is left", () => {
  test("a bucket that keeps what is written is not written to", async () => {
    const at = (bed = await startGoogleProofBed(googleObjects(), googleProofSeed({ bucket: { retention: 3600 } })));
    const run = await at.run(PROVE);
    expect(statuses(run)).toMatchObject({ ANT0602: "skip", ANT0603: "skip", ANT0604: "skip", ANT0605: "skip" });
    expect(at.keys()).toEqual([]);
  });

  test("where nobody could tell, it is named with the command that removes its generation", async () => {
    const seed = { ...googleProofSeed({ bucket: { retention: 3600 } }), denied: ["storage.buckets.get"] };
    const at = (bed = await startGoogleProofBed(googleObjects(), seed));
    const run = await at.run(PROVE);
    const [key = ""] = at.keys();
    expect(key).toMatch(/^search\/\.antfly-creds-probe\/[0-9a-f]{16}\/0$/);
    expect(run.report.residue).toEqual([
      {
        target: "t1",
        what: expect.stringMatching(new RegExp(`^version \\d+ of gs://${BUCKET}/${key}$`)),
        state: "left",
        command: expect.stringMatching(new RegExp(`^gcloud storage rm 'gs://${BUCKET}/${key}#\\d+'$`)),
      },
    ]);
  });

  test("of a bucket with versions nothing is left", async () => {
    const at = (bed = await startGoogleProofBed(googleObjects(), googleProofSeed({ bucket: { versioning: true } })));
    const run = await at.run(PROVE);
    expect([run.code, at.keys(), run.report.residue]).toEqual([0, [], []]);
  });
});

test("a write whose answer is lost leaves nothing, not even an old generation", async () => {
  const at = (bed = await startGoogleProofBed(googleObjects(), googleProofSeed({ bucket: { versioning: true } })));
  at.google.fail({ match: "storage.objects.create", how: "reset", after: true });
  const run = await at.run(PROVE, { sleep: async () => {} });
  expect([run.code, at.keys(), run.report.residue]).toEqual([5, [], []]);
});

/** The built bin, sent this signal while the operation is being answered. */
async function prove(
  at: GoogleProofBed,
  signal?: NodeJS.Signals,
  operation = "storage.objects.insert",
): Promise<BinRun> {
  const args = ["doctor", "search", "-n", "production", "--prove", "-o", "json", "--timeout", "5s"];
  return runBin(args, {
    kubeconfig: at.cluster.kubeconfig({ namespace: "production" }),
    env: { ...at.google.env, ANTFLY_CREDS_CLOUD: "" },
    ...(signal === undefined ? {} : { during: (child) => at.when(operation, () => void child.kill(signal)) }),
  });
}

describe("signals", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s while an object is written ends when it is removed", async (signal) => {
    const at = (bed = await startGoogleProofBed(googleObjects(), googleProofSeed()));
    const run = await prove(at, signal);
    expect([run.code, at.keys()]).toEqual([130, []]);
    expect(run.json.error).toEqual({ code: "interrupted", message: "interrupted", hint: null });
  });

  test("what kill -9 left is named by the next run, and removed by one an hour later", async () => {
    const at = (bed = await startGoogleProofBed(googleObjects(), googleProofSeed()));
    const killed = await prove(at, "SIGKILL", "storage.objects.get");
    const [key = ""] = at.keys();
    expect([killed.code, at.keys()]).toEqual([null, [key]]);

    const next = await prove(at);
    expect(next.json.residue).toEqual([
      {
        target: "t1",
        what: `gs://${BUCKET}/${key}, which another run left or is using`,
        state: "left",
        command: `gcloud storage rm gs://${BUCKET}/${key}`,
      },
    ]);
    const objects = at.google.state.buckets.get(BUCKET)?.objects;
    const [left] = objects?.get(key) ?? [];
    if (left !== undefined) Object.assign(left, { updated: new Date(Date.now() - 3_700_000).toISOString() });
    const later = await prove(at);
    expect(later.json.residue).toEqual([
      { target: "t1", what: `gs://${BUCKET}/${key}`, state: "removed", command: null },
    ]);
    expect(at.keys()).toEqual([]);
  });
});
