import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

import type { ExternalSecretOptions } from "../../src/commands/external-secret-options.ts";
import { initExternalSecret } from "../../src/commands/init-external-secret.ts";
import { antflyCluster, create, forGeneration, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import { crdsOf, type StandInGeneration } from "../support/crds/crds.ts";
import { externalSecretsCrds } from "../support/crds/external-secrets.ts";
import { ControllerAtWork } from "../support/external-secrets/at-work.ts";
import type { ProviderStandIn } from "../support/external-secrets/provider.ts";
import type { AnyObject } from "../support/follow.ts";
import type { LoggedCall } from "../support/kube-server/faults.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { testApp } from "../support/test-app.ts";
import { userWith } from "../support/test-cluster.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";
import { quickClock } from "../support/quick-clock.ts";
import { runHere } from "../support/run-here.ts";

const NS = "production";
const NAME = "c1-backup-credentials";
const ESO = `/apis/external-secrets.io/v1/namespaces/${NS}`;
const FROM = ["--from", "aws-secrets-manager", "--region", "us-east-1", "--yes", "--wait", "0s"];
const ENTRY = "antfly/production/c1";

let cluster: InProcessCluster;
let controller: ControllerAtWork | undefined;
let provider: ProviderStandIn;

async function begin(served: readonly string[] = ["v1"], generation: StandInGeneration = 2): Promise<void> {
  const objects = [...crdsOf(generation), ...externalSecretsCrds(served)];
  cluster = await startKubeServer({ controllers: false, objects });
  await cluster.admin.must("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NS } },
  });
}

/** The controller at work, with the entry in its manager. */
async function work(version = "v1"): Promise<ProviderStandIn> {
  controller = await ControllerAtWork.start(cluster.admin, NS, version);
  controller.provider.entries.set(ENTRY, { access_key_id: CANARY_ID, secret_access_key: CANARY_SECRET });
  return controller.provider;
}

beforeEach(async () => {
  await begin();
  provider = await work();
});
afterEach(async () => {
  await controller?.stop();
  controller = undefined;
  await cluster.stop();
});

const init = (args: readonly string[] = FROM, options: BinOptions = {}): Promise<BinRun> => {
  const kubeconfig = cluster.kubeconfig({ namespace: NS });
  return runHere(["init", "external-secret", "c1", ...args], { kubeconfig, ...options }, quickClock());
};
/** The same by the built bin, which can be interrupted. */
const initByBin = (options: BinOptions = {}): Promise<BinRun> =>
  runBin(["init", "external-secret", "c1", ...FROM], { kubeconfig: cluster.kubeconfig({ namespace: NS }), ...options });
const at = (path: string): Promise<AnyObject> => cluster.admin.get(path);
const clusterNow = async (): Promise<AnyObject> =>
  (await at(`/apis/antfly.io/v1/namespaces/${NS}/antflyclusters/c1`)).body;
const withCluster = (envFrom: readonly AnyObject[] = [], metadata: AnyObject = {}): Promise<AnyObject> => {
  const object = antflyCluster(NS, "c1", envFrom);
  return create(cluster.admin, { ...object, metadata: { ...object.metadata, ...metadata } });
};
const isWrite = (call: LoggedCall): boolean =>
  ["create", "patch", "update", "delete"].includes(call.verb) && !call.dryRun && !call.resource.endsWith("reviews");
/** Everything that the command may have made. */
const everything = async (): Promise<AnyObject> => ({
  stores: (await at(`${ESO}/secretstores`)).body.items.length,
  externalSecrets: (await at(`${ESO}/externalsecrets`)).body.items.length,
  secrets: (await at(`/api/v1/namespaces/${NS}/secrets`)).body.items.map(({ metadata }: AnyObject) => metadata.name),
  envFrom: (await clusterNow()).spec.dataNodes.envFrom,
});
const NOTHING = { stores: 0, externalSecrets: 0, secrets: [], envFrom: [] };

