import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { secret, secretRef } from "../support/antfly.ts";
import { CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { CONTAINER } from "../support/google-server/container.ts";
import { IAM } from "../support/google-server/iam.ts";
import { RESOURCE_MANAGER } from "../support/google-server/resource-manager.ts";
import { SERVICE_USAGE } from "../support/google-server/service-usage.ts";
import { STORAGE } from "../support/google-server/storage.ts";
import { userWith, type PolicyRule } from "../support/test-cluster.ts";
import { BUCKET, NS } from "../support/identity-bed.ts";
import { keptFolder, type WrittenFolder } from "../support/write-to.ts";
import type { BinOptions, BinRun } from "../support/run-bin.ts";
import {
  EMAIL,
  MEMBER,
  OBJECT_USER,
  POOL,
  PROJECT,
  workloadBed,
  WORKLOAD_USER,
  type WorkloadBed,
  type WorkloadBedOptions,
} from "../support/workload-bed.ts";

const ANNOTATION = "iam.gke.io/gcp-service-account";
const ARGO = { "argocd.argoproj.io/tracking-id": "app:x" };
const YES = ["--yes", "--wait", "0s"];
const OTHERS = { role: OBJECT_USER, members: ["user:somebody@acme.com"] };
const SOON = {
  role: OBJECT_USER,
  members: ["user:guest@acme.com"],
  condition: { title: "soon", expression: 'request.time < timestamp("2030-01-01T00:00:00Z")' },
};

let bed: WorkloadBed;
afterEach(() => bed.stop());

const start = async (options: WorkloadBedOptions = {}): Promise<void> => {
  bed = await workloadBed(options);
};
const init = (args: readonly string[] = YES, options: BinOptions = {}): Promise<BinRun> =>
  bed.runHere(["init", "workload-identity", "c1", ...args], options);
/** The same by the built bin. */
const initByBin = (args: readonly string[]): Promise<BinRun> => bed.run(["init", "workload-identity", "c1", ...args]);
const get = (path: string): Promise<AnyObject> => bed.kube.admin.must("GET", path);
const clusterNow = (): Promise<AnyObject> => get(`/apis/antfly.io/v1/namespaces/${NS}/antflyclusters/c1`);
const accountNow = (name: string): Promise<AnyObject> => get(`/api/v1/namespaces/${NS}/serviceaccounts/${name}`);
const account = (name: string, metadata: AnyObject = {}): AnyObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace: NS, ...metadata },
});
const bindingsOf = (email: string): unknown => bed.google.state.accounts.get(email)?.policy.bindings;
const bucketBindings = (): unknown => bed.google.state.buckets.get(BUCKET)?.policy.bindings;
const changes = (): readonly unknown[] => [
  ...bed.kube.calls.filter(
    ({ verb, dryRun, resource, subresource }) =>
      ["create", "patch", "update", "delete"].includes(verb) &&
      !dryRun &&
      subresource !== "token" &&
      !resource.endsWith("reviews"),
  ),
  ...bed.google.calls.filter(
    ({ operation }) => /setIamPolicy|create|delete|update/i.test(operation) && !operation.startsWith("storage.objects"),
  ),
];
const forget = (): void => {
  bed.kube.calls.length = 0;
  bed.google.calls.length = 0;
};

