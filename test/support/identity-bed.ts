import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connectAws } from "../../src/adapters/aws.ts";
import { connectGoogle } from "../../src/adapters/google.ts";
import { connectKube } from "../../src/adapters/kube.ts";
import { Redactor } from "../../src/domain/redact.ts";
import type { App, Aws, Google, Kube } from "../../src/ports.ts";
import { antflyCluster, create, forGeneration } from "./antfly.ts";
import { EKS_ISSUER, startAwsServer, type InProcessCloud } from "./aws-server/index.ts";
import { crdsOf, type StandInGeneration } from "./crds/crds.ts";
import type { AnyObject } from "./follow.ts";
import { startKubeServer, type InProcessCluster } from "./kube-server/index.ts";
import { runBin, type BinOptions, type BinRun } from "./run-bin.ts";
import { runHere } from "./run-here.ts";
import { testApp, type TestApp } from "./test-app.ts";
import type { AwsSeed } from "./test-cloud.ts";

export const NS = "production";
export const BUCKET = "acme-backups";

/** An API server whose tokens an AWS of its own verifies, with AntflyCluster c1 and its AntflyBackup nightly. */
export interface IdentityBed {
  readonly kube: InProcessCluster;
  readonly cloud: InProcessCloud;
  /** All that the tool could change, as one value that can be compared. */
  everything(): Promise<object>;
  /** Runs the built bin against both. */
  run(args: readonly string[], options?: BinOptions): Promise<BinRun>;
  /** The same in this process. */
  runHere(args: readonly string[], options?: BinOptions): Promise<BinRun>;
  /** An App over both, whose clients can be looked at and interrupted. */
  app(hooks?: AppHooks): TestApp;
  stop(): Promise<void>;
}

export interface AppHooks {
  readonly signal?: AbortSignal;
  /** Called with the name of each call of a port before it is made. */
  readonly before?: (call: string) => void;
  /** Answers the question whether to apply. */
  readonly confirm?: () => Promise<boolean>;
}

export interface BedOptions {
  readonly generation?: StandInGeneration;
  readonly aws?: AwsSeed;
  /** Laid over the AntflyCluster's spec. */
  readonly spec?: AnyObject;
  readonly metadata?: AnyObject;
  readonly backup?: AnyObject | undefined;
  readonly objects?: readonly AnyObject[];
  /** Reads of AWS see a change after so long, milliseconds. */
  readonly eventual?: number;
}

export async function identityBed(options: BedOptions = {}): Promise<IdentityBed> {
  const { generation = 3, aws = {}, eventual = 0 } = options;
  const kube = await startKubeServer({ controllers: false, issuer: EKS_ISSUER, objects: crdsOf(generation) });
  const cloud = await startAwsServer({ buckets: [{ name: BUCKET }], ...aws }, { eventual });
  await kube.admin.must("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NS } },
  });
  for (const object of objectsOf(generation, options)) await create(kube.admin, object);
  const within = (more: BinOptions): BinOptions => ({
    kubeconfig: kube.kubeconfig({ namespace: NS }),
    ...more,
    env: { ...cloud.env, ANTFLY_CREDS_CLOUD: "", ...more.env },
  });
  return {
    kube,
    cloud,
    everything: () => everything(kube, cloud),
    run: (args, more = {}) => runBin(args, within(more)),
    runHere: (args, more = {}) => runHere(args, within(more)),
    app: (hooks = {}) => appOn(kube, cloud.env, hooks),
    stop: async () => {
      await Promise.all([kube.stop(), cloud.stop()]);
    },
  };
}

/** AntflyCluster, AntflyBackup and whatever else. */
export function objectsOf(
  generation: StandInGeneration,
  options: Pick<BedOptions, "spec" | "metadata" | "objects" | "backup">,
): AnyObject[] {
  const { spec = {}, metadata = {}, objects = [] } = options;
  const base = antflyCluster(NS, "c1", []);
  const cluster = {
    ...base,
    metadata: { ...base.metadata, ...metadata },
    spec: { ...base.spec, ...spec },
  };
  const backup = "backup" in options ? options.backup : { location: `s3://${BUCKET}/search` };
  const nightly = {
    apiVersion: "antfly.io/v1",
    kind: "AntflyBackup",
    metadata: { name: "nightly", namespace: NS },
    spec: { clusterRef: { name: "c1" }, schedule: "0 2 * * *", destination: backup },
  };
  return [forGeneration(generation, cluster), ...(backup === undefined ? [] : [nightly]), ...objects];
}

