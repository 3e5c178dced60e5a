import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { ownWayOf } from "../../src/domain/at-rest.ts";
import { startAwsServer, type InProcessCloud } from "../support/aws-server/index.ts";
import type { AnyObject } from "../support/follow.ts";
import { startGoogleServer } from "../support/google-server/index.ts";
import { startKubeServer, type InProcessCluster, type KubeServerOptions } from "../support/kube-server/index.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";
import { runHere } from "../support/run-here.ts";

const KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab";
const ARN = "arn:aws:eks:us-east-1:123456789012:cluster/prod";
const MAIN = "encryption-configuration.yaml";
const FIRST = "encryption-configuration.first.yaml";
const LAST = "encryption-configuration.last.yaml";
const written = (prefix: string): string =>
  `apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="to_storage",transformer_prefix="${prefix}"} 2`;
const apiServer = (name: string): AnyObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "kube-system", labels: { component: "kube-apiserver" } },
  spec: { containers: [{ name: "kube-apiserver", command: ["kube-apiserver"] }] },
});

let cluster: InProcessCluster;
let cloud: InProcessCloud;
beforeAll(async () => {
  cluster = await startKubeServer({ controllers: false });
  cloud = await startAwsServer();
});
afterAll(async () => {
  await cluster.stop();
  await cloud.stop();
});

interface Kept {
  readonly run: BinRun;
  /** Name → content and mode, of a folder below the working directory. */
  readonly files: Readonly<Record<string, { readonly text: string; readonly mode: string }>>;
}

/** Every key of every file is looked for in all that the run printed. */
async function init(
  args: readonly string[],
  options: BinOptions = {},
  folder = "encryption",
  command: typeof runHere = runHere,
): Promise<Kept> {
  const files: Record<string, { text: string; mode: string }> = {};
  const run = await command(["init", "encryption", ...args], {
    kubeconfig: cluster.kubeconfig(),
    ...options,
    after: (cwd) => {
      const names = readdirSync(cwd).includes(folder) ? readdirSync(join(cwd, folder)) : [];
      for (const name of names) {
        const path = join(cwd, folder, name);
        files[name] = { text: readFileSync(path, "utf8"), mode: (statSync(path).mode & 0o777).toString(8) };
      }
    },
  });
  for (const { text } of Object.values(files)) for (const key of keysIn(text)) expectHidden(run, key);
  return { run, files };
}