test("from nothing: store, ExternalSecret, Secret, and only then the references to it", async () => {
  await withCluster();
  const run = await initByBin();
  expect(run.stderr).toContain("create SecretStore production/c1-backup-credentials");
  expect(run.stderr).toContain("done: wait until External Secrets has written Secret production/c1-backup-credentials");
  const { body } = await at(`/api/v1/namespaces/${NS}/secrets/${NAME}`);
  const decoded = Object.fromEntries(
    Object.entries<string>(body.data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
  expect(decoded).toEqual({
    AWS_ACCESS_KEY_ID: CANARY_ID,
    AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
    AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
    AWS_REGION: "us-east-1",
  });
  const { spec } = await clusterNow();
  for (const field of ["metadataNodes", "dataNodes"]) expect(spec[field].envFrom).toEqual([secretRef(NAME)]);
  expect(run.stderr).toContain("No refresh replaces a pod: this operator looks at the Secret's name alone");
  expect(run.code).toBe(0);
});

test.each([
  [1, "No refresh replaces a pod by itself: this operator does so at its next reconcile after it, all of them."],
  [3, "No refresh replaces a pod: this operator looks at the Secret's name alone"],
] as const)("what a refresh does is told of the operator that runs: generation %i", async (generation, words) => {
  await controller?.stop();
  await cluster.stop();
  await begin(["v1"], generation);
  await work();
  await create(cluster.admin, forGeneration(generation, antflyCluster(NS, "c1", [])));
  const run = await init();
  expect(run.stderr).toContain(words);
  expect(run.code).toBe(0);
});

test("twice is no change, whatever the server has filled in", async () => {
  await withCluster();
  await init();
  cluster.calls.length = 0;
  const run = await init();
  expect(run.stderr).toContain("Nothing to change: ExternalSecret c1-backup-credentials is as wanted");
  expect(run.stderr).not.toContain("create");
  const made = new Set(["secretstores", "externalsecrets", "antflyclusters"]);
  expect(cluster.calls.filter((call) => isWrite(call) && made.has(call.resource))).toEqual([]);
  expect(run.code).toBe(0);
});

test("what is changed is shown as a difference, and changed", async () => {
  await withCluster();
  await init();
  provider.entries.set("other", { id: CANARY_ID, key: CANARY_SECRET });
  const run = await init([...FROM, "--remote-key", "other", "--id-property", "id", "--secret-property", "key"]);
  expect(run.stderr).toMatch(/^ {3}- {9}key: antfly\/production\/c1$/m);
  expect(run.stderr).toMatch(/^ {3}\+ {9}key: other$/m);
  expect(run.stderr).not.toContain("conversionStrategy");
  expect(run.code).toBe(0);
  expect((await at(`${ESO}/externalsecrets/${NAME}`)).body.spec.data[1].remoteRef).toMatchObject({
    key: "other",
    property: "key",
  });
});

test("a dry run is checked by the server and changes nothing", async () => {
  await withCluster();
  const run = await init([...FROM.slice(0, 4), "--dry-run"]);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("2. create ExternalSecret production/c1-backup-credentials");
  expect(run.stderr).toContain("the server accepts every step; nothing was changed");
  expect(await everything()).toEqual(NOTHING);
});

test("how the values come into the manager is said before anybody is asked, and takes them from a file", async () => {
  await withCluster();
  const run = await init([...FROM, "--dry-run"]);
  expect(run.stderr).toContain(
    `  aws secretsmanager create-secret --name ${ENTRY} --secret-string file://keys.json --region us-east-1`,
  );
  expect(run.stderr).toContain(
    "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:*:secret:antfly/production/c1-??????",
  );
});

describe("what External Secrets cannot do is taken back", () => {
  beforeEach(() => withCluster());

  test("an entry that is not there: what to do about it is said", async () => {
    provider.entries.clear();
    const run = await init();
    expect(run.stderr).toContain(
      `ExternalSecret ${NS}/${NAME} is not ready: could not get secret data from provider (SecretSyncedError); its newest event: error processing spec.data[0] (key: ${ENTRY}), err: Secret does not exist`,
    );
    expect(run.stderr).toContain("eso.remote-missing");
    expect(run.stderr).toContain(
      `undone: create ExternalSecret ${NS}/${NAME} (with it goes Secret ${NS}/${NAME}, if External Secrets had written it)`,
    );
    expect(run.stderr).not.toContain("undone: wait");
    expect(run.code).toBe(6);
    expect(await everything()).toEqual(NOTHING);
  });

  test("an entry that may not be read: the right that is missing is named", async () => {
    provider.refuses = `operation error Secrets Manager: GetSecretValue, api error AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/eso/x is not authorized to perform: secretsmanager:GetSecretValue on resource: ${ENTRY} because no identity-based policy allows the secretsmanager:GetSecretValue action`;
    const run = await init();
    expect(run.stderr).toContain("eso.remote-denied");
    expect(run.stderr).toContain("needs secretsmanager:DescribeSecret and secretsmanager:GetSecretValue on arn:aws:");
    expect(run.code).toBe(6);
    expect(await everything()).toEqual(NOTHING);
  });

  test("a store that cannot be used", async () => {
    provider.unusable = "an IAM role must be associated with service account eso-reader (namespace: production)";
    const run = await init();
    expect(run.stderr).toContain(
      `SecretStore ${NS}/${NAME} is not ready: unable to create client (InvalidProviderConfig); its newest event: an IAM role must be associated`,
    );
    expect(run.code).toBe(6);
    expect(await everything()).toEqual(NOTHING);
  });

  test("a change of an ExternalSecret that worked", async () => {
    await init();
    const before = (await at(`${ESO}/externalsecrets/${NAME}`)).body.spec;
    const run = await init([...FROM, "--remote-key", "nowhere"]);
    expect(run.code).toBe(6);
    expect((await at(`${ESO}/externalsecrets/${NAME}`)).body.spec).toEqual(before);
  });

  test("and an AntflyCluster that refuses", async () => {
    const fault = { kind: "status", code: 422, reason: "Invalid", message: "spec is immutable today" } as const;
    cluster.faults.add({
      when: ({ resource, verb, dryRun }) => resource === "antflyclusters" && verb === "patch" && !dryRun,
      fault,
    });
    const run = await init();
    expect(run.stderr).toContain("spec is immutable today");
    expect(run.code).toBe(6);
    const left = await everything();
    expect(left).toMatchObject({ stores: 0, envFrom: [] });
  });
});

describe("what is in the way", () => {
  test("External Secrets is not installed: exit 3, and nothing is changed; files are written all the same", async () => {
    await controller?.stop();
    await cluster.stop();
    await begin([]);
    controller = undefined;
    await withCluster();
    cluster.calls.length = 0;
    const run = await init();
    expect(run.stderr).toContain(
      "error: External Secrets is not installed on this cluster: the API server does not serve external-secrets.io; nothing was changed",
    );
    expect(run.code).toBe(3);
    expect(cluster.calls.filter(isWrite)).toEqual([]);
    const files = await init([...FROM, "--write-to", "out"]);
    expect(files.stderr).toContain("the manifests are for its version v1");
    expect(files.code).toBe(0);
  });

  test("an old installation serves v1beta1 alone", async () => {
    await controller?.stop();
    await cluster.stop();
    await begin(["v1beta1"]);
    await work("v1beta1");
    await withCluster();
    const run = await init();
    expect(run.stderr).toContain("note: this cluster serves external-secrets.io/v1beta1 and not v1");
    expect(run.code).toBe(0);
    const beta = ESO.replace("/v1/", "/v1beta1/");
    expect((await at(`${beta}/externalsecrets/${NAME}`)).body.apiVersion).toBe("external-secrets.io/v1beta1");
    expect((await init()).stderr).toContain("Nothing to change");
  });

  test("a Secret that no ExternalSecret wrote is left alone; another name puts one beside it", async () => {
    await create(cluster.admin, secret(NS, "keys", { AWS_ACCESS_KEY_ID: "AKIAOLD0000000000000", OTHER: "x" }));
    await withCluster([secretRef("keys")]);
    const run = await init();
    expect(run.stderr).toContain("Secret production/keys is there already, and no ExternalSecret wrote it");
    expect(run.stderr).toContain("use --secret-name NEW");
    expect(run.code).toBe(2);
    expect(await everything()).toEqual({ ...NOTHING, secrets: ["keys"], envFrom: [secretRef("keys")] });
    const beside = await init([...FROM, "--secret-name", "from-manager"]);
    expect(beside.stderr).toContain("note: Secret keys sets keys as well, and loses: take it out of envFrom");
    expect(beside.code).toBe(0);
    expect((await clusterNow()).spec.dataNodes.envFrom).toEqual([secretRef("keys"), secretRef("from-manager")]);
  });

  test("a session token of another key would spoil the new one", async () => {
    const old = { AWS_ACCESS_KEY_ID: "ASIAOLD0000000000000", AWS_SESSION_TOKEN: "token" };
    await create(cluster.admin, secret(NS, "keys", old));
    await withCluster([secretRef("keys")]);
    const run = await init([...FROM, "--secret-name", "from-manager"]);
    expect(run.stderr).toContain(
      "error: Secret keys sets AWS_SESSION_TOKEN, which would reach the pods beside the new key",
    );
    expect(run.stderr).toContain(
      `kubectl patch secret keys -n production --type merge -p '{"data":{"AWS_SESSION_TOKEN":null}}'`,
    );
    expect(run.code).toBe(2);
    expect((await everything()).envFrom).toEqual([secretRef("keys")]);
  });

  test("another ExternalSecret writes the Secret", async () => {
    await withCluster();
    await create(cluster.admin, {
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      metadata: { name: "other", namespace: NS },
      spec: { secretStoreRef: { name: "s" }, target: { name: NAME }, data: [] },
    });
    const run = await init();
    expect(run.stderr).toContain(`ExternalSecret production/other writes Secret ${NAME} already`);
    expect(run.code).toBe(2);
  });

  test("an ExternalSecret of Argo CD is written to files, or changed when told; what another manager owns never is", async () => {
    await withCluster();
    await init();
    const path = `${ESO}/externalsecrets/${NAME}`;
    const body = {
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      metadata: { annotations: { "argocd.argoproj.io/tracking-id": "app:x" } },
      spec: { refreshInterval: "5m" },
    };
    await cluster.admin.apply(path, body, "argocd-controller");
    const refused = await init([...FROM, "--refresh", "2h"]);
    expect(refused.stderr).toContain(`ExternalSecret production/${NAME} is managed by Argo CD`);
    expect(refused.code).toBe(2);
    const owned = await init([...FROM, "--refresh", "2h", "--managed"]);
    expect(owned.stderr).toContain(`ExternalSecret production/${NAME} is not changed: Apply failed with 1 conflict`);
    expect(owned.stderr).toContain("argocd-controller");
    expect(owned.code).toBe(2);
    expect((await init([...FROM, "--refresh", "2h", "--write-to", "out"])).code).toBe(0);
  });

  test("a ServiceAccount that is not there, and one without a role", async () => {
    await withCluster();
    const reader = [...FROM, "--store-service-account", "eso-reader", "--dry-run"];
    const missing = await init(reader);
    expect(missing.stderr).toContain("error: there is no ServiceAccount eso-reader in namespace production");
    expect(missing.code).toBe(2);
    await cluster.admin.must("POST", `/api/v1/namespaces/${NS}/serviceaccounts`, {
      body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "eso-reader" } },
    });
    expect((await init(reader)).stderr).toContain("ServiceAccount production/eso-reader names no IAM role");
  });

  test.each([
    ["--remote-key", "../x"],
    ["--id-property", "'; rm -rf /"],
    ["--store-service-account", "$(id)"],
    ["--secret-name", "{{ .x }}"],
    ["--store-region", "a b"],
    ["--endpoint", "https://x.example.com/{{ .secret }}"],
  ])("%s cannot be %s", async (flag, word) => {
    await withCluster();
    expect((await init([...FROM, flag, word])).code).toBe(2);
    expect(await everything()).toEqual(NOTHING);
  });
});

