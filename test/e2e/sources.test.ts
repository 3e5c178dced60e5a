import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseTarGzip } from "nanotar";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";

import { antflyCluster, create, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, expectNoCanary } from "../support/canaries.ts";
import { crdsOf } from "../support/crds/crds.ts";
import type { AnyObject } from "../support/follow.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";

const VALUES = {
  AWS_ACCESS_KEY_ID: CANARY_ID,
  AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
  AWS_REGION: "us-east-1",
  AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
};

let cluster: InProcessCluster;
const run = (args: readonly string[], options: BinOptions = {}): Promise<BinRun> =>
  runBin(args, { kubeconfig: cluster.kubeconfig({ namespace: "production" }), ...options });

beforeAll(async () => {
  cluster = await startKubeServer({ controllers: false, objects: crdsOf(2) });
  await cluster.admin.must("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: "production" } },
  });
  await create(
    cluster.admin,
    antflyCluster("production", "search", [secretRef("keys"), secretRef("more", { optional: true })]),
  );
  await create(cluster.admin, secret("production", "keys", { ...VALUES, AWS_SECRET_ACCESS_KEY: `${CANARY_SECRET}\n` }));
  await create(cluster.admin, {
    apiVersion: "antfly.io/v1",
    kind: "AntflyBackup",
    metadata: { name: "nightly", namespace: "production" },
    spec: { clusterRef: { name: "search" }, schedule: "0 2 * * *", destination: { location: "s3://backups/search" } },
  });
  const waiting = pod("search-data-0", 'secret "keys" not found');
  await create(cluster.admin, waiting);
  await cluster.admin.must("PATCH", "/api/v1/namespaces/production/pods/search-data-0/status", {
    contentType: "application/merge-patch+json",
    body: { status: waiting["status"] },
  });
});
afterAll(() => cluster.stop());

function pod(name: string, message: string): AnyObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "production",
      labels: {
        "app.kubernetes.io/name": "antfly-database",
        "app.kubernetes.io/instance": "search",
        "app.kubernetes.io/component": "data",
      },
    },
    spec: {
      containers: [
        { name: "antfly", image: "antfly", envFrom: [secretRef("keys"), secretRef("more", { optional: true })] },
      ],
    },
    status: {
      phase: "Pending",
      containerStatuses: [
        { name: "antfly", ready: false, state: { waiting: { reason: "CreateContainerConfigError", message } } },
      ],
    },
  };
}

const causes = ({ json }: BinRun): string[] =>
  json.results.flatMap((result: AnyObject) =>
    result.findings.filter(({ status }: AnyObject) => status === "fail").map(({ cause }: AnyObject) => cause),
  );