function keysIn(text: string): string[] {
  return [...text.matchAll(/secret: "?([A-Za-z0-9+/=]{40,})/g)].map(([, key = ""]) => key);
}

function expectHidden({ stdout, stderr }: BinRun, key: string): void {
  const bytes = Buffer.from(key, "base64");
  for (const form of [key, key.slice(0, 20), bytes.toString("hex"), bytes.toString("base64url")])
    expect(`${stdout}${stderr}`.includes(form), "the key is printed").toBe(false);
}

const providersOf = (text: string): AnyObject[] => parse(text).resources[0].providers;
const provider = (one: AnyObject): string =>
  one["secretbox"] === undefined ? Object.keys(one).join() : `secretbox ${one["secretbox"].keys[0].name}`;

describe("a control plane of one's own", () => {
  test("gets a file with a key of its own, for root alone", async () => {
    const { run, files } = await init(["--write-to", "encryption"], {}, "encryption", runBin);
    expect(run.code).toBe(0);
    expect(Object.keys(files).sort()).toEqual([FIRST, MAIN]);
    for (const { mode } of Object.values(files)) expect(mode).toBe("600");
    const { text } = files[MAIN] ?? { text: "" };
    expect(parse(text)).toMatchObject({
      apiVersion: "apiserver.config.k8s.io/v1",
      kind: "EncryptionConfiguration",
      resources: [{ resources: ["secrets"] }],
    });
    expect(providersOf(text).map(provider)).toEqual(["secretbox key1", "identity"]);
    expect(providersOf(files[FIRST]?.text ?? "").map(provider)).toEqual(["identity", "secretbox key1"]);
    const [key = "", ...more] = keysIn(text);
    expect([Buffer.from(key, "base64").length, more]).toEqual([32, []]);
    expect(keysIn(files[FIRST]?.text ?? "")).toEqual([key]);
    expect(run.stdout).toContain(`Written: encryption/${MAIN} (mode 0600)`);
    expect(run.stdout).toContain("kubectl get secrets --all-namespaces");
    const again = await init(["--write-to", "encryption"]);
    expect(keysIn(again.files[MAIN]?.text ?? "")).not.toEqual([key]);
  });

  test("what is written passes the check of files", async () => {
    const { files } = await init(["--write-to", "encryption", "--resources", "secrets,configmaps"]);
    const text = files[MAIN]?.text ?? "";
    const run = await runBin(["validate", MAIN, "-o", "json"], { files: { [MAIN]: text } });
    const { status } = run.json.results.find(({ code }: AnyObject) => code === "ANT0813");
    expect([run.code, status]).toEqual([0, "pass"]);
    for (const key of keysIn(text)) expectHidden(run, key);
  });

  test("one API server waits for no other", async () => {
    cluster.reset([apiServer("kube-apiserver-a")]);
    const { run, files } = await init(["--write-to", "encryption"]);
    expect(Object.keys(files)).toEqual([MAIN]);
    expect(run.stdout).not.toContain(FIRST);
    expect(run.stdout).toContain("In force now: Secrets are encrypted by nothing that can be seen: kube-apiserver");
    cluster.reset([]);
  });

  test("twice: the key stays", async () => {
    const kept = "kept: true\n";
    const { run, files } = await init(["--write-to", "encryption"], { files: { [`encryption/${MAIN}`]: kept } });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(
      `Nothing was written: encryption/${MAIN} is there already, and its key may be in use.`,
    );
    expect(Object.entries(files).map(([name, { text }]) => [name, text])).toEqual([[MAIN, kept]]);
    expect(run.stdout).not.toContain("Written:");
    expect(run.stdout).toContain("kubectl replace");
  });

  test("not another key where one is in force", async () => {
    for (const metrics of [[written("k8s:enc:secretbox:v1:")], [written("")]]) {
      cluster.reset([], metrics);
      const { run, files } = await init(["--write-to", "encryption", "-o", "json"]);
      expect(run.stderr).toContain("Nothing was written: the control plane has an EncryptionConfiguration");
      expect([run.code, run.json.files, run.json.steps, files]).toEqual([0, [], [], {}]);
    }
    cluster.reset([]);
  });

  test("a dry run shows the file without its key, and writes nothing", async () => {
    const { run, files } = await init(["--dry-run", "--write-to", "encryption", "-o", "json"]);
    expect(files).toEqual({});
    expect(run.json).toMatchObject({ schema: "antfly-creds.encryption/v1", platform: "self-managed", exitCode: 0 });
    expect(run.json.files.map(({ path, written: is }: AnyObject) => [path, is])).toEqual([
      [`encryption/${FIRST}`, false],
      [`encryption/${MAIN}`, false],
    ]);
    expect(run.json.files[1].shown).toContain("secret: <32 bytes, not shown>");
    const human = await init(["--dry-run"]);
    expect(human.run.stdout).toContain("secret: <32 bytes, not shown>");
  });

  test("nothing is made where it could not be kept", async () => {
    const { run } = await init([]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("the file has a key in it, which is never printed");
    expect(run.stderr).toContain("--write-to DIR");
    expect(run.stdout).toBe("");
  });

  test("not into a Git work tree, unless it holds no key", async () => {
    const before = (cwd: string): void => void execFileSync("git", ["init", "--quiet"], { cwd });
    const { run, files } = await init(["--write-to", "encryption"], { before });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("encryption lies in a Git work tree");
    expect(files).toEqual({});
    expect((await init(["--write-to", "encryption", "--plaintext-in-git"], { before })).run.code).toBe(0);
    const kms = ["--provider", "kms", "--kms-endpoint", "unix:///run/kms/kms.sock"];
    expect((await init(["--write-to", "encryption", ...kms], { before })).run.code).toBe(0);
  });

  test("a KMS plugin", async () => {
    const kms = ["--provider", "kms", "--kms-endpoint", "unix:///run/kms/kms.sock", "--kms-name", "vault"];
    const { run, files } = await init(["--write-to", "encryption", ...kms]);
    expect(providersOf(files[MAIN]?.text ?? "")).toEqual([
      { kms: { apiVersion: "v2", name: "vault", endpoint: "unix:///run/kms/kms.sock", timeout: "3s" } },
      { identity: {} },
    ]);
    expect(run.stdout).toContain("listens on unix:///run/kms/kms.sock");
    expect(run.stdout).toContain("hostPath: {path: /run/kms, type: Directory}");
  });

  test.each([
    [["--provider", "aescbc"], "aescbc is not written: it can be attacked through its padding"],
    [["--provider", "aesgcm"], "aesgcm is not written: its key has to be replaced by a program"],
    [["--provider", "identity"], "identity is not written: it encrypts nothing"],
    [["--provider", "secretbx"], "did you mean --provider secretbox?"],
    [["--provider", "kms"], "--provider kms takes the socket of a KMS v2 plugin"],
    [["--provider", "kms", "--kms-endpoint", "https://kms.example.com"], "takes the socket of a KMS v2 plugin"],
    [
      ["--provider", "kms", "--kms-endpoint", "unix:///run/k", "--kms-name", "a:b"],
      "--kms-name is a name without a colon",
    ],
    [["--kms-endpoint", "unix:///run/k"], "--kms-endpoint goes with --provider kms"],
    [["--resources", "configmaps"], "--resources leaves the Secrets in clear"],
    [["--resources", "secrets,*."], "--resources names secrets beside *., which covers it"],
    [["--key", KMS_KEY], "--key is for EKS and GKE"],
  ])("%s is refused", async (args, message) => {
    const { run, files } = await init(["--write-to", "encryption", ...args]);
    expect(run.stderr).toContain(message);
    expect(run.code).toBe(2);
    expect(files).toEqual({});
  });
});

describe("a configuration that is there", () => {
  const KEY = Buffer.from("0123456789abcdef0123456789ABCDEF").toString("base64");
  const configuration = (providers: string, resources = "[secrets]"): string =>
    `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n  - {resources: [events], providers: [{identity: {}}]}\n  - {resources: ${resources}, providers: ${providers}}\n`;
  const kms = (version: string, name: string): string =>
    `{kms: {apiVersion: ${version}, name: ${name}, endpoint: "unix:///run/${name}.sock"}}`;
  const rotate = async (text: string): Promise<Kept> => {
    const kept = await init(["--rotate", "now.yaml", "--write-to", "encryption"], { files: { "now.yaml": text } });
    expectHidden(kept.run, KEY);
    return kept;
  };
  const stages = ({ files }: Kept): string[][] =>
    [FIRST, MAIN, LAST].map((name) => parse(files[name]?.text ?? "").resources[1].providers.map(provider));

  test("its key is replaced: second, first, alone", async () => {
    const kept = await rotate(configuration(`[{secretbox: {keys: [{name: key1, secret: ${KEY}}]}}, {identity: {}}]`));
    expect(kept.run.code).toBe(0);
    expect(stages(kept)).toEqual([
      ["secretbox key1", "secretbox key2", "identity"],
      ["secretbox key2", "secretbox key1", "identity"],
      ["secretbox key2"],
    ]);
    expect(parse(kept.files[LAST]?.text ?? "").resources[0]).toEqual({
      resources: ["events"],
      providers: [{ identity: {} }],
    });
    expect(kept.run.stdout).toContain("sudo mv /etc/kubernetes/manifests/kube-apiserver.yaml");
  });

  test("a weak provider is left behind", async () => {
    const kept = await rotate(configuration(`[{aescbc: {keys: [{name: a, secret: ${KEY}}]}}]`, "['*.']"));
    expect(stages(kept)).toEqual([["aescbc", "secretbox key1"], ["secretbox key1", "aescbc"], ["secretbox key1"]]);
  });

  test.each([
    ["kind: ConfigMap\n", "now.yaml is no EncryptionConfiguration"],
    [`secret: "${KEY}\n  x: [`, "now.yaml is not valid YAML"],
    [
      configuration("[{secretbox: {keys: [{name: a, secret: c2hvcnQ=}]}}]"),
      "has a key a of secretbox with 5 bytes, and it takes 32",
    ],
    [configuration("[{identity: {}}]", "[configmaps]"), "now.yaml has no entry for Secrets"],
    ["kind: EncryptionConfiguration\n", "now.yaml has no entry for Secrets"],
    ["kind: EncryptionConfiguration\nresources: secrets\n", "now.yaml has no entry for Secrets"],
    [`kind: &a {secret: ${KEY}, again: *a}\n`, "now.yaml is not valid YAML"],
    [`kind: ConfigMap\nsecret: !own ${KEY}\n`, "now.yaml is no EncryptionConfiguration"],
    [`%KEY ${KEY}\n---\nkind: ConfigMap\n`, "now.yaml is no EncryptionConfiguration"],
    [
      configuration(`[${kms("v2", "vault")}, ${kms("v1", "old")}, ${kms("v2", "vault")}]`),
      "kube-apiserver does not start with now.yaml: it has two providers kms vault",
    ],
    [
      configuration(`[{secretbox: {keys: [{name: a, secret: ${KEY}}]}}]`, "[secrets, 7]"),
      "kube-apiserver does not start with now.yaml: it names a resource that is no text",
    ],
  ])("a file that is none, or a broken one, is refused", async (text, message) => {
    const { run, files } = await rotate(text);
    expect(run.stderr).toContain(message);
    expect([run.code, files]).toEqual([2, {}]);
  });

  test("another KMS plugin gets another name", async () => {
    const files = { "now.yaml": configuration(`[${kms("v2", "vault")}]`) };
    const other = ["--provider", "kms", "--kms-endpoint", "unix:///run/other.sock", "--kms-name"];
    const args = ["--rotate", "now.yaml", "--write-to", "encryption", ...other];
    const taken = await init([...args, "vault"], { files });
    expect(taken.run.stderr).toContain("now.yaml has a provider kms vault already, and each has a name of its own");
    expect([taken.run.code, taken.files]).toEqual([2, {}]);
    expect((await init([...args, "vault2"], { files })).run.code).toBe(0);
  });
});

describe("what is in force", () => {
  const now = async (
    options: KubeServerOptions,
    args: readonly string[] = [],
    more: BinOptions = {},
  ): Promise<AnyObject> => {
    const other = await startKubeServer({ controllers: false, ...options });
    const entry = args.includes("--eks") ? { clusterEntry: ARN } : {};
    const flags = args.filter((one) => one !== "--eks");
    try {
      const { run } = await init([...flags, "-o", "json"], { kubeconfig: other.kubeconfig(entry), ...more });
      return run.json;
    } finally {
      await other.stop();
    }
  };

  test("by the API server's own count", async () => {
    const { inForce } = await now({ metrics: [written("k8s:enc:secretbox:v1:")] }, ["--dry-run"]);
    expect(inForce).toEqual({
      state: "encrypted",
      text: "Secrets are encrypted with secretbox, as the API server that was asked counts what it writes",
    });
  });

  test("is unknown where nothing tells it", async () => {
    const { inForce } = await now({}, ["--dry-run"]);
    expect(inForce.state).toBe("unknown");
  });

  test("EKS from 1.28 on encrypts by itself; a key of one's own is a command", async () => {
    const json = await now({ version: "v1.33.5-eks-3025e55" }, ["--eks", "--key", KMS_KEY]);
    expect(json).toMatchObject({ platform: "eks", inForce: { state: "encrypted" }, files: [] });
    expect(json.steps.flatMap(({ commands }: AnyObject) => commands)).toEqual([
      `aws eks associate-encryption-config --cluster-name prod --encryption-config '[{"resources":["secrets"],"provider":{"keyArn":"${KMS_KEY}"}}]' --region us-east-1`,
      "aws eks wait cluster-active --name prod --region us-east-1",
      "aws eks describe-cluster --name prod --query cluster.encryptionConfig --region us-east-1",
      expect.stringMatching(
        /^kubectl get secrets --all-namespaces -o json \| kubectl annotate --overwrite -f - kms-encryption-timestamp=20\d\d-/,
      ),
    ]);
  });

  test("EKS says whose key it is, and then there is nothing to do", async () => {
    cloud.reset({ clusters: [{ name: "prod", encryptionKey: KMS_KEY }] });
    const env = { ...cloud.env, ANTFLY_CREDS_CLOUD: "" };
    const json = await now({ version: "v1.27.16-eks-a737599" }, ["--eks"], { env });
    expect(json.inForce).toEqual({ state: "encrypted", text: `Secrets are encrypted by EKS with your key ${KMS_KEY}` });
    expect(json.steps).toEqual([]);
    cloud.reset({ clusters: [{ name: "prod" }] });
    const without = await now({ version: "v1.27.16-eks-a737599" }, ["--eks"], { env });
    expect(without.inForce.state).toBe("not-told");
    expect(without.steps[0].commands[0]).toMatch(/^aws kms create-key /);
  });

  test.each([
    ["v1.33.4+k3s1", "k3s", "k3s secrets-encrypt status"],
    ["v1.33.4+rke2r1", "RKE2", "rke2 secrets-encrypt status"],
  ])("%s keeps its file itself: no steps of another kind are printed", async (version, name, instead) => {
    const { error, files } = await now({ version }, ["--write-to", "encryption"]);
    expect(error.message).toContain(`this control plane is of ${name}, which keeps its EncryptionConfiguration itself`);
    expect(error.hint).toContain(instead);
    expect(files).toBeUndefined();
    expect((await now({ version }, ["--dry-run", "--platform", "self-managed"])).files).toHaveLength(2);
  });

  test("AKS is told by its address", () => {
    const server = "https://prod-dns-1a2b3c4d.hcp.westeurope.azmk8s.io:443";
    expect(ownWayOf("v1.33.4", server)?.name).toBe("AKS");
    for (const other of ["https://azmk8s.io.example.com", "https://10.0.0.1:6443"])
      expect(ownWayOf("v1.33.4", other)).toBeUndefined();
  });

  test("GKE gets its own commands", async () => {
    const json = await now({ version: "v1.33.5-gke.1080000" }, ["--gke-cluster", "acme-prod/europe-west1-b/prod"]);
    expect(json).toMatchObject({ platform: "gke", inForce: { state: "unknown" } });
    const commands = json.steps.flatMap((step: AnyObject) => step["commands"]);
    expect(commands).toContain(
      "gcloud container clusters update prod --location europe-west1-b --project acme-prod --database-encryption-key projects/acme-prod/locations/europe-west1/keyRings/antfly/cryptoKeys/secrets",
    );
    expect(commands.at(-1)).toBe(
      "gcloud container clusters describe prod --location europe-west1-b --project acme-prod --format 'value(databaseEncryption)'",
    );
  });

  test("GKE says what is in force, and the number of its project", async () => {
    const path = "projects/acme-prod/locations/europe-west1/clusters/prod";
    const issuer = `https://container.googleapis.com/v1/${path}`;
    const key = "projects/acme-prod/locations/europe-west1/keyRings/r/cryptoKeys/k";
    const google = await startGoogleServer({ clusters: [{}] });
    const env = { ...google.env, ANTFLY_CREDS_CLOUD: "" };
    const options = { version: "v1.33.5-gke.1080000", issuer };
    const off = await now(options, ["--key", key], { env });
    expect(off.inForce).toEqual({
      state: "not-told",
      text: "Secrets are encrypted by the disks of Google alone: GKE cluster acme-prod/europe-west1/prod has databaseEncryption DECRYPTED",
    });
    expect(off.steps[0].commands).toEqual([
      expect.stringMatching(
        /^gcloud kms keys add-iam-policy-binding projects\/acme-prod\/\S+ --member serviceAccount:service-\d+@container-engine-robot\./,
      ),
    ]);
    google.reset({ clusters: [{ databaseEncryption: { state: "ENCRYPTED", keyName: key } }] });
    const on = await now(options, [], { env });
    expect(on).toMatchObject({ inForce: { state: "encrypted" }, steps: [] });
    const named = await now({ version: "v1.33.5", issuer }, ["--gke-cluster", "acme-prod/europe-west1/prod"], { env });
    expect(named).toMatchObject({ platform: "gke", inForce: { state: "encrypted" } });
    await google.stop();
  });

  test("a server that cannot be asked has to be told by the user", async () => {
    const gone = await startKubeServer({ controllers: false });
    const kubeconfig = gone.kubeconfig();
    await gone.stop();
    const { run } = await init(["--write-to", "encryption"], { kubeconfig });
    expect(run.code).toBe(5);
    expect(run.stderr).toContain("--platform eks, gke or self-managed says it");
    const told = await init(["--write-to", "encryption", "--platform", "self-managed", "-o", "json"], { kubeconfig });
    expect(told.run.json.inForce.state).toBe("unknown");
    expect(told.files[MAIN]?.mode).toBe("600");
  });

  test("no file for a control plane of a cloud", async () => {
    const { run, files } = await init(["--platform", "gke", "--write-to", "encryption"]);
    expect(run.stderr).toContain("--write-to is for a control plane of one's own, and this one is of GKE");
    expect([run.code, files]).toEqual([2, {}]);
  });

  test("a key that is none", async () => {
    expect((await init(["--platform", "eks", "--key", "alias/mine"])).run.stderr).toContain(
      '"alias/mine" names no key',
    );
    expect((await init(["--platform", "gke", "--key", KMS_KEY])).run.stderr).toContain("--key takes projects/PROJECT/");
  });
});
