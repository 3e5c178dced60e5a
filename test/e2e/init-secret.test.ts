import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { antflyCluster, create, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, CANARY_SECRET_2 } from "../support/canaries.ts";
import { crdsOf } from "../support/crds/crds.ts";
import type { AnyObject } from "../support/follow.ts";
import type { LoggedCall } from "../support/kube-server/faults.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";

const NS = "production";
const KEYS = `AWS_ACCESS_KEY_ID=${CANARY_ID}\nAWS_SECRET_ACCESS_KEY=${CANARY_SECRET}\n`;
const FROM = ["--from-env-file", "keys.env", "--region", "us-east-1", "--yes", "--wait", "0s"];

let cluster: InProcessCluster;

beforeEach(async () => {
  cluster = await startKubeServer({ controllers: false, objects: crdsOf(2) });
  await cluster.admin.must("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NS } },
  });
});
afterEach(() => cluster.stop());

const init = (args: readonly string[], options: BinOptions = {}): Promise<BinRun> =>
  runBin(["init", "secret", "c1", ...args], {
    kubeconfig: cluster.kubeconfig({ namespace: NS }),
    files: { "keys.env": KEYS },
    ...options,
  });
const secretAt = (name: string): Promise<AnyObject> => cluster.admin.get(`/api/v1/namespaces/${NS}/secrets/${name}`);
const clusterNow = (): Promise<AnyObject> =>
  cluster.admin.must("GET", `/apis/antfly.io/v1/namespaces/${NS}/antflyclusters/c1`);
const withCluster = (envFrom: readonly AnyObject[], metadata: AnyObject = {}): Promise<AnyObject> => {
  const object = antflyCluster(NS, "c1", envFrom);
  return create(cluster.admin, { ...object, metadata: { ...object.metadata, ...metadata } });
};
const decoded = (object: AnyObject, key: string): string => Buffer.from(object.data[key], "base64").toString();
const isWrite = (call: LoggedCall): boolean =>
  ["create", "patch", "update", "delete"].includes(call.verb) && !call.dryRun && !call.resource.endsWith("reviews");

test("a cluster without envFrom gets the Secret, and every node group reads it", async () => {
  await withCluster([]);
  const run = await init(FROM);
  expect(run.stderr).toContain("create Secret production/c1-backup-credentials");
  expect(run.stderr).toContain("spec.metadataNodes.envFrom:");
  const { body } = await secretAt("c1-backup-credentials");
  expect(decoded(body, "AWS_SECRET_ACCESS_KEY")).toBe(CANARY_SECRET);
  expect(decoded(body, "AWS_ENDPOINT_URL")).toBe("https://s3.us-east-1.amazonaws.com");
  expect(body.metadata.managedFields[0].manager).toBe("antfly-creds");
  const { spec } = await clusterNow();
  for (const field of ["metadataNodes", "dataNodes"])
    expect(spec[field].envFrom).toEqual([secretRef("c1-backup-credentials")]);
  expect(run.code).toBe(0);
});

test("other sources stay where they are", async () => {
  await create(cluster.admin, secret(NS, "other", { FOO: "bar" }));
  await withCluster([secretRef("other", { optional: true })]);
  await init([...FROM, "--secret-name", "keys"]);
  expect((await clusterNow()).spec.dataNodes.envFrom).toEqual([
    secretRef("other", { optional: true }),
    secretRef("keys"),
  ]);
});

test("values from standard input, for each provider", async () => {
  await withCluster([]);
  const from = (provider: string, ...more: string[]): Promise<BinRun> =>
    init(["--from-stdin", "--yes", "--wait", "0s", "--provider", provider, "--secret-name", provider, ...more], {
      stdin: KEYS.replace("AKIA", "MINI"),
    });
  await from("gcs");
  expect(decoded((await secretAt("gcs")).body, "AWS_ENDPOINT_URL")).toBe("https://storage.googleapis.com");
  await from("minio", "--endpoint", "https://minio.example.com:9000");
  expect(decoded((await secretAt("minio")).body, "AWS_ENDPOINT_URL")).toBe("https://minio.example.com:9000");
  await from("aws", "--region", "cn-north-1");
  expect(decoded((await secretAt("aws")).body, "AWS_ENDPOINT_URL")).toBe("https://s3.cn-north-1.amazonaws.com.cn");
});

test("values from an AWS profile", async () => {
  await withCluster([]);
  const files = {
    "aws/credentials": `[prod]\naws_access_key_id = ${CANARY_ID}\naws_secret_access_key = ${CANARY_SECRET}\n[sso]\n`,
    "aws/config": "[profile prod]\nregion = eu-west-1\n[profile sso]\nsso_session = x\n",
  };
  const env = { AWS_SHARED_CREDENTIALS_FILE: "aws/credentials", AWS_CONFIG_FILE: "aws/config" };
  const run = await init(["--profile", "prod", "--yes", "--wait", "0s"], { files, env });
  expect(run.code).toBe(0);
  expect(decoded((await secretAt("c1-backup-credentials")).body, "AWS_ENDPOINT_URL")).toBe(
    "https://s3.eu-west-1.amazonaws.com",
  );
  const misspelt = await init(["--profile", "prd", "--yes"], { files, env });
  expect(misspelt.stderr).toBe('error: there is no AWS profile "prd"\n  did you mean --profile prod?\n');
  const keyless = await init(["--profile", "sso", "--yes"], { files, env });
  expect(keyless.stderr).toContain('the AWS profile "sso" holds no access key');
});

