import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";

import { readEncryptionConfiguration } from "../../src/domain/encryption-configuration.ts";
import { newPlaneIdentity, startApiServer, startEtcd } from "../bed/api-server.ts";
import { Leash } from "../bed/leash.ts";
import { bedAddresses } from "../bed/live-cluster.ts";
import { antflyCluster, create, eventually } from "../support/antfly.ts";
import { CANARY_SECRET } from "../support/canaries.ts";
import { crdsOf } from "../support/crds/crds.ts";
import type { AnyObject } from "../support/follow.ts";
import { startKmsPlugin } from "../support/kms-plugin.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";
import type { TestCluster } from "../support/test-cluster.ts";

const run = promisify(execFile);
const identity = newPlaneIdentity();
const FIRST = "encryption-configuration.first.yaml";
const MAIN = "encryption-configuration.yaml";
const LAST = "encryption-configuration.last.yaml";
const KEY = Buffer.from("0123456789abcdef0123456789ABCDEF").toString("base64");

let bin: string;
let store: Leash;
let etcd: string;

/** API servers of one cluster: each is a process of its own, and has the file that it was started with. */
class ApiServers {
  readonly #running = new Map<string, Leash>();
  readonly #etcd: string | undefined;
  readonly at: Record<string, TestCluster> = {};

  /** Without an etcd of their own, that of all tests here. */
  constructor(own?: string) {
    this.#etcd = own;
  }