describe("from nothing", () => {
  test("to a proven identity: account, bindings, ServiceAccount, AntflyCluster and backup", async () => {
    await start();
    const run = await initByBin([...YES, "-o", "json"]);
    expect(run.code, run.stdout).toBe(0);
    const codes = Object.fromEntries(run.json.results.map((result: AnyObject) => [result.code, result.status]));
    expect(codes).toMatchObject({ ANT0602: "pass", ANT0603: "pass", ANT0604: "pass", ANT0605: "pass" });
    expect(codes).toMatchObject({ ANT0610: "pass", ANT0611: "pass" });
    expect(bed.google.state.accounts.get(EMAIL)?.description).toMatch(
      /^For AntflyCluster production\/c1 of acme-prod\.svc\.id\.goog \(antfly-creds\/run [0-9a-f]{16}\)$/,
    );
    expect(bindingsOf(EMAIL)).toEqual([{ role: WORKLOAD_USER, members: [MEMBER] }]);
    expect(bucketBindings()).toEqual([{ role: OBJECT_USER, members: [`serviceAccount:${EMAIL}`] }]);
    expect((await accountNow("c1")).metadata.annotations[ANNOTATION]).toBe(EMAIL);
    const { spec } = await clusterNow();
    expect(spec.serviceAccountName).toBe("c1");
    expect(JSON.parse(spec.config).connections["backup-store"]).toEqual({
      kind: "external_io",
      capabilities: ["backup.write", "restore.read"],
      external_io: {
        protocol: "gcs",
        project_id: PROJECT,
        buckets: [BUCKET],
        prefix: "search/",
        gcs_credentials: { source: "default" },
      },
    });
    const backup = await get(`/apis/antfly.io/v1/namespaces/${NS}/antflybackups/nightly`);
    expect(backup.spec.destination).toEqual({ location: `gs://${BUCKET}/search`, connection: "backup-store" });
    // Neither the probe nor the note of the run is left behind.
    expect(await bed.everything()).toMatchObject({ inCluster: { notes: [] }, buckets: [[BUCKET, {}, []]] });
  });

  test("twice changes nothing", async () => {
    await start();
    expect((await init()).code).toBe(0);
    const before = await bed.everything();
    forget();
    const again = await init();
    expect(again.stderr).toBe(
      `Nothing to change: the pods of AntflyCluster c1 run as ServiceAccount c1, which has Google service account ${EMAIL}.\n`,
    );
    expect(again.code).toBe(0);
    expect(changes()).toEqual([]);
    expect(await bed.everything()).toEqual(before);
  });

  test("without a backup on Google the bucket is named", async () => {
    await start({ backup: undefined });
    const before = await bed.everything();
    const refused = await init();
    expect(refused.stderr).toContain(
      "error: no AntflyBackup and no connection of c1 names a bucket of Google Cloud Storage\n  say which bucket the identity is for with --bucket gs://BUCKET/PREFIX",
    );
    expect(refused.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
    const run = await init([...YES, "--bucket", `${BUCKET}/search`]);
    expect(run.stderr).toContain(
      "note: in an AntflyBackup the operators known so far take s3:// and file:// alone; connection backup-store is for backups that are asked of the database itself: antfly backup --location gs://acme-backups/search --connection backup-store\n",
    );
    expect(run.code).toBe(0);
    const { spec } = await clusterNow();
    expect(JSON.parse(spec.config).connections["backup-store"].external_io.prefix).toBe("search/");
  });

  test("a dry run plans it, has the API server check its part, and changes nothing", async () => {
    await start();
    const before = await bed.everything();
    forget();
    const run = await init(["--dry-run", "-o", "json"]);
    expect(run.code).toBe(0);
    expect(run.json.steps.map((step: AnyObject) => step.do)).toEqual([
      "google.account.create",
      "google.account.bind",
      "google.bucket.bind",
      "service-account.apply",
      "cluster.patch",
      "backup.patch",
    ]);
    expect(run.stderr).toContain("the API server accepts its steps, and Google Cloud can only be asked by doing it");
    expect(changes()).toEqual([]);
    expect(await bed.everything()).toEqual(before);
  });

  test("without --yes and without a terminal nothing is done: exit 2", async () => {
    await start();
    const before = await bed.everything();
    const run = await initByBin([]);
    expect(run.stderr).toContain("look at the plan above and add --yes");
    expect(run.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
  });
});

describe("what is there already", () => {
  test("is added to: other members, conditions and roles stay", async () => {
    const trusted = { role: WORKLOAD_USER, members: [`serviceAccount:${POOL}[staging/antfly]`] };
    await start({
      google: {
        accounts: [{ id: "backups", bindings: [trusted] }],
        buckets: [{ name: BUCKET, bindings: [OTHERS, SOON] }],
      },
      spec: { serviceAccountName: "antfly" },
      objects: [account("antfly", { labels: { team: "search" } })],
    });
    const run = await init([...YES, "--google-account", "backups"]);
    expect(run.code, run.stderr + run.stdout).toBe(0);
    const email = `backups@${PROJECT}.iam.gserviceaccount.com`;
    expect(bindingsOf(email)).toEqual([
      { ...trusted, members: [...trusted.members, `serviceAccount:${POOL}[${NS}/antfly]`] },
    ]);
    expect(bucketBindings()).toEqual([{ ...OTHERS, members: [...OTHERS.members, `serviceAccount:${email}`] }, SOON]);
    const { labels, annotations } = (await accountNow("antfly")).metadata;
    expect([labels, annotations[ANNOTATION]]).toEqual([{ team: "search" }, email]);
  });

  test("a role that gives more is enough, unless another one is asked for", async () => {
    const admin = { role: "roles/storage.objectAdmin", members: [`serviceAccount:${EMAIL}`] };
    await start({
      google: {
        accounts: [{ id: "antfly-production-c1", bindings: [{ role: WORKLOAD_USER, members: [MEMBER] }] }],
        buckets: [{ name: BUCKET, bindings: [admin] }],
      },
    });
    expect((await init()).code).toBe(0);
    expect(bucketBindings()).toEqual([admin]);
    await init([...YES, "--role", OBJECT_USER]);
    expect(bucketBindings()).toEqual([admin, { role: OBJECT_USER, members: admin.members }]);
  });

  test("an account of another project is that of the annotation; its member is of the cluster's pool", async () => {
    const email = "backups@acme-tools.iam.gserviceaccount.com";
    await start({
      google: { projects: [{ id: "acme-tools", number: "2" }], accounts: [{ id: "backups", project: "acme-tools" }] },
      objects: [account("c1", { annotations: { [ANNOTATION]: email } })],
    });
    expect((await init()).code).toBe(0);
    expect(bindingsOf(email)).toEqual([{ role: WORKLOAD_USER, members: [MEMBER] }]);
  });

  test("an account is made where --google-project says", async () => {
    await start({ google: { projects: [{ id: "acme-tools", number: "2" }] } });
    expect((await init([...YES, "--google-project", "acme-tools"])).code).toBe(0);
    expect([...bed.google.state.accounts.keys()]).toEqual(["antfly-production-c1@acme-tools.iam.gserviceaccount.com"]);
  });

  test.each([
    ["of the AntflyCluster", { metadata: { annotations: ARGO } }, "AntflyCluster production/c1 is managed by Argo CD"],
    [
      "of the ServiceAccount",
      { objects: [account("c1", { annotations: ARGO })] },
      "ServiceAccount production/c1 is managed by Argo CD",
    ],
  ])("an owner %s is respected, unless told", async (_, options, message) => {
    await start(options);
    const before = await bed.everything();
    const refused = await init();
    expect(refused.stderr).toContain(message);
    expect(refused.code).toBe(2);
    expect((await init([...YES, "--write-to", "out"])).code).toBe(0);
    expect(await bed.everything()).toEqual(before);
    expect((await init([...YES, "--managed"])).code).toBe(0);
  });
});

const TRUSTED = { role: WORKLOAD_USER, members: [MEMBER] };

describe("--direct", () => {
  const principal = `principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/${POOL}/subject/ns/${NS}/sa/c1`;

  test("gives the role to the ServiceAccount itself, and makes no account; twice is no change", async () => {
    await start();
    const run = await init([...YES, "--direct"]);
    expect(run.code, run.stdout).toBe(0);
    expect(bed.google.state.accounts.size).toBe(0);
    expect(bucketBindings()).toEqual([{ role: OBJECT_USER, members: [principal] }]);
    expect((await accountNow("c1")).metadata.annotations[ANNOTATION]).toBeUndefined();
    const again = await init([...YES, "--direct"]);
    expect(again.stderr).toContain("which has its rights on Google Cloud itself.\n");
  });

  test("takes an annotation off that would be in the way, whoever has set it", async () => {
    await start({ objects: [account("c1", { annotations: { [ANNOTATION]: EMAIL, team: "search" } })] });
    const run = await init([...YES, "--direct"]);
    expect(run.stderr).toContain(`- ${ANNOTATION}: ${EMAIL}`);
    expect(run.code, run.stdout).toBe(0);
    expect((await accountNow("c1")).metadata.annotations).toEqual({ team: "search" });
  });

  test("goes with no account", async () => {
    await start();
    const run = await init([...YES, "--direct", "--google-account", "backups"]);
    expect(run.stderr).toBe("error: --direct goes without a Google service account, and --google-account names one\n");
    expect(run.code).toBe(2);
  });
});

describe("an HMAC key that is there besides", () => {
  test("stays; once the identity is proven, it is said how to do without it", async () => {
    const id = `GOOG1E${"A".repeat(55)}`;
    await start({
      google: {
        accounts: [{ id: "backups" }],
        hmacKeys: [{ id, secret: CANARY_SECRET, account: `backups@${PROJECT}.iam.gserviceaccount.com` }],
      },
      spec: { dataNodes: nodes("api", "raft"), metadataNodes: nodes("metadataAPI", "metadataRaft") },
      objects: [secret(NS, "keys", { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: CANARY_SECRET })],
    });
    const run = await init();
    expect(run.stderr).toContain(
      "The identity is proven, and the static keys of Secret keys are still there and valid.",
    );
    expect(run.stderr).toContain(
      `  # unless something else uses this HMAC key of backups@${PROJECT}.iam.gserviceaccount.com:\n  gcloud storage hmac update "$(kubectl get secret keys -n production -o 'jsonpath={.data.AWS_ACCESS_KEY_ID}' | base64 -d)" --deactivate --project ${PROJECT}\n`,
    );
    expect(bed.google.state.hmacKeys.get(id)?.state).toBe("ACTIVE");
  });
  const nodes = (api: string, raft: string): AnyObject => ({
    replicas: 3,
    [api]: {},
    [raft]: {},
    resources: { limits: {} },
    envFrom: [secretRef("keys")],
  });
});

describe("what Google does not know everywhere yet", () => {
  test.each([
    ["with rights of its own", ["--direct"], {}],
    ["as an account that lets it in", [], { accounts: [{ id: "antfly-production-c1", bindings: [TRUSTED] }] }],
  ])("is not called missing, %s", async (_, args, google) => {
    await start({ google });
    bed.google.state.lagMs = 300_000;
    const run = await init([...YES, ...args, "-o", "json"]);
    const failed = run.json.results.filter(({ status }: AnyObject) => status === "fail");
    expect(failed.map(({ findings }: AnyObject) => findings[0].cause)).toEqual(["gke.binding-propagation"]);
    expect(failed[0].findings[0].fixes).toMatchObject([{ text: expect.stringContaining("try again in some minutes") }]);
    expect(run.code).toBe(3);
  });
});

describe("the workload pool", () => {
  const OFF = { clusters: [{ workloadPool: false, nodePools: { main: "GCE_METADATA", gpu: "" } }] } as const;

  test("is not turned on unasked: exit 3 with the commands, and nothing changed", async () => {
    await start({ google: OFF });
    const before = await bed.everything();
    forget();
    const run = await init([...YES, "-o", "json"]);
    expect(run.code).toBe(3);
    expect(run.json.error.message).toBe(
      "GKE cluster prod has no workload pool, from which the pods would have an identity of their own; nothing was changed",
    );
    expect(run.json.error.hint.split("\n")).toEqual([
      "these turn it on, and make all nodes of the node pools anew:",
      "  gcloud container clusters update prod --location europe-west1 --project acme-prod --workload-pool acme-prod.svc.id.goog",
      "  gcloud container node-pools update main --cluster prod --location europe-west1 --project acme-prod --workload-metadata GKE_METADATA",
      "  gcloud container node-pools update gpu --cluster prod --location europe-west1 --project acme-prod --workload-metadata GKE_METADATA",
      "or let this command do it with --enable-pool",
    ]);
    expect(changes()).toEqual([]);
    expect(await bed.everything()).toEqual(before);
  });

  test("with --enable-pool it comes first, and the plan says that nodes are made anew", async () => {
    await start({ google: OFF });
    const run = await init([...YES, "--enable-pool"]);
    expect(run.stderr).toContain("ALL NODES of this pool are made anew");
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(await bed.everything()).toMatchObject({
      clusters: [{ workloadPool: POOL, nodePools: [{ mode: "GKE_METADATA" }, { mode: "GKE_METADATA" }] }],
    });
  });

  test("is always on where GKE runs the nodes (Autopilot)", async () => {
    await start({ google: { clusters: [{ autopilot: true, nodePools: { "pool-1": "" } }] } });
    expect((await init()).code).toBe(0);
  });

  test("node pools without the cluster's pods are left alone", async () => {
    await start({
      google: { clusters: [{ nodePools: { main: "GCE_METADATA", gpu: "GCE_METADATA" } }] },
      objects: [node("n1", "main"), node("n2", "gpu"), pod("c1-data-0", "n1")],
    });
    const run = await init();
    expect(run.stderr).toContain(
      "error: node pool main of GKE cluster prod gives the pods the identity of their node, and none of their own; nothing was changed",
    );
    expect(run.stderr).not.toContain("gpu");
    expect(run.code).toBe(3);
  });
});

const node = (name: string, pool: string): AnyObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "cloud.google.com/gke-nodepool": pool } },
  spec: { providerID: `gce://${PROJECT}/europe-west1-b/${name}` },
});
const pod = (name: string, nodeName: string): AnyObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name,
    namespace: NS,
    labels: {
      "app.kubernetes.io/name": "antfly-database",
      "app.kubernetes.io/instance": "c1",
      "app.kubernetes.io/component": "data",
    },
  },
  spec: { nodeName, containers: [{ name: "antfly", image: "antfly" }] },
});