test("a dry run is checked by the server and changes nothing", async () => {
  await withCluster([]);
  cluster.calls.length = 0;
  const run = await init([...FROM.filter((word) => word !== "--yes"), "--dry-run"]);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("1. create Secret production/c1-backup-credentials");
  expect(run.stderr).toContain("the server accepts every step; nothing was changed");
  expect(cluster.calls.filter((call) => call.dryRun).map((call) => `${call.verb} ${call.resource}`)).toEqual([
    "create secrets",
    "patch antflyclusters",
  ]);
  expect(cluster.calls.filter(isWrite)).toEqual([]);
  expect((await secretAt("c1-backup-credentials")).status).toBe(404);
});

test("--write-to writes what kubectl can apply, readable by its owner alone, and changes nothing", async () => {
  await withCluster([]);
  cluster.calls.length = 0;
  const run = await init([...FROM, "--write-to", "out"], {
    after: (cwd) => {
      const file = join(cwd, "out/secret-c1-backup-credentials.yaml");
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(decoded(parse(readFileSync(file, "utf8")), "AWS_SECRET_ACCESS_KEY")).toBe(CANARY_SECRET);
      const patch = parse(readFileSync(join(cwd, "out/antflycluster-c1.patch.yaml"), "utf8"));
      expect(patch.spec.dataNodes.envFrom).toEqual([secretRef("c1-backup-credentials")]);
    },
  });
  expect(run.stderr).toContain(
    "kubectl patch antflycluster c1 -n production --type merge --patch-file out/antflycluster-c1.patch.yaml",
  );
  expect(run.code).toBe(0);
  expect(cluster.calls.filter(isWrite)).toEqual([]);
});

test("a readable Secret is not put into a Git work tree, unless told", async () => {
  await withCluster([]);
  const files = { "keys.env": KEYS, ".git/HEAD": "ref: refs/heads/main\n" };
  const refused = await init([...FROM, "--write-to", "out"], {
    files,
    after: (cwd) => expect(existsSync(join(cwd, "out"))).toBe(false),
  });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("out lies in a Git work tree");
  expect((await init([...FROM, "--write-to", "out", "--plaintext-in-git"], { files })).code).toBe(0);
});

describe("a Secret that is there already", () => {
  beforeEach(async () => {
    await withCluster([secretRef("keys")]);
    await create(
      cluster.admin,
      secret(NS, "keys", { AWS_ACCESS_KEY_ID: CANARY_ID, AWS_SECRET_ACCESS_KEY: CANARY_SECRET_2, OTHER: "x" }),
    );
  });

  test("is not overwritten", async () => {
    const run = await init(FROM);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("error: Secret production/keys already holds other values for AWS_SECRET_ACCESS_KEY");
    expect(decoded((await secretAt("keys")).body, "AWS_SECRET_ACCESS_KEY")).toBe(CANARY_SECRET_2);
  });

  test("is, when told; what else it holds stays", async () => {
    expect((await init([...FROM, "--overwrite"])).code).toBe(0);
    const { body } = await secretAt("keys");
    expect(decoded(body, "AWS_SECRET_ACCESS_KEY")).toBe(CANARY_SECRET);
    expect(decoded(body, "OTHER")).toBe("x");
  });

  test("gets the endpoint that it lacks, without any value being given again", async () => {
    const run = await init(["--endpoint", "https://s3.us-east-1.amazonaws.com", "--yes", "--wait", "0s"]);
    expect(run.code).toBe(0);
    expect(decoded((await secretAt("keys")).body, "AWS_ENDPOINT_URL")).toBe("https://s3.us-east-1.amazonaws.com");
  });

  test("is refused when it is immutable, or when another tool manages it", async () => {
    const path = `/api/v1/namespaces/${NS}/secrets/keys`;
    const merge = (body: AnyObject): Promise<AnyObject> =>
      cluster.admin.must("PATCH", path, { contentType: "application/merge-patch+json", body });
    await merge({ metadata: { labels: { "reconcile.external-secrets.io/managed": "true" } } });
    const managed = await init([...FROM, "--overwrite"]);
    expect(managed.code).toBe(2);
    expect(managed.stderr).toContain(
      "Secret production/keys is managed by External Secrets (reconcile.external-secrets.io/managed=true)",
    );
    await merge({ immutable: true });
    expect((await init([...FROM, "--overwrite"])).stderr).toContain("Secret production/keys is immutable");
  });
});

