import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";

import { connectAws } from "../../src/adapters/aws.ts";
import { createFiles } from "../../src/adapters/files.ts";
import { connectGoogle } from "../../src/adapters/google.ts";
import { CHECKS } from "../../src/checks/index.ts";
import type { Check } from "../../src/checks/define.ts";
import { readInputs } from "../../src/collect/inputs/read-inputs.ts";
import { NEWEST_MINOR } from "../../src/collect/inputs/files-reader.ts";
import { OverlayReader } from "../../src/collect/inputs/overlay-reader.ts";
import { readSnapshot, snapshotDocument } from "../../src/collect/snapshot/snapshot.ts";
import { cloudRun } from "../../src/commands/cloud.ts";
import { looksAtFiles } from "../../src/commands/file-looks.ts";
import { judge } from "../../src/commands/judge.ts";
import { lookAt, type Look } from "../../src/commands/look.ts";
import { looksAtSnapshot } from "../../src/commands/snapshot-looks.ts";
import { USUAL_POLICY } from "../../src/domain/policy.ts";
import { allResults, type Result, type SourceMode } from "../../src/domain/report.ts";
import type { App, Kube } from "../../src/ports.ts";
import { EKS_ISSUER, startAwsServer, type InProcessCloud } from "../support/aws-server/index.ts";
import { CANARY_SECRET, expectNoFixtureSecret } from "../support/canaries.ts";
import { expectSameInEveryFormat } from "../support/every-format.ts";
import {
  fixtureManifests,
  fixtureObjects,
  type FixtureAsks,
  type FileContent,
  type FixtureCase,
  type Outcome,
} from "../support/fixture-objects.ts";
import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import { startKubeServer, type InProcessCluster, type KubeServerOptions } from "../support/kube-server/index.ts";
import type { AwsSeed } from "../support/test-cloud.ts";
import { userWith } from "../support/test-cluster.ts";
import { PROJECT, type GoogleSeed } from "../support/test-google.ts";
import { testApp, type TestApp } from "../support/test-app.ts";

const FOLDER = fileURLToPath(new URL("fixtures/", import.meta.url));

/** One file a check: cases that pass and cases that fail, as objects on an API server, in files, and as saved facts. */
for (const file of readdirSync(FOLDER)) {
  const code = file.replace(".yaml", "");
  const check = CHECKS.find((candidate) => candidate.code === code);
  const cases = parse(readFileSync(`${FOLDER}${file}`, "utf8")) as FixtureCase[];

  describe(code, () => {
    test("the file belongs to a check", () => expect(check).toBeDefined());
    for (const one of cases) {
      if (one.files !== undefined) test(one.name, () => expectCase(check, one, inFiles(check, one)));
      else {
        test(one.name, () => expectCase(check, one, onCluster(check, one)));
        const { offline, overlay } = one;
        const asksCloud = one.aws !== undefined || one.google !== undefined;
        if (offline === false || one.forbidden || one.rights || asksCloud || fixtureManifests(one).length === 0)
          continue;
        const expected = (other: Outcome | undefined): FixtureCase =>
          other === undefined ? one : { name: one.name, ...other };
        if (check?.notIn?.files === undefined)
          test(`${one.name}: as manifests`, () => expectCase(check, expected(offline), inFiles(check, one)));
        if (check?.notIn?.overlay === undefined)
          test(`${one.name}: as manifests over a cluster`, () =>
            expectCase(check, expected(overlay), overCluster(check, one)));
      }
    }

    test("one case passes and one finds something", () => {
      if (check?.causes.length === 0) return expect(cases.map((one) => one.is)).toEqual(cases.map(() => "skip"));
      expect(cases.some((one) => (one.finds ?? []).length === 0 && (one.is ?? "pass") === "pass")).toBe(true);
      expect(cases.some((one) => (one.finds ?? []).length > 0)).toBe(true);
    });
  });
}

test("every check has a fixture", () => {
  const codes = readdirSync(FOLDER).map((file) => file.replace(".yaml", ""));
  expect(codes).toEqual(CHECKS.map((check) => check.code));
});

