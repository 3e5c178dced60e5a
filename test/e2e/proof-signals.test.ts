import { afterEach, expect, test } from "vitest";

import { startProofBed, type ProofBed } from "../support/proof-bed.ts";
import { BUCKET, proofObjects, proofSeed } from "../support/proof-fixture.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";

let bed: ProofBed | undefined;
afterEach(async () => bed?.stop());

/** The built bin, sent this signal while the operation is being answered. */
async function prove(at: ProofBed, signal?: NodeJS.Signals, operation = "PutObject"): Promise<BinRun> {
  const args = ["doctor", "search", "-n", "production", "--prove", "-o", "json", "--timeout", "5s"];
  return runBin(args, {
    kubeconfig: at.cluster.kubeconfig({ namespace: "production" }),
    env: { ...at.cloud.env, ANTFLY_CREDS_CLOUD: "" },
    ...(signal === undefined ? {} : { during: (child) => at.when(operation, () => void child.kill(signal)) }),
  });
}

test.each(["SIGINT", "SIGTERM"] as const)("%s while an object is written ends when it is removed", async (signal) => {
  const at = (bed = await startProofBed(proofObjects({ key: false, role: true }), proofSeed()));
  const run = await prove(at, signal);
  expect([run.code, at.keysIn(BUCKET)]).toEqual([130, []]);
  expect(run.json.error).toEqual({ code: "interrupted", message: "interrupted", hint: null });
});

test("what kill -9 left is named by the next run, and removed by one an hour later", async () => {
  const at = (bed = await startProofBed(proofObjects({ key: false, role: true }), proofSeed()));
  // It is written, and nobody is there any more to remove it.
  const killed = await prove(at, "SIGKILL", "GetObject");
  const [key = ""] = at.keysIn(BUCKET);
  expect([killed.code, at.keysIn(BUCKET)]).toEqual([null, [key]]);

  const next = await prove(at);
  expect(next.json.residue).toEqual([
    {
      target: "t1",
      what: `s3://${BUCKET}/${key}, which another run left or is using`,
      state: "left",
      command: `aws s3api delete-object --bucket ${BUCKET} --key ${key}`,
    },
  ]);
  expect(at.keysIn(BUCKET)).toEqual([key]);

  const objects = at.cloud.state.buckets.get(BUCKET)?.objects;
  const left = objects?.get(key)?.[0];
  if (left !== undefined) objects?.set(key, [{ ...left, modifiedAt: new Date(Date.now() - 3_700_000) }]);
  const later = await prove(at);
  expect(later.json.residue).toEqual([
    { target: "t1", what: `s3://${BUCKET}/${key}`, state: "removed", command: null },
  ]);
  expect(at.keysIn(BUCKET)).toEqual([]);
});