describe("a store that is there", () => {
  const store = (kind: string, name: string, of: AnyObject): AnyObject => ({
    apiVersion: "external-secrets.io/v1",
    kind,
    metadata: { name, ...(kind === "SecretStore" ? { namespace: NS } : {}) },
    spec: { provider: of },
  });
  beforeEach(() => withCluster());

  test("is used as it is", async () => {
    await create(cluster.admin, store("SecretStore", "vault", { vault: { server: "https://v", path: "kv" } }));
    const run = await init(["--store", "vault", "--region", "us-east-1", "--yes", "--wait", "0s"]);
    expect(run.stderr).toContain("  vault kv put -mount kv antfly/production/c1 @keys.json");
    expect(run.code).toBe(0);
    expect((await at(`${ESO}/externalsecrets/${NAME}`)).body.spec.secretStoreRef).toEqual({
      kind: "SecretStore",
      name: "vault",
    });
    expect((await everything()).stores).toBe(1);
  });

  test("is asked for by a name that it has", async () => {
    await create(cluster.admin, store("SecretStore", "vault", { vault: { server: "https://v" } }));
    const run = await init(["--store", "valt", "--region", "us-east-1", "--yes"]);
    expect(run.stderr).toBe(
      "error: there is no SecretStore valt in namespace production\n  did you mean --store vault?\n",
    );
    const wide = await init(["--cluster-store", "vault", "--region", "us-east-1", "--yes"]);
    expect(wide.stderr).toContain("error: there is no ClusterSecretStore vault\n");
    expect(wide.code).toBe(2);
  });

  test("of another provider is not made into something else", async () => {
    await create(cluster.admin, store("SecretStore", NAME, { fake: { data: [] } }));
    const run = await init();
    expect(run.stderr).toContain(`SecretStore production/${NAME} is there already, for fake`);
    expect(run.code).toBe(2);
  });

  test("goes with no flag that would make one", async () => {
    const run = await init(["--store", "x", "--vault-role", "y", "--region", "us-east-1"]);
    expect(run.stderr).toContain("a store that is there stays as it is, and --vault-role would change it");
    expect((await init(["--region", "us-east-1"])).stderr).toContain(
      "which secret manager holds the keys is not known",
    );
  });
});