async function expectCase(
  check: Check | undefined,
  { finds = [], is, says = [], files }: FixtureCase,
  judged: Promise<Judged>,
): Promise<void> {
  const { result, mode } = await judged;
  const findings = result.findings.map(
    ({ cause, status, subject }) => `${status} ${cause} ${subject.kind} ${subject.name}`,
  );
  expect(findings).toEqual(finds);
  expect(result.status).toBe(is ?? (finds[0]?.split(" ")[0] || "pass"));
  for (const { cause } of result.findings) expect(check?.causes).toContain(cause);
  if (mode === "files") for (const found of result.findings) expect(found.location, found.message).toBeDefined();
  // Over a cluster, what is written in a file is changed there, and not by a command.
  const kept = mode === "overlay" ? says.filter((text) => !/^(antfly-creds|kubectl) /.test(text)) : says;
  if (mode !== "files" || files !== undefined) for (const text of kept) expect(JSON.stringify(result)).toContain(text);
}

interface Judged {
  readonly result: Result;
  readonly mode: SourceMode;
}

/** Live, and again from the facts that were saved: both must say the same. */
async function onCluster(check: Check | undefined, one: FixtureCase): Promise<Judged> {
  return withCluster(one, async (app, kube) => {
    const cloud = cloudRun({ timeout: "5s", ...one.asks, ...(await endpointFor(one, kube)) }, kube, app);
    const look = await lookAt(app, kube, undefined, cloud.world);
    const result = await judgeOne(app, [look], check, one, "live");
    if (one.awsCalls !== undefined) expect(cloud.calls().aws ?? 0).toBe(one.awsCalls);
    if (one.googleCalls !== undefined) expect(cloud.calls().google ?? 0).toBe(one.googleCalls);
    await cloud.close();
    if (check?.notIn?.snapshot === undefined) {
      const facts = await look.facts(CHECKS.flatMap(({ needs, wants = [] }) => [...needs, ...wants]));
      const about = {
        version: "0",
        takenAt: (one.now ?? new Date().toISOString()).replace(/\.\d+/, ""),
        flags: look.flags,
      };
      const document = app.redactor.text(snapshotDocument([{ target: look.target, facts }], about));
      expectNoFixtureSecret(document, "the saved facts");
      const snapshot = readSnapshot(Buffer.from(document, "utf8"), "facts.json");
      expect(JSON.parse(JSON.stringify(snapshot.targets))).toEqual(JSON.parse(document).targets);
      const again = await judgeOne(app, looksAtSnapshot(app, snapshot), check, one, "snapshot");
      expect(again).toEqual(result);
    }
    return { result, mode: "live" };
  });
}

async function inFiles(check: Check | undefined, one: FixtureCase): Promise<Judged> {
  return withFiles(one, async (app) => {
    const looks = await looksAtFiles(app, await readInputs(app, ["."]), fileOptions(one));
    return { result: await judgeOne(app, looks, check, one, "files"), mode: "files" };
  });
}

async function overCluster(check: Check | undefined, one: FixtureCase): Promise<Judged> {
  return withCluster(one, (cluster, kube) =>
    withFiles(one, async ({ files }) => {
      const app = { ...cluster, files };
      const { context, flags } = kube;
      const looks = await looksAtFiles(app, await readInputs(app, ["."]), fileOptions(one), {
        context,
        flags,
        reader: (reader) => new OverlayReader(reader, kube),
      });
      return { result: await judgeOne(app, looks, check, one, "overlay"), mode: "overlay" };
    }),
  );
}

function fileOptions(one: FixtureCase): Parameters<typeof looksAtFiles>[2] {
  const minor = Number(one.kubernetes?.split(".")[1] ?? NEWEST_MINOR);
  return { namespace: "production", assumeAbsent: true, kubernetesMinor: minor };
}

/** Of the looks that answer the check, the one that says most. */
async function judgeOne(
  app: TestApp,
  looks: readonly Look[],
  check: Check | undefined,
  one: FixtureCase,
  mode: SourceMode,
): Promise<Result> {
  if (check === undefined) throw new Error("no such check");
  const also = CHECKS.filter((other) => check.after?.includes(other.code) || one.also?.includes(other.code));
  const report = await judge(app, looks, {
    chosen: { asked: [...also, check], leftOut: [], deferred: [] },
    policy: { failOn: "error", allowUnknown: [] },
    source: { mode, context: "test", paths: [], takenAt: undefined },
    suppressions: one.suppressions ?? [],
    asks: { ...USUAL_POLICY, ...one.policy },
    calls: () => ({ kubernetes: 0 }),
  });
  // Saved facts say the same as live ones: that was rendered.
  if (mode !== "snapshot") await expectSameInEveryFormat(app, report);
  const results = allResults(report).filter((candidate) => candidate.code === check.code);
  const telling =
    results.find(({ findings }) => findings.length > 0) ?? results.find(({ status }) => status !== "skip");
  const result = telling ?? results[0];
  if (result === undefined) throw new Error("no result");
  return result;
}