describe("what cannot be done is said before anything is", () => {
  const ID = "antfly-production-c1";
  test.each<[string, WorkloadBedOptions, readonly string[], string]>([
    [
      "no bucket of that name",
      { google: { buckets: [] } },
      [],
      "there is no bucket acme-backups, which AntflyBackup nightly names\n  gcloud storage buckets create gs://acme-backups --project acme-prod --uniform-bucket-level-access",
    ],
    [
      "a bucket where whoever asks pays",
      { google: { buckets: [{ name: BUCKET, requesterPays: true }] } },
      [],
      "whoever asks bucket acme-backups has to name a project that pays for it, and the database names none\n  gcloud storage buckets update gs://acme-backups --no-requester-pays",
    ],
    [
      "an account that is disabled",
      { google: { accounts: [{ id: ID, disabled: true }] } },
      [],
      `Google service account ${EMAIL} is disabled\n  gcloud iam service-accounts enable ${EMAIL} --project acme-prod`,
    ],
    [
      "an account that may be another cluster's",
      { google: { accounts: [{ id: ID }] } },
      [],
      "it may be that of another one",
    ],
    [
      "an account of another project that is not there",
      { google: { projects: [{ id: "acme-tools", number: "2" }] } },
      ["--google-account", "backups@acme-tools.iam.gserviceaccount.com"],
      "there is no Google service account backups@acme-tools.iam.gserviceaccount.com\n  create it there: gcloud iam service-accounts create backups --project acme-tools",
    ],
    [
      "an annotation that names another account",
      { objects: [account("c1", { annotations: { [ANNOTATION]: EMAIL } })] },
      ["--google-account", "backups"],
      `the ServiceAccount is that of Google service account ${EMAIL} already`,
    ],
    [
      "an annotation that names none",
      { objects: [account("c1", { annotations: { [ANNOTATION]: "backups" } })] },
      [],
      `annotation ${ANNOTATION} says "backups", which is a name, and not the whole address\n  kubectl annotate serviceaccount c1 -n production --overwrite ${ANNOTATION}=backups@acme-prod.iam.gserviceaccount.com`,
    ],
    ["an account that none can be", {}, ["--google-account", "me@acme.com"], '--google-account says "me@acme.com"'],
    ["a bucket of AWS", {}, ["--bucket", "s3://acme"], "a Google identity is for buckets of Google Cloud Storage"],
    ["a role that is none", {}, ["--role", "storage.objectUser"], '--role says "storage.objectUser", which is no role'],
    [
      "a right that the tool does not have",
      { google: { denied: ["storage.buckets.getIamPolicy"] } },
      [],
      "storage.buckets.getIamPolicy",
    ],
  ])("%s", async (_, options, args, message) => {
    await start(options);
    const before = await bed.everything();
    const run = await init([...YES, ...args]);
    expect(run.stderr).toContain(message);
    expect(run.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
  });

  test("a role that is not enough is told of", async () => {
    await start();
    const run = await init(["--dry-run", "--role", "roles/storage.objectViewer"]);
    expect(run.stderr).toContain(
      "note: role roles/storage.objectViewer does not give storage.objects.create and storage.objects.delete, which backups need\n",
    );
  });

  test("an API that is off is told of", async () => {
    await start({ google: { projects: [{ id: PROJECT, services: { "iamcredentials.googleapis.com": "DISABLED" } }] } });
    const run = await init(["--dry-run"]);
    expect(run.stderr).toContain("gcloud services enable iamcredentials.googleapis.com --project acme-prod");
  });

  test("nobody's credentials", async () => {
    await start();
    const before = await bed.everything();
    const run = await init(YES, { env: { GOOGLE_APPLICATION_CREDENTIALS: "" } });
    expect(run.stderr).toContain("gcloud auth application-default login");
    expect(run.code).not.toBe(0);
    expect(await bed.everything()).toEqual(before);
  });
});

describe("generations whose backups cannot use an identity", () => {
  const backup = { location: `s3://${BUCKET}/search` };

  test.each([1, 2] as const)("%i: it says so before it asks Google anything: exit 3", async (generation) => {
    await start({ generation, backup });
    const before = await bed.everything();
    forget();
    const run = await init([...YES, "-o", "json"]);
    expect(run.code).toBe(3);
    expect(run.json.error.message).toContain(`the operator is of generation ${generation}`);
    expect(run.json.error.hint).toContain(
      "what works: antfly-creds init secret c1 -n production --provider gcs --create-hmac",
    );
    expect(bed.google.calls).toEqual([]);
    expect(changes()).toEqual([]);
    expect(await bed.everything()).toEqual(before);
  });

  test.each([1, 2] as const)(
    "%i with --identity-only: the identity is set up, and no backup uses it",
    async (generation) => {
      await start({ generation, backup });
      const run = await init([...YES, "--identity-only", "--bucket", `gs://${BUCKET}`]);
      expect(run.stderr).toContain("done: create ServiceAccount production/c1");
      expect((await accountNow("c1")).metadata.annotations[ANNOTATION]).toBe(EMAIL);
      const { spec } = await clusterNow();
      expect([spec.serviceAccountName, spec.config]).toEqual(["c1", "{}"]);
      expect(bucketBindings()).toEqual([{ role: OBJECT_USER, members: [`serviceAccount:${EMAIL}`] }]);
    },
  );
});

describe("--identity-only", () => {
  test("takes no bucket: account, binding, ServiceAccount and AntflyCluster", async () => {
    await start({ backup: undefined });
    const run = await init(["--dry-run", "--identity-only", "-o", "json"]);
    expect(run.json.steps.map((step: AnyObject) => step.do)).toEqual([
      "google.account.create",
      "google.account.bind",
      "service-account.apply",
      "cluster.patch",
    ]);
    const done = await init([...YES, "--identity-only"]);
    expect(done.code, done.stderr + done.stdout).toBe(0);
    expect((await clusterNow()).spec.config).toBe("{}");
  });

  test("finds the GKE cluster, although nothing points to Google yet", async () => {
    await start({ backup: undefined, google: { clusters: [{ name: "other" }] } });
    const run = await init([...YES, "--identity-only"]);
    expect(run.stderr).toContain("Google has no GKE cluster acme-prod/europe-west1/prod");
    expect(run.code).toBe(5);
  });
});

describe("--write-to", () => {
  test("writes all of it, and touches neither the cluster nor Google Cloud", async () => {
    await start();
    const before = await bed.everything();
    forget();
    const run = await init(["--write-to", "out"], {
      after: (cwd) => {
        const read = (name: string): string => readFileSync(join(cwd, "out", name), "utf8");
        expect(parse(read("serviceaccount-c1.yaml")).metadata.annotations[ANNOTATION]).toBe(EMAIL);
        expect(parse(read("antflycluster-c1.patch.yaml")).spec.serviceAccountName).toBe("c1");
        expect(parse(read("antflybackup-nightly.patch.yaml")).spec.destination.connection).toBe("backup-store");
        for (const name of ["workload-identity.tf", "gcloud.sh"]) expect(read(name)).toContain(MEMBER);
      },
    });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(
      "Nothing was changed on the cluster or in Google Cloud. To apply (workload-identity.tf does the first for Terraform):\n  sh out/gcloud.sh\n",
    );
    expect(run.stderr).toContain("kubectl patch antflybackup nightly -n production --type merge");
    expect(changes()).toEqual([]);
    expect(await bed.everything()).toEqual(before);
  });

  test.each([
    ["an account that is made", {}, [], ["service-account.apply", "cluster.patch", "backup.patch"]],
    [
      "an account that is there, and policies of others",
      {
        accounts: [{ id: "backups", bindings: [{ role: WORKLOAD_USER, members: ["user:a@acme.com"] }] }],
        buckets: [{ name: BUCKET, bindings: [OTHERS, SOON] }],
      },
      ["--google-account", "backups"],
      ["service-account.apply", "cluster.patch", "backup.patch"],
    ],
    ["no account", {}, ["--direct"], ["service-account.apply", "cluster.patch", "backup.patch"]],
    [
      "a pool that is off",
      { clusters: [{ workloadPool: false, nodePools: { main: "GCE_METADATA" } }] },
      ["--enable-pool"],
      ["service-account.apply", "cluster.patch", "backup.patch"],
    ],
  ] as const)(
    "the script does in Google Cloud what init does, once and no more, with %s",
    async (_, google, args, left) => {
      await start({ google });
      let folder: WrittenFolder | undefined;
      await init(["--write-to", "out", ...args], { after: (cwd) => (folder = keptFolder(join(cwd, "out"))) });
      try {
        const after: object[] = [];
        for (const _time of ["once", "twice"]) {
          const ran = await folder?.runScript(bed.google.env, [], "gcloud.sh");
          expect([ran?.code, ran?.stderr]).toEqual([0, expect.not.stringContaining("ERROR")]);
          after.push(await bed.everything());
        }
        expect(after[1]).toEqual(after[0]);
        const plan = await init(["--dry-run", "-o", "json", ...args]);
        expect(plan.json.steps.map((step: AnyObject) => step.do)).toEqual(left);
      } finally {
        folder?.remove();
      }
    },
  );

  test("with --direct and an annotation in the way it says what takes that off", async () => {
    await start({ objects: [account("c1", { annotations: { [ANNOTATION]: EMAIL } })] });
    const run = await init(["--write-to", "out", "--direct"]);
    expect(run.stderr).toContain(`  kubectl annotate serviceaccount c1 -n production ${ANNOTATION}-\n`);
  });
});

test("with exactly the rights that permissions prints, on both sides", async () => {
  const google = { clusters: [{ workloadPool: false, nodePools: { main: "GCE_METADATA" } }] } as const;
  await start({ google });
  const printed = (await bed.run(["permissions", "c1", "--init-workload-identity", "-o", "json"])).json;
  const rules = (kind: string): PolicyRule[] =>
    printed["documents"].filter((one: AnyObject) => one.kind === kind).flatMap((one: AnyObject) => one["rules"]);
  const token = await userWith(bed.kube, NS, "setter-up", rules("Role"), rules("ClusterRole"));
  const as = { kubeconfig: bed.kube.kubeconfig({ namespace: NS, token }) };
  const known = [CONTAINER, IAM, RESOURCE_MANAGER, SERVICE_USAGE, STORAGE].flatMap(({ routes }) => routes);
  const denied = known
    .map(({ permission }) => permission)
    .filter((one) => one !== "" && !printed["googleRole"].includedPermissions.includes(one));
  expect(denied.length).toBeGreaterThan(10);
  await bed.google.seed({ denied });
  const failing = (code: number): void =>
    bed.kube.faults.add({
      when: ({ resource, verb, dryRun }) => resource === "antflyclusters" && verb === "patch" && !dryRun,
      times: 1,
      fault: { kind: "status", code, message: "away" },
    });
  // What it has done it may also take back.
  failing(500);
  const before = await bed.everything();
  const undone = await init([...YES, "--enable-pool"], as);
  expect(undone.code, undone.stderr).toBe(6);
  expect(await bed.everything()).toEqual(before);
  const run = await init([...YES, "--enable-pool"], as);
  expect(run.stderr).not.toContain("error:");
  expect(run.code, run.stdout).toBe(0);
});