/** Kubernetes puts it into every namespace. */
const ROOT_CA = "kube-root-ca.crt";

async function everything(kube: InProcessCluster, cloud: InProcessCloud): Promise<object> {
  const { roles, providers, clusters } = cloud.state.actual;
  return {
    roles: [...roles.values()].map(({ name, path, trust, inline }) => ({ name, path, trust, inline: [...inline] })),
    providers: [...providers.values()].map(({ url, clientIds }) => ({ url, clientIds })),
    associations: [...clusters.values()].flatMap(({ associations }) =>
      [...associations.values()].map(({ namespace, serviceAccount, roleArn }) => ({
        namespace,
        serviceAccount,
        roleArn,
      })),
    ),
    objects: [...cloud.state.buckets.values()].map(({ objects }) => [...objects.keys()]),
    ...(await everythingIn(kube)),
  };
}

/** All of it that is in the cluster. */
export async function everythingIn(kube: InProcessCluster): Promise<object> {
  const list = async (path: string): Promise<AnyObject[]> => (await kube.admin.must("GET", path)).items;
  const core = `/api/v1/namespaces/${NS}`;
  const antfly = `/apis/antfly.io/v1/namespaces/${NS}`;
  return {
    accounts: (await list(`${core}/serviceaccounts`)).map(({ metadata }) => [
      metadata.name,
      metadata.annotations ?? {},
      metadata.labels ?? {},
    ]),
    notes: (await list(`${core}/configmaps`)).map(({ metadata }) => metadata.name).filter((name) => name !== ROOT_CA),
    secrets: (await list(`${core}/secrets`)).map(({ metadata, data }) => [metadata.name, data]),
    clusters: (await list(`${antfly}/antflyclusters`)).map(({ spec }) => spec),
    backups: (await list(`${antfly}/antflybackups`)).map(({ spec }) => spec),
    restores: (await list(`${antfly}/antflyrestores`)).map(({ spec }) => spec),
  };
}

/** An App over the API server, and over the clouds that answer where `surroundings` say. */
export function appOn(
  kube: InProcessCluster,
  surroundings: Readonly<Record<string, string>>,
  hooks: AppHooks = {},
): TestApp {
  const { signal = new AbortController().signal, before = () => {}, confirm } = hooks;
  // A pause takes no time, and is over all the same.
  let paused = 0;
  const redactor = new Redactor();
  const env = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", ...surroundings };
  const base = testApp("", { redactor });
  const overrides: Partial<App> = {
    redactor,
    signal,
    configuration: { ...base.configuration, noCloud: false },
    now: () => new Date(Date.now() + paused),
    sleep: async (milliseconds) => {
      paused += milliseconds;
    },
    kube: async (selection) => {
      const folder = mkdtempSync(join(tmpdir(), "antfly-creds-app-"));
      try {
        writeFileSync(join(folder, "kubeconfig"), kube.kubeconfig({ namespace: NS }), { mode: 0o600 });
        const client = connectKube({ ...selection, kubeconfig: join(folder, "kubeconfig") }, { env, redactor, signal });
        return told<Kube>(client, before);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    aws: async (selection) => told<Aws>(await connectAws(selection, { env, redactor, signal }), before),
    google: async (selection) => told<Google>(await connectGoogle(selection, { env, redactor, signal }), before),
    ...(confirm === undefined ? {} : { terminal: { ...base.terminal, interactive: true, confirm } }),
  };
  return Object.assign(base, overrides);
}

/** The same client, whose calls are told of. */
function told<T extends object>(client: T, before: (call: string) => void): T {
  return new Proxy(client, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return (...args: readonly unknown[]): unknown => {
        const dryRun = (args.at(-1) as { dryRun?: unknown } | undefined)?.dryRun === true;
        before(dryRun ? `${String(key)} (dry run)` : String(key));
        return Reflect.apply(member, target, args);
      };
    },
  });
}