interface Connected {
  readonly cluster: InProcessCluster;
  readonly kubeconfig: string;
  readonly kube: Kube;
}

async function connect(options: KubeServerOptions, one: FixtureCase): Promise<Connected> {
  const { rights } = one;
  const { issuer, clusterEntry } = surroundings(one);
  const cluster = await startKubeServer({ controllers: false, issuer, ...options });
  const token = rights === undefined ? {} : { token: await userWith(cluster, "production", "limited", rights) };
  const named = clusterEntry === undefined ? {} : { clusterEntry };
  const kubeconfig = cluster.kubeconfig({ namespace: "production", ...token, ...named });
  return { cluster, kubeconfig, kube: await testApp(kubeconfig).kube({ timeoutMs: 5_000 }) };
}

/** The issuer of the cluster's tokens, and what its kubeconfig calls it. */
function surroundings({ google, asks = {} }: FixtureCase): { issuer: string; clusterEntry: string | undefined } {
  const { issuer, clusterEntry } = asks;
  if (google === undefined) return { issuer: issuer ?? EKS_ISSUER, clusterEntry };
  const { project = google.project ?? PROJECT, location = "europe-west1", name = "prod" } = google.clusters?.[0] ?? {};
  const own = `https://container.googleapis.com/v1/projects/${project}/locations/${location}/clusters/${name}`;
  const context = google.clusters === undefined ? undefined : `gke_${project}_${location}_${name}`;
  return { issuer: issuer ?? own, clusterEntry: clusterEntry ?? context };
}

async function disconnect({ cluster, kube }: Connected): Promise<void> {
  await kube.close();
  await cluster.stop();
}

/** One server and one connection for all that need the same: most of the time went into greetings. */
const shared = new Map<string, Promise<Connected>>();
afterAll(async () => {
  for (const connected of shared.values()) await disconnect(await connected);
});

/** A server for the case, with its objects, and whether it is for this case alone. */
async function connectionFor(one: FixtureCase): Promise<Connected & { readonly alone: boolean }> {
  const { rights, forbidden = [], kubernetes, metrics = [] } = one;
  const version = kubernetes === undefined ? {} : { version: kubernetes };
  if (rights !== undefined || forbidden.length > 0)
    return { ...(await connect({ objects: fixtureObjects(one), metrics, ...version }, one)), alone: true };
  const key = JSON.stringify([version, surroundings(one)]);
  const connected = shared.get(key) ?? connect(version, one);
  shared.set(key, connected);
  const found = await connected;
  found.cluster.reset(fixtureObjects(one), one.metrics);
  return { ...found, alone: false };
}

/** One AWS for all that ask it: it has what the case says, and nothing else. */
let cloud: Promise<InProcessCloud> | undefined;
afterAll(async () => cloud && (await cloud).stop());

/** Stores of other kinds. */
const stores = new Map<string, Promise<InProcessCloud>>();
afterAll(async () => {
  for (const store of stores.values()) await (await store).stop();
});

async function serverFor({ store }: FixtureAsks = {}): Promise<InProcessCloud> {
  if (store === undefined) return (cloud ??= startAwsServer());
  const started = stores.get(store) ?? startAwsServer({}, { store });
  stores.set(store, started);
  return started;
}

/** `s` is the secret of the cluster's own keys. */
function withSecrets(aws: AwsSeed): AwsSeed {
  const users = aws.users?.map((user) => ({
    ...user,
    keys: user.keys?.map((key) => (key.secret === "s" ? { ...key, secret: CANARY_SECRET } : key)) ?? [],
  }));
  return users === undefined ? aws : { ...aws, users };
}

async function endpointFor({ aws, asks }: FixtureCase, kube: Kube): Promise<{ endpoint?: string }> {
  if (aws === undefined || asks?.endpoint === undefined) return {};
  const { s3 } = await serverFor(asks);
  const places = {
    HERE: s3,
    TLS: s3.replace("http:", "https:"),
    NOBODY: "http://127.0.0.1:9",
    UNTRUSTED: kube.server,
    "PLAIN-TO-TLS": kube.server.replace("https:", "http:"),
  };
  return { endpoint: places[asks.endpoint] };
}