test("--write-to writes what Git is to hold, no secret in it, and changes nothing", async () => {
  await withCluster();
  cluster.calls.length = 0;
  const run = await init([...FROM, "--write-to", "out"], {
    after: (cwd) => {
      expect(readdirSync(join(cwd, "out")).sort()).toEqual([
        "antflycluster-c1.patch.yaml",
        `externalsecret-${NAME}.yaml`,
        "reader-policy.json",
        "reader.tf",
        `secretstore-${NAME}.yaml`,
      ]);
      const written = parse(readFileSync(join(cwd, `out/externalsecret-${NAME}.yaml`), "utf8"));
      expect(written.spec.data[0].remoteRef).toEqual({ key: ENTRY, property: "access_key_id" });
    },
  });
  expect(run.code).toBe(0);
  expect(run.stderr).toContain(`kubectl apply --server-side -f out/externalsecret-${NAME}.yaml`);
  expect(await everything()).toEqual(NOTHING);
});

test.each([
  ["AWS", []],
  ["Google", ["--from", "gcp-secret-manager", "--google-project", "acme-prod"]],
  ["Vault", ["--from", "vault", "--vault-server", "https://vault.example.com:8200", "--vault-role", "antfly"]],
])("what --write-to writes for %s is clean for validate, with the cluster beside it", async (_, from) => {
  await withCluster();
  const files: Record<string, string> = {};
  await init([...FROM, ...from, "--write-to", "out"], {
    after: (cwd) => {
      for (const name of readdirSync(join(cwd, "out"))) files[name] = readFileSync(join(cwd, "out", name), "utf8");
    },
  });
  files["cluster.yaml"] = JSON.stringify(antflyCluster(NS, "c1", [secretRef(NAME)]));
  const validated = await runBin(["validate", ".", "-n", NS, "-o", "json"], { files });
  const problems = validated.json.results.flatMap(({ findings }: AnyObject) =>
    findings.filter(({ status }: AnyObject) => status !== "info"),
  );
  expect(problems).toEqual([]);
  expect(validated.code).toBe(0);
  const passed = validated.json.results.filter(({ status }: AnyObject) => status === "pass");
  expect(passed.map(({ code }: AnyObject) => code)).toEqual(expect.arrayContaining(["ANT0202", "ANT0504", "ANT0506"]));
});