describe("saved facts", () => {
  test("are judged again as they were, without any cluster, and hold no value", async () => {
    let facts = "";
    const live = await run(["doctor", "search", "--save", "facts.json", "-o", "json"], {
      after: (cwd) => (facts = readFileSync(join(cwd, "facts.json"), "utf8")),
    });
    expect(live.stderr).toContain("saved the facts to facts.json");
    expectNoCanary(facts, "the saved facts");
    const files = { "facts.json": facts };
    const again = await runBin(["doctor", "--from", "facts.json", "-o", "json"], { files });
    expect(causes(again)).toEqual(causes(live));
    expect(again.code).toBe(live.code);
    expect(again.json.source).toMatchObject({
      mode: "snapshot",
      context: "test",
      paths: ["facts.json"],
      takenAt: JSON.parse(facts).takenAt,
    });
    expect(again.json.calls).toEqual({ kubernetes: 0 });
    const validated = await runBin(["validate", "facts.json", "-o", "json"], { files });
    expect(causes(validated)).toEqual(causes(live));
    expect((await runBin(["doctor", "nope", "--from", "facts.json"], { files })).stderr).toContain(
      "holds no facts of an AntflyCluster nope",
    );
    expect((await runBin(["doctor", "--from", "facts.json", "-n", "x"], { files })).stderr).toContain(
      "--namespace asks a cluster",
    );
    const shown = await runBin(["doctor", "--from", "facts.json", "--show", "env"], { files });
    expect(shown.stdout).toContain("data nodes");
  });

  test.each([
    ["no JSON", "{", /facts\.json is not JSON/],
    [
      "something else",
      '{"schema": "antfly-creds.report/v1"}',
      /facts\.json holds no saved facts\n {2}antfly-creds doctor CLUSTER/,
    ],
    [
      "half of it",
      '{"schema": "antfly-creds.facts/v1", "tool": {"name": "a", "version": "b"}}',
      /facts\.json is not as it was saved: takenAt: expected string/,
    ],
    [
      "a wrong part",
      JSON.stringify({
        schema: "antfly-creds.facts/v1",
        tool: { name: "a", version: "b" },
        takenAt: "2026-01-01T00:00:00Z",
        flags: [],
        targets: [
          {
            target: { id: "t1", scope: "cluster", namespace: "a" },
            facts: { pods: { state: "known", value: 3, origin: { via: "kube", ref: "x" } } },
          },
        ],
      }),
      /targets\.0\.facts\.pods\.value: expected array/,
    ],
  ])("that are %s are refused with the place", async (_, text, message) => {
    const { stderr, code } = await runBin(["doctor", "--from", "facts.json"], { files: { "facts.json": text } });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test("that lack what every look reads are not healthy, and those of --thorough may lack", async () => {
    let facts = "";
    await run(["doctor", "search", "--save", "facts.json"], {
      after: (cwd) => (facts = readFileSync(join(cwd, "facts.json"), "utf8")),
    });
    const saved = JSON.parse(facts);
    delete saved.targets[0].facts.cluster;
    const again = await runBin(["doctor", "--from", "facts.json", "--thorough", "-o", "json"], {
      files: { "facts.json": JSON.stringify(saved) },
    });
    const statusOf = (code: string): string => again.json.results.find((one: AnyObject) => one.code === code).status;
    expect(again.code).toBe(5);
    expect(statusOf("ANT0201")).toBe("unknown");
    expect(statusOf("ANT0806")).toBe("skip");
  });

  test("a bundle for a support ticket holds report, facts and environments, and no value", async () => {
    let bundle = new Uint8Array();
    const { stderr } = await run(["doctor", "search", "--bundle", "out.tgz"], {
      after: (cwd) => (bundle = new Uint8Array(readFileSync(join(cwd, "out.tgz")))),
    });
    expect(stderr).toContain("wrote out.tgz");
    const files = await parseTarGzip(bundle);
    expect(files.map(({ name }) => name)).toEqual(
      ["README.txt", "report.txt", "report.json", "facts.json", "env.txt"].map((name) => `antfly-creds/${name}`),
    );
    for (const { name, text } of files) expectNoCanary(text, name);
    expect(files.find(({ name }) => name.endsWith("env.txt"))?.text).toContain("AWS_ENDPOINT_URL");
  });
});

describe("the environment", () => {
  test("each variable with its source and its look; what is hidden, dropped and missing", async () => {
    const human = await run(["doctor", "search", "--show", "env"]);
    expect(human.stdout).toContain("data nodes\n");
    expect(human.stdout).toMatch(
      /AWS_ACCESS_KEY_ID {6}Secret keys, key AWS_ACCESS_KEY_ID {2}\(20 bytes, an AWS key id\)/,
    );
    expect(human.stdout).toMatch(
      /AWS_SECRET_ACCESS_KEY {2}Secret keys, key AWS_SECRET_ACCESS_KEY {2}\(41 bytes, a secret, trailing-newline\)/,
    );
    expect(human.stdout).toContain("missing   Secret more: it is optional, and passed over");
    expect(human.code).toBe(0);
    const { json } = await run(["doctor", "search", "--show", "env", "-o", "json"]);
    expect(json).toMatchObject({
      schema: "antfly-creds.env/v1",
      namespace: "production",
      cluster: "search",
      exitCode: 0,
    });
    expect(json.environments.map(({ of }: AnyObject) => of)).toEqual(["metadata", "data", "AntflyBackup/nightly"]);
    expect(human.stdout).toContain(
      "AntflyBackup nightly (its Job)\n  nothing of its own: the nodes read and write the store, with theirs\n",
    );
  });
});

describe("preflight", () => {
  const manifest = stringify(antflyCluster("production", "search", [secretRef("keys-2")]));
  const keys = (values: Readonly<Record<string, string>>): string => stringify(secret("production", "keys-2", values));

  test("manifests laid over the cluster: what they change is judged, with its line; the rest is the cluster's", async () => {
    const missing = await run(["preflight", "a.yaml", "-o", "json"], { files: { "a.yaml": manifest } });
    expect(causes(missing)).toEqual(["k8s.secret-missing"]);
    expect(missing.json.source).toMatchObject({ mode: "overlay", context: "test", paths: ["a.yaml"] });
    const finding = missing.json.results
      .flatMap(({ findings }: AnyObject) => findings)
      .find(({ status }: AnyObject) => status === "fail");
    expect(finding.location).toMatchObject({ file: "a.yaml", line: 16 });
    expect(missing.code).toBe(3);
    const good = await run(["preflight", ".", "--skip", "ANT0802", "-o", "json"], {
      files: { "a.yaml": manifest, "b.yaml": keys(VALUES) },
    });
    expect(causes(good)).toEqual([]);
    expect(good.code).toBe(0);
  });

  test("a Secret alone: the AntflyClusters there that read it are judged with it", async () => {
    const { json, code } = await run(["preflight", "keys.yaml", "--skip", "ANT0802", "-o", "json"], {
      files: { "keys.yaml": stringify(secret("production", "keys", { ...VALUES, AWS_REGION: "eu-west-1" })) },
    });
    expect(json.targets.map(({ name }: AnyObject) => name)).toEqual([null, "search"]);
    expect(json.results.flatMap(({ findings }: AnyObject) => findings.map(({ cause }: AnyObject) => cause))).toContain(
      "s3.region-mismatch",
    );
    expect(code).toBe(3);
  });

  test("a backup of an AntflyCluster that is neither there nor among the files", async () => {
    const backup = (name: string): string => `apiVersion: antfly.io/v1\nkind: AntflyBackup\nmetadata: {name: weekly}
spec: {clusterRef: {name: ${name}}, schedule: 0 2 * * 0, destination: {location: s3://bucket/weekly}}\n`;
    const missing = await run(["preflight", "b.yaml", "-o", "json"], { files: { "b.yaml": backup("serach") } });
    expect(causes(missing)).toEqual(["input.no-cluster"]);
    const there = await run(["preflight", "b.yaml", "-o", "json"], { files: { "b.yaml": backup("search") } });
    expect(causes(there)).not.toContain("input.no-cluster");
  });

  test("pods that only have to wait need no change of the file", async () => {
    const { json } = await run(["preflight", "keys.yaml", "--only", "ANT0201", "-o", "json"], {
      files: { "keys.yaml": stringify(secret("production", "keys", VALUES)) },
    });
    const [waiting] = json.results.flatMap(({ findings }: AnyObject) => findings);
    expect(waiting).toMatchObject({ cause: "k8s.secret-just-created", fixes: [] });
  });

  test("offline it asks nobody", async () => {
    const { json } = await runBin(["preflight", "a.yaml", "--offline", "--assume-absent", "-o", "json"], {
      files: { "a.yaml": manifest },
    });
    expect(json.source.mode).toBe("files");
    expect(causes({ json } as BinRun)).toEqual(["k8s.secret-missing"]);
    expect((await run(["preflight", "a.yaml", "--assume-absent"], { files: { "a.yaml": manifest } })).stderr).toContain(
      "the cluster says what is there",
    );
  });

  test("a cluster that does not answer is exit 5, not a pass", async () => {
    const { code, stdout, stderr } = await run(["preflight", "a.yaml", "--timeout", "1ms"], {
      files: { "a.yaml": manifest },
    });
    expect(code).toBe(5);
    expect(stdout + stderr).toContain("did not answer");
  });
});

describe("validate --secret", () => {
  test("the values of a live Secret by themselves", async () => {
    const { json, code } = await run(["validate", "--secret", "keys", "-o", "json"]);
    expect(causes({ json } as BinRun)).toEqual(["value.trailing-newline"]);
    expect(json.targets[0]).toMatchObject({ kind: "Secret", namespace: "production", name: "keys" });
    expect(code).toBe(3);
    const missing = await run(["validate", "--secret", "nope"]);
    expect(missing.stderr).toMatch(/^error: there is no Secret nope in namespace production\n/);
    expect(missing.code).toBe(2);
  });
});

describe("why", () => {
  test("an error text, on the command line and from standard input", async () => {
    const text = 'Error: secret "backup-credentials" not found';
    const { json, code } = await runBin(["why", "--error", text, "-o", "json"]);
    expect(json).toMatchObject({ schema: "antfly-creds.why/v1", healthy: false, exitCode: 0 });
    expect(json.candidates[0]).toMatchObject({ cause: "k8s.secret-missing", code: "ANT0201" });
    expect(code).toBe(0);
    const piped = await runBin(["why", "--error", "-"], { stdin: text });
    expect(piped.stdout).toMatch(/^1\. k8s\.secret-missing/);
  });

  test("a log that is too long is read from its end, and that is said", async () => {
    const noise = "2026-09-01T10:00:00Z INFO heartbeat\n".repeat(40_000);
    const stdin = `NoSuchBucket\n${noise}Error: secret "backup-credentials" not found\r\n${noise.slice(0, 500_000)}`;
    const { stdout, stderr, code } = await runBin(["why", "--error", "-"], { stdin });
    expect(stdout).toMatch(/^1\. k8s\.secret-missing/);
    expect(stdout).not.toContain("nosuchbucket");
    expect(stderr).toBe("note: only the last 1 MiB of standard input was looked at\n");
    expect(code).toBe(0);
  });

  test("a text that it does not know gets an honest answer", async () => {
    const { stdout, code } = await runBin(["why", "--error", "the printer is out of paper"]);
    expect(stdout).toMatch(/^No known cause fits this text\.\n/);
    expect(code).toBe(5);
  });

  test("no secret of the text is repeated", async () => {
    const { stdout } = await runBin(["why", "--error", "-"], {
      stdin: `SignatureDoesNotMatch for secret ${CANARY_SECRET}`,
    });
    expectNoCanary(stdout, "why");
    expect(stdout).toContain("aws.secret-wrong");
  });

  test("a pod: what it says of itself, and what the checks of its cluster find", async () => {
    const { json, code } = await run(["why", "pod/search-data-0", "-o", "json"]);
    expect(json.subject).toBe("Pod production/search-data-0");
    expect(json.candidates.map(({ cause, confidence }: AnyObject) => `${cause} ${confidence}`).slice(0, 2)).toEqual([
      "value.trailing-newline high",
      "k8s.secret-just-created medium",
    ]);
    expect(code).toBe(0);
  });

  test.each([
    [["why"], /there is no symptom/],
    [["why", "pod/nope"], /Pod production\/nope does not exist/],
    [["why", "deployment/x"], /is no pod, backup or restore/],
    [["why", "pod/x", "--error", "y"], /not both/],
    [["why", "--error", " "], /the error text is empty/],
  ])("%j is refused", async (args, message) => {
    const { stderr, code } = await run(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe("configuration", () => {
  const suppress = (more: string): Record<string, string> => ({
    ".antfly-creds.yaml": `suppress:\n  - code: value.trailing-newline\n    subject: Secret production/*\n    reason: the store takes it\n${more}`,
  });

  test("a suppression takes a finding out of the count, and says so", async () => {
    const { json, code } = await run(["doctor", "search", "-o", "json"], { files: suppress("") });
    const result = json.results.find(({ suppressed }: AnyObject) => suppressed.length > 0);
    expect(result).toMatchObject({ code: "ANT0203", status: "pass", findings: [] });
    expect(result.suppressed[0].suppression).toEqual({
      reason: "the store takes it",
      expires: null,
      from: ".antfly-creds.yaml:2:5",
    });
    expect(code).toBe(0);
    const human = await run(["doctor", "search"], { files: suppress("") });
    expect(human.stdout).toContain("ANT0203 suppressed: AWS_SECRET_ACCESS_KEY");
  });

  test("an expired one counts again, and is a finding itself", async () => {
    const { json, code } = await run(["doctor", "search", "-o", "json"], {
      files: suppress("    expires: 2026-01-31\n"),
    });
    expect(causes({ json } as BinRun)).toEqual(["value.trailing-newline", "tool.suppression-expired"]);
    expect(code).toBe(3);
  });

  test("by annotation on the object", async () => {
    const url = "/api/v1/namespaces/production/secrets/keys";
    const annotate = (text: string | null): Promise<AnyObject> =>
      cluster.admin.must("PATCH", url, {
        contentType: "application/merge-patch+json",
        body: { metadata: { annotations: { "antfly-creds/suppress": text } } },
      });
    await annotate("value.trailing-newline until 2099-12-31: the store takes it");
    const { json, code } = await run(["doctor", "search", "-o", "json"]);
    expect(json.results.flatMap(({ suppressed }: AnyObject) => suppressed)[0].suppression).toEqual({
      reason: "the store takes it",
      expires: "2099-12-31",
      from: "Secret production/keys",
    });
    expect(code).toBe(0);
    await annotate("all of it");
    const bad = await run(["doctor", "search", "-o", "json"]);
    expect(
      bad.json.results.flatMap(({ findings }: AnyObject) => findings.map(({ cause }: AnyObject) => cause)),
    ).toContain("tool.suppression-malformed");
    await annotate("value.trailing-newline until 2027-02-30: the store takes it");
    const never = await run(["doctor", "search"]);
    expect(never.stdout).toContain("hides nothing: 2027-02-30 is no day");
    expect(never.code).toBe(3);
    await annotate(null);
  });

  test.each([
    [
      "an unknown setting",
      "failon: warning\n",
      /^error: \.antfly-creds\.yaml:1:9: there is no setting "failon"\n {2}did you mean failOn\?/,
    ],
    ["a wrong value", "failOn: always\n", /^error: \.antfly-creds\.yaml:1:9: failOn: must be error or warning\n/],
    ["a wrong type", "skip: ANT0201\n", /^error: \.antfly-creds\.yaml:1:7: skip: must be a list\n/],
    [
      "an unknown key of a suppression",
      "suppress:\n  - code: ANT0201\n    because: x\n",
      /^error: \.antfly-creds\.yaml:\d+:\d+: /,
    ],
    [
      "a code that is none",
      "skip:\n  - ANT0201\n  - ANT9999\n",
      /^error: \.antfly-creds\.yaml:1:1: no check has the code "ANT9999"/,
    ],
    [
      "a cause that is none",
      "suppress: [{code: k8s.secret-mising, reason: x}]\n",
      /no check has the code or cause "k8s\.secret-mising"\n {2}did you mean k8s\.secret-missing\?/,
    ],
    [
      "a day that is none",
      "suppress: [{code: ANT0201, reason: x, expires: soon}]\n",
      /suppress\[0\]\.expires: must be a day, as 2026-12-31/,
    ],
    [
      "a day that never comes",
      "suppress: [{code: ANT0201, reason: x, expires: 2027-02-30}]\n",
      /suppress\[0\]\.expires: must be a day, as 2026-12-31/,
    ],
    ["a list of objects", "kind: List\nitems: [{failOn: warning}]\n", /there is no setting "kind"/],
    ["no reason", "suppress: [{code: ANT0201}]\n", /suppress\[0\]\.reason: is missing/],
    ["no YAML", "a: [\n", /^error: \.antfly-creds\.yaml:2:1 is not valid YAML/],
    ["a key twice", "failOn: error\nfailOn: error\n", /^error: \.antfly-creds\.yaml:2:1 sets a key twice/],
    ["an alias bomb", "only: &a [x]\nskip: [*a]\n", /skip/],
  ])("%s is an error with its line", async (_, text, message) => {
    const { stderr, code } = await run(["doctor", "search"], { files: { ".antfly-creds.yaml": text } });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test("is found in the folders above, by flag, by environment, and in the user's own folder; flags win", async () => {
    const strict = "failOn: warning\nonly: [ANT0101]\n";
    const exits = async (args: readonly string[], options: BinOptions): Promise<number | null> =>
      (await run(["doctor", "search", ...args], options)).code;
    expect(await exits([], {})).toBe(3);
    expect(await exits([], { files: { ".antfly-creds.yaml": "only: [ANT0101]\n" } })).toBe(0);
    expect(await exits(["--config", "strict.yaml"], { files: { "strict.yaml": strict } })).toBe(0);
    expect(await exits(["--config", "nope.yaml"], {})).toBe(2);
    expect(await exits([], { env: { XDG_CONFIG_HOME: "/dev/null" } })).toBe(3);
    const env = { ANTFLY_CREDS_CONFIG: "strict.yaml" };
    expect(await exits([], { env, files: { "strict.yaml": strict } })).toBe(0);
    expect(await exits(["--only", "ANT0203"], { env, files: { "strict.yaml": strict } })).toBe(3);
    const before = (cwd: string): void => writeFileSync(join(cwd, "..", "config.yaml"), "x");
    expect(await exits([], { before, files: { "../.config/antfly-creds/config.yaml": "only: [ANT0101]\n" } })).toBe(0);
  });
});
