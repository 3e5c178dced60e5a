import { existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
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

  test("is not called right when it is to be written anew and nobody says with what", async () => {
    const run = await init(["--overwrite", "--yes"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(
      "no values for AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and no terminal to ask on",
    );
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

describe("the Secret that is meant", () => {
  const BOTH = [secretRef("creds"), secretRef("flags", { optional: true })];

  test("is the one that supplies the keys, not an optional one that is missing", async () => {
    await create(
      cluster.admin,
      secret(NS, "creds", { AWS_ACCESS_KEY_ID: "AKIAOLD0000000000000", AWS_SECRET_ACCESS_KEY: "old" }),
    );
    await withCluster(BOTH);
    expect((await init([...FROM, "--overwrite"])).code).toBe(0);
    expect(decoded((await secretAt("creds")).body, "AWS_SECRET_ACCESS_KEY")).toBe(CANARY_SECRET);
    expect((await secretAt("flags")).status).toBe(404);
  });

  test("is not guessed when one that is named cannot be read: exit 5", async () => {
    await withCluster(BOTH);
    const forbidden = { kind: "status", code: 403, reason: "Forbidden", message: "secrets is forbidden" } as const;
    cluster.faults.add({ when: (call) => call.resource === "secrets" && call.name === "creds", fault: forbidden });
    cluster.calls.length = 0;
    const run = await init(FROM);
    expect(run.stderr).toContain("Secret creds could not be read");
    expect(run.code).toBe(5);
    expect(cluster.calls.filter(isWrite)).toEqual([]);
  });

  test("has a name that a Secret can have", async () => {
    await withCluster([secretRef("x/../../../../evil")]);
    const run = await init([...FROM, "--write-to", "out"], {
      after: (cwd) => expect(existsSync(join(cwd, "out"))).toBe(false),
    });
    expect(run.stderr).toContain('"x/../../../../evil" cannot be the name of a Secret');
    expect(run.code).toBe(2);
    expect((await init([...FROM, "--secret-name", ".."])).code).toBe(2);
  });

  test("may have no data yet", async () => {
    await create(cluster.admin, { apiVersion: "v1", kind: "Secret", metadata: { name: "creds", namespace: NS } });
    await withCluster(BOTH);
    expect((await init([...FROM, "--secret-name", "creds"])).code).toBe(0);
    expect(decoded((await secretAt("creds")).body, "AWS_SECRET_ACCESS_KEY")).toBe(CANARY_SECRET);
  });

  test("comes last where another source would win over it", async () => {
    const other = { AWS_ACCESS_KEY_ID: "AKIAOTHER00000000000", AWS_SECRET_ACCESS_KEY: "other" };
    await create(cluster.admin, secret(NS, "later", other));
    await withCluster([secretRef("creds"), secretRef("later")]);
    const run = await init([...FROM, "--secret-name", "creds"]);
    expect(run.stderr).toContain("… a source that sets the same names");
    expect((await clusterNow()).spec.dataNodes.envFrom).toEqual([secretRef("later"), secretRef("creds")]);
    expect((await init([...FROM, "--secret-name", "creds"])).stderr).toContain("Nothing to change");
  });
});

describe("values that belong together", () => {
  const held = (values: Readonly<Record<string, string>>): Promise<AnyObject> =>
    create(cluster.admin, secret(NS, "keys", values));
  beforeEach(() => withCluster([secretRef("keys")]));

  test("the session token goes with the temporary key that it belongs to", async () => {
    const temporary = {
      AWS_ACCESS_KEY_ID: "ASIAOLD0000000000000",
      AWS_SECRET_ACCESS_KEY: "x",
      AWS_SESSION_TOKEN: "token",
    };
    await held(temporary);
    expect((await init(FROM)).stderr).toContain("AWS_SESSION_TOKEN");
    const run = await init([...FROM, "--overwrite"]);
    expect(run.stderr).toContain("AWS_SESSION_TOKEN      removed: it belongs to the old access key");
    expect(run.code).toBe(0);
    expect(Object.keys((await secretAt("keys")).body.data)).not.toContain("AWS_SESSION_TOKEN");
  });

  test("a token beside a long-term key is refused", async () => {
    const files = { "keys.env": `${KEYS}AWS_SESSION_TOKEN=token-of-another-key\n` };
    const run = await init(FROM, { files });
    expect(run.stderr).toContain("AWS_SESSION_TOKEN does not belong to a long-term key");
    expect(run.code).toBe(2);
  });

  test("the endpoint follows from the region that the Secret holds", async () => {
    await held({ AWS_REGION: "eu-west-1" });
    const run = await init(["--from-env-file", "keys.env", "--secret-name", "keys", "--yes", "--wait", "0s"]);
    expect(run.code).toBe(0);
    const { body } = await secretAt("keys");
    expect(decoded(body, "AWS_ENDPOINT_URL")).toBe("https://s3.eu-west-1.amazonaws.com");
    expect(decoded(body, "AWS_REGION")).toBe("eu-west-1");
  });

  test.each([
    ["a region of a file", "AWS_REGION=US East\n", "AWS_REGION is no name of a region"],
    ["an endpoint of a file", "AWS_ENDPOINT_URL=s3://bucket\n", "the endpoint is not an http or https URL"],
    ["half of a value", "SecondHalfOfTheSecretValue==\n", "keys.env:3 looks like the rest of the value before it"],
  ])("%s is looked at as a flag is", async (_, line, message) => {
    const run = await init(["--from-env-file", "keys.env", "--yes"], { files: { "keys.env": KEYS + line } });
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain("SecondHalf");
    expect(run.code).toBe(2);
    expect((await secretAt("keys")).status).toBe(404);
  });
});

describe("files", () => {
  beforeEach(() => withCluster([secretRef("keys")]));

  test("hold the whole Secret, and the command that is printed applies them", async () => {
    await create(
      cluster.admin,
      secret(NS, "keys", { AWS_ACCESS_KEY_ID: CANARY_ID, AWS_SECRET_ACCESS_KEY: "old", OTHER: "stays" }),
    );
    const run = await init([...FROM, "--overwrite", "--write-to", "out/"], {
      after: (cwd) => {
        const written = parse(readFileSync(join(cwd, "out", "secret-keys.yaml"), "utf8"));
        expect(Object.keys(written.data).sort()).toEqual(
          ["AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "OTHER"].sort(),
        );
      },
    });
    expect(run.stderr).toContain("kubectl apply --server-side --force-conflicts -f out/secret-keys.yaml");
    expect(run.code).toBe(0);
  });

  test("that are there already are not replaced, unless told", async () => {
    const files = { "keys.env": KEYS, "out/secret-keys.yaml": "precious\n" };
    const kept = await init([...FROM, "--write-to", "out"], {
      files,
      after: (cwd) => expect(readFileSync(join(cwd, "out/secret-keys.yaml"), "utf8")).toBe("precious\n"),
    });
    expect(kept.stderr).toContain("out/secret-keys.yaml is there already, with other content");
    expect(kept.code).toBe(2);
    expect((await init([...FROM, "--write-to", "out", "--overwrite"], { files })).code).toBe(0);
  });

  test("do not get into a Git work tree through a link", async () => {
    const run = await init([...FROM, "--write-to", "link"], {
      files: { "keys.env": KEYS, "repository/.git/HEAD": "", "repository/secrets/x": "" },
      before: (cwd) => symlinkSync(join(cwd, "repository/secrets"), join(cwd, "link")),
    });
    expect(run.stderr).toContain("link lies in a Git work tree");
    expect(run.code).toBe(2);
  });

  test.each([
    [["--write-to", ""], "--write-to is empty"],
    [["--write-to", "keys.env"], "lies below something that is not a folder"],
    [["-o", "json=nowhere/x.json"], "nowhere/x.json does not exist"],
    [["-o", "json=keys.env/x.json"], "keys.env/x.json lies below something that is not a folder"],
    [["-o", "json=."], ". is a folder, not a file"],
    [["-o", "json="], "-o json= names no file"],
  ])("%j: one line, and nothing is done", async (args, message) => {
    const run = await init([...FROM, ...args]);
    expect(run.stderr).toContain(message);
    expect(run.code).toBe(2);
    expect((await secretAt("keys")).status).toBe(404);
  });
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

  test("a reference that may have been written keeps its Secret: exit 7", async () => {
    let sent = false;
    cluster.faults.add({
      when: (call) => !sent && (sent = patchingCluster(call)),
      fault: { kind: "reset", after: true },
    });
    cluster.faults.add({ when: () => sent, fault: { kind: "status", code: 503, message: "away" } });
    const run = await init([...FROM, "--timeout", "1s"]);
    cluster.faults.clear();
    expect(run.stderr).toContain("unclear: let every node group");
    expect(run.stderr).toContain("kept: create Secret production/c1-backup-credentials");
    expect(run.code).toBe(7);
    expect((await clusterNow()).spec.dataNodes.envFrom).toEqual([secretRef("c1-backup-credentials")]);
    expect((await secretAt("c1-backup-credentials")).status).toBe(200);
  });

  test("a write that timed out may still come: nothing is taken back, exit 7", async () => {
    cluster.faults.add({ when: patchingCluster, fault: { kind: "delay", ms: 2_500 } });
    const run = await init([...FROM, "--timeout", "1s"]);
    expect(run.code).toBe(7);
    await expect
      .poll(async () => (await clusterNow()).spec.dataNodes.envFrom, { timeout: 10_000 })
      .toEqual([secretRef("c1-backup-credentials")]);
    expect((await secretAt("c1-backup-credentials")).status).toBe(200);
  });

  test("a write that was throttled is tried again", async () => {
    const throttled = {
      kind: "status",
      code: 429,
      reason: "TooManyRequests",
      message: "slow down",
      retryAfter: 1,
    } as const;
    cluster.faults.add({ when: patchingCluster, times: 1, fault: throttled });
    expect((await init(FROM)).code).toBe(0);
  });

  test("Ctrl-C while it waits for the pods: what was applied stays, and it says so", async () => {
    const stop = async (child: { kill(signal: "SIGINT"): boolean }): Promise<void> => {
      while (!cluster.calls.some(patchingCluster)) await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, 700));
      child.kill("SIGINT");
    };
    const run = await init(["--from-env-file", "keys.env", "--region", "us-east-1", "--yes", "--wait", "1m"], {
      during: (child) => void stop(child),
    });
    expect(run.stderr).toContain("error: interrupted while waiting for the pods; what was applied stays");
    expect(run.code).toBe(130);
    expect((await secretAt("c1-backup-credentials")).status).toBe(200);
  });

  test("a short value that the server quotes is not repeated", async () => {
    const message = 'Secret "x" is invalid: data: Invalid value: "abc12" (YWJjMTI=)';
    cluster.faults.add({ when: creatingSecret, fault: { kind: "status", code: 422, reason: "Invalid", message } });
    const files = { "keys.env": "AWS_ACCESS_KEY_ID=minio\nAWS_SECRET_ACCESS_KEY=abc12\n" };
    const run = await init([...FROM, "--provider", "minio", "--endpoint", "https://minio.example.com"], { files });
    expect(run.stderr).toContain('Invalid value: "[secret]" ([secret])');
    expect(run.code).toBe(6);
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