describe("interrupted", () => {
  const applied = ({ resource, verb, dryRun }: LoggedCall): boolean =>
    resource === "externalsecrets" && verb === "patch" && !dryRun;
  const when = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  beforeEach(async () => {
    await controller?.stop();
    controller = undefined;
    await withCluster();
  });

  test("by Ctrl-C while nobody writes the Secret: what was made is taken back, exit 130", async () => {
    cluster.calls.length = 0;
    const stop = async (child: { kill(signal: "SIGINT"): boolean }): Promise<void> => {
      await when(() => cluster.calls.some(applied));
      child.kill("SIGINT");
    };
    const run = await initByBin({ during: (child) => void stop(child) });
    expect(run.stderr).toContain(`undone: create SecretStore ${NS}/${NAME}`);
    expect(run.stderr).toContain(
      "error: interrupted while External Secrets was at work; what had been done was undone",
    );
    expect(run.code).toBe(130);
    expect(await everything()).toEqual(NOTHING);
  });

  test("by a kill: the same command goes on from what is there", async () => {
    cluster.calls.length = 0;
    const kill = async (child: { kill(signal: "SIGKILL"): boolean }): Promise<void> => {
      await when(() => cluster.calls.some(applied));
      child.kill("SIGKILL");
    };
    expect((await initByBin({ during: (child) => void kill(child) })).code).toBeNull();
    expect(await everything()).toMatchObject({ stores: 1, externalSecrets: 1, envFrom: [] });
    await work();
    const next = await init();
    expect(next.stderr).not.toContain("create");
    expect(next.stderr).toContain(`let every node group of AntflyCluster ${NS}/c1 read Secret ${NAME}`);
    expect(next.code).toBe(0);
  });

  test("by the end of its patience: exit 6, and it says what to look at", async () => {
    let clock = Date.parse("2026-11-28T00:00:00Z");
    const app = testApp(cluster.kubeconfig({ namespace: NS }), {
      now: () => new Date(clock),
      sleep: (ms) => {
        clock += ms;
        return Promise.resolve();
      },
    });
    const options: ExternalSecretOptions = {
      from: "aws-secrets-manager",
      region: "us-east-1",
      idProperty: "access_key_id",
      secretProperty: "secret_access_key",
      wait: "30s",
      timeout: "10s",
      yes: true,
      output: [],
    };
    await expect(initExternalSecret("c1", options, app)).rejects.toMatchObject({
      exit: 6,
      message: `External Secrets has not synced ExternalSecret ${NS}/${NAME} within 30 s: the operator has not looked at it yet; what had been done was undone`,
      hint: expect.stringContaining("does it run? kubectl get pods -A -l app.kubernetes.io/name=external-secrets"),
    });
    expect(await everything()).toEqual(NOTHING);
  });
});