  /** Puts the file where the server reads it, and (re)starts that; without one it has none. */
  async start(name: string, configuration?: string): Promise<TestCluster> {
    await this.end(name);
    const leash = new Leash(name);
    this.#running.set(name, leash);
    const args: string[] = [];
    if (configuration !== undefined) {
      const file = join(leash.folder, "encryption.yaml");
      writeFileSync(file, configuration, { mode: 0o600 });
      args.push(`--encryption-provider-config=${file}`);
    }
    const cluster = await startApiServer(leash, bin, identity, { etcd: this.#etcd ?? etcd, args });
    this.at[name] = cluster;
    return cluster;
  }

  async end(name: string): Promise<void> {
    await this.#running.get(name)?.end();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((leash) => leash.end()));
  }
}

const servers = new ApiServers();

beforeAll(async () => {
  ({ bin } = bedAddresses().plane);
  store = new Leash("etcd");
  etcd = await startEtcd(store, bin);
});
afterAll(async () => {
  await servers.stop();
  await store.end();
});

const secrets = "/api/v1/namespaces/default/secrets";
const write = (cluster: TestCluster, name: string): Promise<AnyObject> =>
  cluster.admin.must("POST", secrets, {
    body: { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData: { key: CANARY_SECRET } },
  });
const valueAt = async (cluster: TestCluster, name: string): Promise<string> =>
  Buffer.from((await cluster.admin.must("GET", `${secrets}/${name}`)).data.key, "base64").toString();

/** What etcd itself holds of a Secret, asked without any API server. */
async function inEtcd(name: string, at = etcd): Promise<Buffer> {
  const key = Buffer.from(`/registry/secrets/default/${name}`).toString("base64");
  const answer = await fetch(`${at}/v3/kv/range`, { method: "POST", body: JSON.stringify({ key }) });
  const { kvs } = (await answer.json()) as { kvs: readonly { readonly value: string }[] };
  return Buffer.from(kvs[0]?.value ?? "", "base64");
}

async function expectEncrypted(name: string, prefix: string, at = etcd): Promise<void> {
  const bytes = await inEtcd(name, at);
  expect(bytes.subarray(0, prefix.length).toString()).toBe(prefix);
  for (const clear of [CANARY_SECRET, "Secret"]) expect(bytes.includes(clear), `${clear} in etcd`).toBe(false);
}

const providersOf = (text = ""): AnyObject[] => parse(text).resources[0].providers;
const keyIn = (text = ""): boolean => text.includes("secret:");
const configuration = (resources: readonly object[]): AnyObject => ({
  apiVersion: "apiserver.config.k8s.io/v1",
  kind: "EncryptionConfiguration",
  resources,
});

interface Made {
  readonly run: BinRun;
  readonly files: Readonly<Record<string, string>>;
}

/** The built bin, and the files that it wrote. */
async function initEncryption(cluster: TestCluster, args: readonly string[], input?: string): Promise<Made> {
  const files: Record<string, string> = {};
  const made = await runBin(["init", "encryption", ...args, "--write-to", "encryption", "-o", "json"], {
    kubeconfig: cluster.kubeconfig(),
    ...(input === undefined ? {} : { files: { "current.yaml": input } }),
    after: (cwd) => {
      for (const name of readdirSync(join(cwd, "encryption"))) {
        const path = join(cwd, "encryption", name);
        expect(statSync(path).mode & 0o777, name).toBe(0o600);
        files[name] = readFileSync(path, "utf8");
      }
    },
  });
  expect(made.code, made.stderr).toBe(0);
  return { run: made, files };
}

/** Pastes the printed command into a shell that has the real kubectl. */
async function paste(cluster: TestCluster, { json }: BinRun, begins: string): Promise<string> {
  const commands: string[] = json.steps.flatMap((step: AnyObject) => step["commands"]);
  const command = commands.find((one) => one.startsWith(begins)) ?? "";
  const folder = join(store.folder, "paste");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kubeconfig"), cluster.kubeconfig(), { mode: 0o600 });
  const env = { PATH: `${bin}:${process.env["PATH"]}`, HOME: folder, KUBECONFIG: join(folder, "kubeconfig") };
  const { stdout } = await run("sh", ["-c", `set -e; ${command}`], { env });
  rmSync(folder, { recursive: true });
  return stdout;
}

const inForce = async (cluster: TestCluster): Promise<AnyObject> =>
  (await runBin(["init", "encryption", "--dry-run", "-o", "json"], { kubeconfig: cluster.kubeconfig() })).json.inForce;
const check = async (cluster: TestCluster): Promise<AnyObject> => {
  const args = ["doctor", "c1", "--only", "ANT0806", "-o", "json"];
  const { json } = await runBin(args, { kubeconfig: cluster.kubeconfig({ namespace: "default" }) });
  return json.results.find(({ code }: AnyObject) => code === "ANT0806");
};

describe("the generated file on a real control plane", () => {
  let first: Made;
  let rotated: Made;

  test("without it, a Secret lies in etcd in clear", async () => {
    const a = await servers.start("a");
    await write(a, "old");
    expect((await inEtcd("old")).includes(CANARY_SECRET)).toBe(true);
    for (const crd of crdsOf(2)) {
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd["metadata"].name}`;
      await a.admin.apply(path, crd);
    }
    const served = "/apis/antfly.io/v1/namespaces/default/antflyclusters";
    await eventually("the CRD", async () => (await a.admin.get(served)).status === 200);
    await create(a.admin, antflyCluster("default", "c1", []));
    expect((await check(a)).status).toBe("unknown");
    first = await initEncryption(a, []);
    expect(first.run.json.inForce.state).toBe("unknown");
  });

  test("step by step, each API server reads what the other one writes", async () => {
    const { [FIRST]: reads = "", [MAIN]: writes = "" } = first.files;
    let [a, b] = [await servers.start("a", reads), await servers.start("b", reads)];
    await write(b, "meanwhile");
    expect((await inEtcd("meanwhile")).includes(CANARY_SECRET)).toBe(true);
    expect(await check(b)).toMatchObject({ status: "fail", findings: [{ cause: "k8s.at-rest-plaintext-first" }] });
    const c = await servers.start("c");
    a = await servers.start("a", writes);
    await write(a, "new");
    await expectEncrypted("new", "k8s:enc:secretbox:v1:key1:");
    for (const cluster of [a, b]) expect(await valueAt(cluster, "new")).toBe(CANARY_SECRET);
    // What the first step is for: an API server without the key has nothing but an error for it.
    expect((await c.admin.get(`${secrets}/new`)).status).toBe(500);
    await servers.end("c");
    b = await servers.start("b", writes);
    await write(b, "newer");
    await expectEncrypted("newer", "k8s:enc:secretbox:v1:key1:");
    expect(await valueAt(a, "newer")).toBe(CANARY_SECRET);
  });

  test("old Secrets are encrypted by the command that is printed", async () => {
    const a = servers.at["a"] as TestCluster;
    expect((await inEtcd("old")).includes(CANARY_SECRET)).toBe(true);
    expect(await paste(a, first.run, "kubectl get secrets ")).toContain("secret/old replaced");
    for (const name of ["old", "meanwhile", "new"]) {
      await expectEncrypted(name, "k8s:enc:secretbox:v1:key1:");
      expect(await valueAt(a, name)).toBe(CANARY_SECRET);
    }
    expect((await paste(a, first.run, "kubectl get --raw /readyz")).trim()).toBe("ok");
  });

  test("what is in force is told", async () => {
    const a = servers.at["a"] as TestCluster;
    const told = await inForce(a);
    expect(told.state).toBe("encrypted");
    expect(told.text).toMatch(/^Secrets are encrypted with secretbox, .*; since it started, it has read \d+ times/);
    expect((await check(a)).status).toBe("pass");
  });

  test("the key is replaced by the steps that are printed, and the old one is of no more use", async () => {
    const a = servers.at["a"] as TestCluster;
    rotated = await initEncryption(a, ["--rotate", "current.yaml"], first.files[MAIN]);
    const { [FIRST]: reads = "", [MAIN]: writes = "", [LAST]: alone = "" } = rotated.files;
    for (const name of ["a", "b"]) await servers.start(name, reads);
    await write(servers.at["b"] as TestCluster, "with-old");
    await expectEncrypted("with-old", "k8s:enc:secretbox:v1:key1:");
    const next = await servers.start("a", writes);
    await write(next, "with-new");
    await expectEncrypted("with-new", "k8s:enc:secretbox:v1:key2:");
    expect(await valueAt(servers.at["b"] as TestCluster, "with-new")).toBe(CANARY_SECRET);
    await servers.start("b", writes);
    await paste(next, rotated.run, "kubectl get secrets ");
    const [last] = [await servers.start("a", alone), await servers.start("b", alone)];
    for (const name of ["old", "meanwhile", "new", "newer", "with-old", "with-new"]) {
      await expectEncrypted(name, "k8s:enc:secretbox:v1:key2:");
      expect(await valueAt(last, name)).toBe(CANARY_SECRET);
    }
  });

  test("a weak provider is left behind in the same way", async () => {
    const aescbc = { aescbc: { keys: [{ name: "mine", secret: KEY }] } };
    const providers = [aescbc, ...providersOf(rotated.files[LAST])];
    const weak = stringify(configuration([{ resources: ["*."], providers: [...providers, { identity: {} }] }]));
    const a = await servers.start("a", weak);
    await write(a, "weak");
    const maps = "/api/v1/namespaces/default/configmaps";
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "weak" }, data: { key: "kept" } };
    await a.admin.must("POST", maps, { body: map });
    await expectEncrypted("weak", "k8s:enc:aescbc:v1:mine:");
    expect(await check(a)).toMatchObject({ status: "warn", findings: [{ cause: "k8s.at-rest-weak-provider" }] });
    const left = await initEncryption(a, ["--rotate", "current.yaml"], weak);
    const b = await servers.start("a", left.files[MAIN]);
    await paste(b, left.run, "for kind in ");
    const last = await servers.start("a", left.files[LAST]);
    expect((await last.admin.must("GET", `${maps}/weak`)).data).toEqual({ key: "kept" });
    for (const kind of ["secrets", "configmaps", "namespaces", "serviceaccounts", "services", "events", "endpoints"])
      expect((await last.admin.get(`/api/v1/${kind}`)).status, kind).toBe(200);
    expect(await valueAt(last, "weak")).toBe(CANARY_SECRET);
    await expectEncrypted("weak", "k8s:enc:secretbox:v1:key1:");
  });
});

test("a KMS plugin takes the place of a key in a file", async () => {
  const socket = join(store.folder, "kms.sock");
  const plugin = await startKmsPlugin(socket);
  const before = stringify(
    configuration([
      { resources: ["secrets"], providers: [{ secretbox: { keys: [{ name: "a", secret: KEY }] } }, { identity: {} }] },
    ]),
  );
  // A cluster of its own: the keys of the other one are gone.
  const leash = new Leash("kms-etcd");
  const own = await startEtcd(leash, bin);
  const others = new ApiServers(own);
  try {
    const a = await others.start("a", before);
    await write(a, "kept");
    const args = ["--rotate", "current.yaml", "--provider", "kms", "--kms-endpoint", `unix://${socket}`];
    const { run: made, files } = await initEncryption(a, args, before);
    const b = await others.start("a", files[MAIN]);
    await paste(b, made, "kubectl get secrets ");
    const last = await others.start("a", files[LAST]);
    expect(await valueAt(last, "kept")).toBe(CANARY_SECRET);
    await expectEncrypted("kept", "k8s:enc:kms:v2:kms:", own);
    expect(keyIn(files[LAST])).toBe(false);
    await write(last, "new");
    expect((await inForce(last)).text).toMatch(/^Secrets are encrypted with kms v2 \(plugin kms\), /);
    expect(new Set(plugin.calls)).toEqual(new Set(["Status", "Encrypt", "Decrypt"]));
  } finally {
    await others.stop();
    await leash.end();
    await plugin.stop();
  }
});

describe("what the tool says is refused, kube-apiserver refuses", () => {
  const box = { secretbox: { keys: [{ name: "a", secret: KEY }] } };
  const key = (name: string, secret: string): object => ({ secretbox: { keys: [{ name, secret }] } });
  const kms = (more: object): object => ({
    kms: { apiVersion: "v2", name: "kms", endpoint: "unix:///run/kms.sock", timeout: "3s", ...more },
  });
  const of = (provider: object): object[] => [{ resources: ["secrets"], providers: [provider] }];

  test.each([
    ["a short key", of(key("a", "c2hvcnQ=")), "secret is not of the expected length"],
    ["no base64", of(key("a", "0123456789abcdef0123456789abcde-")), "secrets must be base64 encoded"],
    ["no secret", of(key("a", "")), "secret is a mandatory field"],
    ["no name", of(key("", KEY)), "name is a mandatory field"],
    ["no key", of({ secretbox: { keys: [] } }), "at least one keys is required"],
    ["two providers in one", of({ ...box, identity: {} }), "more than one provider specified"],
    ["no provider", of({}), "does not contain any of the expected providers"],
    ["a colon in a name", of(kms({ name: "a:b" })), "must not contain ':'"],
    ["another scheme", of(kms({ endpoint: "https://kms.example.com" })), "unsupported scheme"],
    ["another version", of(kms({ apiVersion: "v3" })), "only v1 and v2 are supported"],
    [
      "two plugins of one name",
      [
        { resources: ["secrets"], providers: [kms({})] },
        { resources: ["configmaps"], providers: [kms({ endpoint: "unix:///run/other.sock" })] },
      ],
      "names must be unique",
    ],
    ["a number for a resource", [{ resources: ["secrets", 7], providers: [box] }], "cannot unmarshal number"],
    ["an entry without providers", [{ resources: ["secrets"], providers: [] }], "providers is required"],
    ["an entry without resources", [{ resources: [], providers: [box] }], "resources is required"],
    ["twice", [{ resources: ["secrets", "secrets"], providers: [box] }], "cannot be specified multiple times"],
    ["a wildcard beside", [{ resources: ["secrets", "*."], providers: [box] }], "overlapping resources"],
    ["a star", [{ resources: ["*"], providers: [box] }], "use '*.' to encrypt all the resources"],
    ["capitals", [{ resources: ["Secrets"], providers: [box] }], "should not contain capital letters"],
    ["across groups", [{ resources: ["secrets.*"], providers: [box] }], "across groups is not supported"],
    ["events.k8s.io", [{ resources: ["events.events.k8s.io"], providers: [box] }], "Use 'events' instead"],
    ["extensions", [{ resources: ["ingresses.extensions"], providers: [box] }], "'extensions' group has been removed"],
    [
      "a wildcard before",
      [
        { resources: ["*."], providers: [box] },
        { resources: ["secrets"], providers: [box] },
      ],
      "is masked by earlier rule",
    ],
  ])("%s", async (_, resources, message) => {
    const object = configuration(resources);
    expect(readEncryptionConfiguration(object).refused).toHaveLength(1);
    await expect(servers.start("refused", stringify(object))).rejects.toThrow(message);
  });
});