/** Nothing of the machine that a test runs on. */
const NOBODY = {
  HOME: "/nonexistent",
  CLOUDSDK_CONFIG: "/nonexistent",
  AWS_EC2_METADATA_DISABLED: "true",
  METADATA_SERVER_DETECTION: "none",
};

/** One Google for all that ask it: it has what the case says, and nothing else. */
let google: Promise<InProcessGoogle> | undefined;
afterAll(async () => google && (await google).stop());

async function awsEnv({ aws, asks }: FixtureCase): Promise<Record<string, string>> {
  if (aws === undefined) return NOBODY;
  const server = await serverFor(asks);
  server.reset(withSecrets(aws));
  for (const fault of asks?.fails ?? []) server.fail(fault);
  const { AWS_ACCESS_KEY_ID: _, ...without } = server.env;
  const nobody = { ...without, ...NOBODY, AWS_SECRET_ACCESS_KEY: "" };
  return asks?.credentials === "none" ? nobody : { HOME: "/nonexistent", ...server.env };
}

async function googleEnv(one: FixtureCase): Promise<Record<string, string>> {
  if (one.google === undefined) return NOBODY;
  const server = await (google ??= startGoogleServer());
  server.reset(withHmacSecrets(one.google));
  for (const fault of one.asks?.googleFails ?? []) server.fail(fault);
  const { GOOGLE_APPLICATION_CREDENTIALS: _, CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: __, ...without } = server.env;
  return { ...NOBODY, ...(one.asks?.credentials === "none" ? without : server.env) };
}

function withHmacSecrets(seed: GoogleSeed): GoogleSeed {
  const hmacKeys = seed.hmacKeys?.map((key) => (key.secret === "s" ? { ...key, secret: CANARY_SECRET } : key));
  return hmacKeys === undefined ? seed : { ...seed, hmacKeys };
}

async function cloudsFor(one: FixtureCase): Promise<Partial<App>> {
  if (one.aws === undefined && one.google === undefined) return {};
  const env = { aws: await awsEnv(one), google: await googleEnv(one) };
  const { redactor, signal } = testApp("");
  return {
    configuration: { named: undefined, userFile: undefined, noCloud: false },
    sleep: async () => {},
    aws: (selection) => connectAws(selection, { env: env.aws, redactor, signal }),
    google: (selection) => connectGoogle(selection, { env: env.google, redactor, signal }),
  };
}

async function withCluster<T>(one: FixtureCase, work: (app: TestApp, kube: Kube) => Promise<T>): Promise<T> {
  const clouds = await cloudsFor(one);
  const connected = await connectionFor(one);
  const { cluster, kubeconfig, kube } = connected;
  try {
    for (const resource of one.forbidden ?? []) {
      const fault = { kind: "status", code: 403, reason: "Forbidden", message: `${resource} is forbidden` } as const;
      cluster.faults.add({ when: (call) => call.resource === resource, fault });
    }
    return await work(testApp(kubeconfig, { ...clock(one), ...clouds }), kube);
  } finally {
    if (connected.alone) await disconnect(connected);
  }
}

async function withFiles<T>(one: FixtureCase, work: (app: TestApp) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-fixture-"));
  try {
    const files = one.files ?? {
      "all.yaml": fixtureManifests(one)
        .map((object) => stringify(object))
        .join("---\n"),
    };
    for (const [name, content] of Object.entries(files)) writeContent(join(folder, name), content);
    if (one.git === true) keepInGit(folder);
    return await work(testApp("", { files: createFiles(folder), cwd: folder, ...clock(one) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeContent(path: string, content: FileContent): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === "string") writeFileSync(path, content);
  else if ("base64" in content) writeFileSync(path, Buffer.from(content.base64, "base64"));
  else {
    // A hole takes no room on the disk.
    writeFileSync(path, "");
    truncateSync(path, content.mebibytes * 1024 * 1024);
  }
}

/** Nothing of the machine's own configuration of Git takes part. */
function keepInGit(cwd: string): void {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  for (const args of [
    ["init", "--quiet"],
    ["add", "-A"],
  ])
    execFileSync("git", args, { cwd, env });
}

function clock({ now }: FixtureCase): Partial<App> {
  return now === undefined ? {} : { now: () => new Date(now) };
}
