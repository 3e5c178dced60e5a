import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { antflyCluster, create } from "../support/antfly.ts";
import { crdsOf } from "../support/crds/crds.ts";
import type { AnyObject } from "../support/follow.ts";
import { GKE_ISSUER, startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";
import { emailOf, workloadMember } from "../support/test-google.ts";

const NS = "production";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ON = { ANTFLY_CREDS_CLOUD: "" };

let kube: InProcessCluster;
let google: InProcessGoogle;
beforeAll(async () => {
  google = await startGoogleServer();
  kube = await startKubeServer({ controllers: false, issuer: GKE_ISSUER, objects: crdsOf(3) });
  await kube.admin.must("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NS } },
  });
  const account = (name: string, annotations: Record<string, string>): AnyObject => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace: NS, annotations },
  });
  const annotation = { "iam.gke.io/gcp-service-account": emailOf(google, "backup-sa") };
  await create(kube.admin, account("plain", {}));
  await create(kube.admin, account("antfly", annotation));
  for (const name of ["plain", "antfly"]) {
    const cluster = antflyCluster(NS, `c-${name}`, []);
    await create(kube.admin, { ...cluster, spec: { ...cluster["spec"], serviceAccountName: name } });
  }
});
beforeEach(() => {
  const bindings = [{ role: "roles/iam.workloadIdentityUser", members: [workloadMember(google, NS, "antfly")] }];
  google.reset({ clusters: [{}], accounts: [{ id: "backup-sa", bindings }] });
});
afterAll(async () => {
  await google.stop();
  await kube.stop();
});

/** `doctor -o json` of a cluster, with the identity of the tests' administrator on Google. */
function doctor(cluster: string, env: Readonly<Record<string, string>> = {}): Promise<BinRun> {
  const kubeconfig = kube.kubeconfig({ namespace: NS });
  return runBin(["doctor", cluster, "-o", "json"], { kubeconfig, env: { ...ON, ...google.env, ...env } });
}

test("a cluster that nothing points to Google in costs no call there, and none more on the cluster", async () => {
  const run = await doctor("c-plain");
  expect([run.stderr, run.json.calls.google, google.calls]).toEqual(["", undefined, []]);
  // The issuer, the nodes and the NetworkPolicies.
  expect((await doctor("c-antfly")).json.calls.kubernetes).toBe(run.json.calls.kubernetes + 3);
});

test("the Google account of another is looked at, and the calls are counted", async () => {
  const run = await doctor("c-antfly");
  expect(run.stderr).toBe("");
  const operations = google.calls.map(({ operation }) => operation);
  expect(operations).toContain("iam.projects.serviceAccounts.getIamPolicy");
  // Getting a token is no call of the port.
  expect(run.json.calls.google).toBe(operations.filter((one) => one !== "sts.token").length);
  const human = await runBin(["doctor", "c-antfly"], {
    kubeconfig: kube.kubeconfig({ namespace: NS }),
    env: { ...ON, ...google.env },
  });
  expect(human.stdout).toMatch(/\d+ Kubernetes \+ \d+ Google calls/);
});

test("without credentials it says so once a question, waits for no metadata server, and prints no warning", async () => {
  const run = await doctor("c-antfly", { GOOGLE_APPLICATION_CREDENTIALS: "", METADATA_SERVER_DETECTION: "" });
  expect(run.stderr).toBe("");
  expect(run.json.calls.google).toBe(0);
  const unknown = run.json.results.flatMap((result: AnyObject) => result["unknown"]);
  const why: string[] = unknown.map((one: AnyObject) => one["why"]).filter((text: string) => text.includes("Google"));
  expect(why.length).toBeGreaterThan(0);
  for (const text of why)
    expect(text).toMatch(
      /no Google credentials: .*; gcloud auth application-default login gives you some; --no-cloud does without$/,
    );
});

test("nothing of Google's is loaded where it is asked nothing", async () => {
  const GOOGLE = /node_modules\/(google-auth-library|gaxios|gcp-metadata|@google-cloud)\//;
  expect((await loadedByDoctor("c-plain")).filter((url) => GOOGLE.test(url))).toEqual([]);
  expect((await loadedByDoctor("c-antfly")).filter((url) => /google-cloud/.test(url))).toEqual([]);
  expect((await loadedByDoctor("c-antfly")).some((url) => GOOGLE.test(url))).toBe(true);
});

/** The modules that `doctor` of the sources loads. */
async function loadedByDoctor(cluster: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-imports-"));
  try {
    const log = join(folder, "log");
    writeFileSync(log, "");
    writeFileSync(join(folder, "kubeconfig"), kube.kubeconfig({ namespace: NS }), { mode: 0o600 });
    const args = ["--import", join(ROOT, "test/support/log-imports.mjs"), join(ROOT, "bin/antfly-creds.js")];
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      IMPORT_LOG: log,
      KUBECONFIG: join(folder, "kubeconfig"),
    };
    const child = spawn(process.execPath, [...args, "doctor", cluster, "-o", "json"], {
      cwd: folder,
      env: { ...env, ...google.env },
      stdio: "ignore",
    });
    await new Promise((resolve) => child.on("close", resolve));
    return readFileSync(log, "utf8").split("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