test("the Role that permissions prints suffices, also to take everything back", async () => {
  await withCluster();
  const printed = await runBin(["permissions", "c1", "--init-external-secret", "-o", "json"], {
    kubeconfig: cluster.kubeconfig({ namespace: NS }),
  });
  const rulesOf = (kind: string): AnyObject[] =>
    printed.json.documents
      .filter((document: AnyObject) => document.kind === kind && document.metadata.namespace !== "kube-system")
      .flatMap(({ rules }: AnyObject) => rules);
  const token = await userWith(cluster, NS, "setter", rulesOf("Role"), rulesOf("ClusterRole"));
  const kubeconfig = cluster.kubeconfig({ namespace: NS, token });
  expect((await init([...FROM, "--remote-key", "nowhere"], { kubeconfig })).code).toBe(6);
  expect(await everything()).toMatchObject({ stores: 0, externalSecrets: 0, envFrom: [] });
  const run = await init(FROM, { kubeconfig });
  expect(run.stderr).not.toContain("forbidden");
  expect(run.code).toBe(0);
});

test("the plan of a dry run is a document", async () => {
  await withCluster();
  const run = await init([...FROM, "--dry-run", "-o", "json"]);
  expect(run.json.steps.map((step: AnyObject) => step.do)).toEqual([
    "object.apply",
    "object.apply",
    "external-secret.wait",
    "cluster.patch",
  ]);
  expect(run.json.steps[2].undo).toBe("none");
});