test("a cluster that Argo CD manages is not patched, unless told; files are written all the same", async () => {
  await withCluster([], {
    annotations: { "argocd.argoproj.io/tracking-id": "app:antfly.io/AntflyCluster:production/c1" },
  });
  const refused = await init(FROM);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("AntflyCluster production/c1 is managed by Argo CD");
  expect((await secretAt("c1-backup-credentials")).status).toBe(404);
  expect((await init([...FROM, "--write-to", "out"])).code).toBe(0);
  expect((await init([...FROM, "--managed"])).code).toBe(0);
});

describe("when a step fails", () => {
  const patchingCluster = (call: LoggedCall): boolean =>
    isWrite(call) && call.verb === "patch" && call.resource === "antflyclusters";
  const creatingSecret = (call: LoggedCall): boolean =>
    isWrite(call) && call.verb === "create" && call.resource === "secrets";
  const gone = async (): Promise<void> => expect((await secretAt("c1-backup-credentials")).status).toBe(404);
  beforeEach(() => withCluster([]));

  test("the steps before it are undone: exit 6", async () => {
    cluster.faults.add({
      when: patchingCluster,
      fault: { kind: "status", code: 403, reason: "Forbidden", message: "no" },
    });
    const run = await init(FROM);
    expect(run.stderr).toContain("undone: create Secret production/c1-backup-credentials");
    expect(run.code).toBe(6);
    await gone();
  });

  test("what cannot be undone is named: exit 7", async () => {
    cluster.faults.add({
      when: patchingCluster,
      fault: { kind: "status", code: 403, reason: "Forbidden", message: "no" },
    });
    cluster.faults.add({
      when: (call) => call.verb === "delete",
      fault: { kind: "status", code: 403, reason: "Forbidden", message: "not that either" },
    });
    const run = await init(FROM);
    expect(run.code).toBe(7);
    expect(run.stderr).toContain("NOT undone: create Secret production/c1-backup-credentials (not that either)");
    expect(run.stderr).toContain("the same command again goes on from what is there");
    cluster.faults.clear();
    expect((await init(FROM)).code).toBe(0);
  });

  test("an answer that is lost after the effect is not taken for a failure", async () => {
    cluster.faults.add({ when: creatingSecret, times: 1, fault: { kind: "reset", after: true } });
    cluster.faults.add({ when: patchingCluster, times: 1, fault: { kind: "half" } });
    const run = await init(FROM);
    expect(run.code).toBe(0);
    expect((await clusterNow()).spec.dataNodes.envFrom).toEqual([secretRef("c1-backup-credentials")]);
  });

  test("an answer that is lost before the effect is", async () => {
    cluster.faults.add({ when: patchingCluster, times: 1, fault: { kind: "reset" } });
    const run = await init(FROM);
    expect(run.code).toBe(6);
    await gone();
  });

  test("a write that nobody can tell about is named: exit 7", async () => {
    let sent = false;
    cluster.faults.add({ when: (call) => (sent ||= creatingSecret(call)), fault: { kind: "reset", after: true } });
    const run = await init([...FROM, "--timeout", "2s"]);
    expect(run.code).toBe(7);
    expect(run.stderr).toContain("no answer came, so whether it took effect is not known");
  });

  test("somebody else creates the Secret meanwhile: theirs is kept", async () => {
    cluster.faults.add({ when: creatingSecret, times: 1, fault: { kind: "delay", ms: 500 } });
    const running = init(FROM);
    await expect.poll(() => cluster.calls.some(creatingSecret), { timeout: 10_000 }).toBe(true);
    await create(cluster.admin, secret(NS, "c1-backup-credentials", { AWS_ACCESS_KEY_ID: "theirs" }));
    const run = await running;
    expect(run.code).toBe(6);
    expect(run.stderr).toContain('secrets "c1-backup-credentials" already exists');
    expect(decoded((await secretAt("c1-backup-credentials")).body, "AWS_ACCESS_KEY_ID")).toBe("theirs");
  });

  test("Ctrl-C in the middle of a write: it is waited for and undone, exit 130", async () => {
    cluster.faults.add({ when: creatingSecret, fault: { kind: "delay", ms: 800 } });
    const run = await init(FROM, { during: (child) => void interruptOnce(child) });
    expect(run.stderr).toContain("undone: create Secret production/c1-backup-credentials");
    expect(run.stderr).toContain("error: interrupted; what had been done was undone");
    expect(run.code).toBe(130);
    await gone();
  });

  /** A second signal would mean that the user does not want to wait. */
  async function interruptOnce(child: { kill(signal: "SIGINT"): boolean }): Promise<void> {
    while (!cluster.calls.some(creatingSecret)) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
  }

  test("two at once: one wins, and the other changes nothing", async () => {
    const runs = await Promise.all([init(FROM), init(FROM)]);
    const codes = runs.map((run) => run.code).sort((a, b) => Number(a) - Number(b));
    expect([
      [0, 0],
      [0, 6],
      [0, 2],
      [0, 5],
    ]).toContainEqual(codes);
    expect(decoded((await secretAt("c1-backup-credentials")).body, "AWS_SECRET_ACCESS_KEY")).toBe(CANARY_SECRET);
    expect((await clusterNow()).spec.dataNodes.envFrom).toEqual([secretRef("c1-backup-credentials")]);
  });
});
