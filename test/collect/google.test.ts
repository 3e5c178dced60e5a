import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { Collection, type Cloud, type World } from "../../src/collect/collector.ts";
import { GOOGLE_COLLECTORS } from "../../src/collect/google-facts.ts";
import type { FactKey, FactMap, Facts } from "../../src/domain/facts.ts";
import type { GoogleAim } from "../../src/domain/google-facts.ts";
import { known, valueOf, type Known } from "../../src/domain/known.ts";
import { KubeError, type Google, type KubeObject } from "../../src/ports.ts";
import { googleOn } from "../support/google-client.ts";
import { GKE_ISSUER, startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import { emailOf, workloadMember, type GoogleSeed } from "../support/test-google.ts";

const PROD = { project: "acme-prod", location: "europe-west1", name: "prod" };
const CONTEXT = "gke_acme-prod_europe-west1_prod";
const ORIGIN = { via: "kube", ref: "a test" } as const;

let cloud: InProcessGoogle;
let google: Google;
beforeAll(async () => {
  cloud = await startGoogleServer();
  google = await googleOn(cloud);
});
beforeEach(async () => {
  google.close();
  google = await googleOn(cloud);
});
afterAll(async () => {
  google.close();
  await cloud.stop();
});

interface Setting {
  readonly seed?: GoogleSeed;
  /** Of the ServiceAccount. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly buckets?: readonly string[];
  readonly nodes?: readonly KubeObject[];
  readonly issuer?: string;
  readonly cloud?: Partial<Cloud> | { readonly off: string };
  readonly kube?: Partial<Cloud["kube"]>;
}

/** Calls to the API server. */
let asked: string[];

/** One fact of a cluster that is as told. */
async function factOf<K extends FactKey>(key: K, setting: Setting): Promise<Known<FactMap[K]>> {
  cloud.reset(setting.seed);
  asked = [];
  const { annotations = {}, buckets = [], nodes = [] } = setting;
  const aims = buckets.map((bucket) => ({ bucket, source: "default" }) as GoogleAim);
  const account = { name: "antfly", gcpAccount: annotations["iam.gke.io/gcp-service-account"], annotations };
  const given: Facts = {
    serviceAccount: known(account as FactMap["serviceAccount"], ORIGIN),
    googleAims: known(aims, ORIGIN),
  };
  const kube = {
    server: "https://34.1.2.3",
    clusterEntry: "a-cluster",
    createToken: () => Promise.reject(new Error("no token is needed")),
    openIdConfiguration: async () => {
      asked.push("issuer");
      if (setting.issuer === undefined) throw new KubeError("forbidden", "it is forbidden", 403);
      return { issuer: setting.issuer };
    },
    ...setting.kube,
  };
  const world = {
    namespace: "production",
    cloud:
      setting.cloud && "off" in setting.cloud ? setting.cloud : { google: async () => google, ...setting.cloud, kube },
    reader: {
      list: async () => {
        asked.push("nodes");
        return nodes;
      },
    },
  } as unknown as World;
  return new Collection(GOOGLE_COLLECTORS, () => world, given).get(key);
}

const annotated = (id = "backup-sa"): Record<string, string> => ({
  "iam.gke.io/gcp-service-account": emailOf(cloud, id),
});

const node = (name: string, labels: Record<string, string>, providerID: string): KubeObject => ({
  metadata: { name, labels },
  spec: { providerID },
});
const NODE = node("n1", { "cloud.google.com/gke-nodepool": "default-pool" }, "gce://acme-prod/europe-west1-b/n1");

const operations = (): string[] => cloud.calls.map(({ action }) => action).filter((one) => !one.startsWith("sts"));

describe("where nothing points to Google", () => {
  test.each<[FactKey, unknown]>([
    ["gkeCluster", { state: "absent" }],
    ["nodes", { state: "absent" }],
    ["googleAccount", { state: "absent" }],
    ["googleBuckets", { state: "known", value: [] }],
    ["googleRoles", { state: "known", value: {} }],
    ["gkePeers", { state: "absent" }],
  ])("%s: neither it nor the API server is asked", async (key, expected) => {
    const annotations = { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/antfly" };
    expect(await factOf(key, { annotations, nodes: [NODE], kube: { clusterEntry: CONTEXT } })).toMatchObject(
      expected as object,
    );
    expect([cloud.calls, asked]).toEqual([[], []]);
  });
});

describe("where no cloud is asked", () => {
  test.each<FactKey>(["gkeCluster", "googleAccount", "googleBuckets"])("%s says why it is not given", async (key) => {
    const off = { off: "--no-cloud was given" };
    expect(await factOf(key, { annotations: annotated(), buckets: ["acme"], cloud: off })).toMatchObject({
      state: "unknown",
      why: "not-given",
      detail: "--no-cloud was given",
    });
    expect(cloud.calls).toEqual([]);
  });
});

describe("the GKE cluster", () => {
  const seed: GoogleSeed = {
    clusters: [{ endpoint: "34.1.2.3", nodePools: { "default-pool": "GKE_METADATA", old: "" } }, { name: "other" }],
  };

  test.each<[string, Setting, string]>([
    ["the flag", { cloud: { gkeCluster: PROD } }, "--gke-cluster"],
    ["the kubeconfig", { kube: { clusterEntry: CONTEXT } }, "context"],
    ["its own issuer", { issuer: GKE_ISSUER }, "issuer"],
    ["the address, among those of the nodes' project", { nodes: [NODE] }, "nodes"],
  ])("is named by %s", async (_, setting, namedBy) => {
    expect(await factOf("gkeCluster", { seed, annotations: annotated(), ...setting })).toMatchObject({
      state: "known",
      value: {
        ...PROD,
        namedBy,
        projectNumber: { value: "123456789012" },
        workloadPool: "acme-prod.svc.id.goog",
        nodePools: [
          { name: "default-pool", metadataMode: "GKE_METADATA" },
          { name: "old", metadataMode: undefined },
        ],
      },
    });
    expect(operations().sort()).toEqual([
      namedBy === "nodes" ? "container.clusters.list" : "container.clusters.get",
      "resourcemanager.projects.get",
    ]);
  });

  test.each<[string, Setting]>([
    ["an annotation of GKE's that is misspelt", { annotations: { "iam.gke.io/service-account": "x" } }],
    ["a bucket of Google's own API", { annotations: {}, buckets: ["acme"] }],
  ])("is looked for because of %s", async (_, setting) => {
    expect(await factOf("gkeCluster", { seed, kube: { clusterEntry: CONTEXT }, ...setting })).toMatchObject({
      state: "known",
    });
  });

  test("absent where nothing says that it is one of GKE", async () => {
    const nodes = [node("n1", {}, "aws:///eu-west-1a/i-0123"), node("n2", {}, "gce://acme-prod/europe-west1-b/n2")];
    expect(await factOf("gkeCluster", { seed, annotations: annotated(), nodes })).toMatchObject({ state: "absent" });
    expect(operations()).toEqual([]);
  });

  test.each<[string, Setting, string]>([
    [
      "it cannot be told which of the project",
      { nodes: [NODE], kube: { server: "https://10.0.0.1" } },
      "the nodes are of GKE in project acme-prod, and which cluster this is cannot be told: --gke-cluster PROJECT/LOCATION/NAME says it",
    ],
    [
      "there is none of that name",
      { cloud: { gkeCluster: { ...PROD, name: "none" } } },
      "Google has no GKE cluster acme-prod/europe-west1/none: --gke-cluster PROJECT/LOCATION/NAME says it",
    ],
    [
      "the issuer is another's",
      { cloud: { gkeCluster: { ...PROD, name: "other" } }, issuer: GKE_ISSUER },
      "this API server calls itself GKE cluster acme-prod/europe-west1/prod, and --gke-cluster names acme-prod/europe-west1/other: --gke-cluster PROJECT/LOCATION/NAME says it",
    ],
    [
      "the address is another's",
      { kube: { clusterEntry: CONTEXT, server: "https://34.9.9.9" } },
      "GKE cluster acme-prod/europe-west1/prod is at 34.1.2.3, and this API server at https://34.9.9.9: it is another cluster; --gke-cluster PROJECT/LOCATION/NAME says it",
    ],
  ])("unknown where %s", async (_, setting, detail) => {
    expect(await factOf("gkeCluster", { seed, annotations: annotated(), ...setting })).toMatchObject({
      state: "unknown",
      why: "server-error",
      detail,
    });
  });

  test.each([
    "https://127.0.0.1:6443",
    "https://10.1.2.3",
    "https://gke.acme.test",
    "https://gke-x.europe-west1.gke.goog",
  ])("a server at %s may be any cluster's: a tunnel, a proxy, a name that is not known", async (server) => {
    const kube = { clusterEntry: CONTEXT, server };
    expect(await factOf("gkeCluster", { seed, annotations: annotated(), kube })).toMatchObject({ state: "known" });
  });

  test.each<[string, Setting]>([
    ["container.clusters.get", { kube: { clusterEntry: CONTEXT } }],
    ["container.clusters.list", { nodes: [NODE] }],
  ])("the right that is missing is named: %s", async (permission, setting) => {
    const denied = { ...seed, denied: [permission] };
    expect(await factOf("gkeCluster", { seed: denied, annotations: annotated(), ...setting })).toMatchObject({
      state: "unknown",
      why: "forbidden",
      grant: { permission, on: "cluster project" },
    });
  });

  test("without the project's number the rest is known", async () => {
    const denied = { ...seed, denied: ["resourcemanager.projects.get"] };
    const setting = { seed: denied, annotations: annotated(), kube: { clusterEntry: CONTEXT } };
    expect(await factOf("gkeCluster", setting)).toMatchObject({
      state: "known",
      value: { projectNumber: { why: "forbidden", grant: { permission: "resourcemanager.projects.get" } } },
    });
  });

  test("others share its workload pool", async () => {
    const clusters = [
      { endpoint: "34.1.2.3" },
      { name: "staging", location: "us-central1-a" },
      { name: "without", workloadPool: false as const },
    ];
    const kube = { clusterEntry: CONTEXT };
    expect(await factOf("gkePeers", { seed: { clusters }, annotations: annotated(), kube })).toMatchObject({
      state: "known",
      value: [{ project: "acme-prod", location: "us-central1-a", name: "staging" }],
    });
  });
});

test("nodes say how pods there come by an identity", async () => {
  const labels = {
    "cloud.google.com/gke-nodepool": "default-pool",
    "iam.gke.io/gke-metadata-server-enabled": "true",
  };
  const nodes = [node("n1", labels, "gce://acme-prod/europe-west1-b/n1"), { metadata: { name: "n2" } }];
  expect(await factOf("nodes", { annotations: annotated(), nodes })).toMatchObject({
    state: "known",
    value: [
      {
        name: "n1",
        pool: "default-pool",
        metadataServer: true,
        provider: "gce://acme-prod/europe-west1-b/n1",
        project: "acme-prod",
      },
      { name: "n2", pool: undefined, metadataServer: false, provider: undefined, project: undefined },
    ],
  });
});

describe("the Google service account", () => {
  const member = (): string => workloadMember(cloud, "production", "antfly");
  const seed = (): GoogleSeed => ({
    accounts: [{ id: "backup-sa", bindings: [{ role: "roles/iam.workloadIdentityUser", members: [member()] }] }],
    projects: [{ id: "acme-prod", services: { "iamcredentials.googleapis.com": "DISABLED" } }],
  });

  test("with who may act as it, what its project gives, and whether tokens can be made", async () => {
    expect(await factOf("googleAccount", { seed: seed(), annotations: annotated() })).toMatchObject({
      state: "known",
      value: {
        email: emailOf(cloud, "backup-sa"),
        project: "acme-prod",
        disabled: false,
        policy: { value: { bindings: [{ role: "roles/iam.workloadIdentityUser", members: [member()] }] } },
        projectPolicy: { state: "known" },
        credentialsApi: { value: "DISABLED" },
      },
    });
    expect(operations().sort()).toEqual([
      "iam.serviceAccounts.get",
      "iam.serviceAccounts.getIamPolicy",
      "resourcemanager.projects.getIamPolicy",
      "serviceusage.services.get",
    ]);
  });

  test("absent where Google has none, and nobody asks for what can be no account", async () => {
    expect(await factOf("googleAccount", { annotations: annotated("gone") })).toMatchObject({ state: "absent" });
    for (const text of ["backup-sa", "serviceAccount:x@y.iam.gserviceaccount.com/..", " a@b.gserviceaccount.com", ""]) {
      const annotations = { "iam.gke.io/gcp-service-account": text };
      expect(await factOf("googleAccount", { annotations }), text).toMatchObject({ state: "absent" });
      expect(operations(), text).toEqual([]);
    }
  });

  test.each([
    ["iam.serviceAccounts.getIamPolicy", "policy"],
    ["resourcemanager.projects.getIamPolicy", "projectPolicy"],
    ["serviceusage.services.get", "credentialsApi"],
  ])("without %s its %s is unknown, and the rest is known", async (permission, part) => {
    const fact = await factOf("googleAccount", {
      seed: { ...seed(), denied: [permission] },
      annotations: annotated(),
    });
    expect(fact).toMatchObject({
      state: "known",
      value: { disabled: false, [part]: { state: "unknown", why: "forbidden", grant: { permission } } },
    });
  });

  test("without iam.serviceAccounts.get nothing is", async () => {
    const denied = { ...seed(), denied: ["iam.serviceAccounts.get"] };
    expect(await factOf("googleAccount", { seed: denied, annotations: annotated() })).toMatchObject({
      state: "unknown",
      why: "forbidden",
      grant: { permission: "iam.serviceAccounts.get", on: "service account" },
    });
  });

  test("an API that is off is named with the command that turns it on", async () => {
    const off: GoogleSeed = {
      accounts: [{ id: "backup-sa" }],
      projects: [{ id: "acme-prod", services: { "iam.googleapis.com": "DISABLED" } }],
    };
    expect(await factOf("googleAccount", { seed: off, annotations: annotated() })).toMatchObject({
      state: "unknown",
      why: "forbidden",
      detail: expect.stringMatching(
        /^iam\.googleapis\.com is off in project \S+: gcloud services enable iam\.googleapis\.com --project \S+$/,
      ),
    });
  });
});

describe("the buckets", () => {
  const buckets = [
    { name: "acme-backups", bindings: [{ role: "roles/storage.objectUser", members: ["allAuthenticatedUsers"] }] },
    { name: "acme-paid", requesterPays: true },
  ];

  test("one each, with the policies of each and of its project, which is asked once", async () => {
    const asking = { seed: { buckets }, buckets: ["acme-backups", "acme-paid", "acme-backups", "acme-none"] };
    expect(await factOf("googleBuckets", asking)).toMatchObject({
      state: "known",
      value: [
        {
          bucket: "acme-backups",
          policy: { value: { bindings: buckets[0]?.bindings } },
          projectPolicy: { state: "known" },
          requesterPays: { value: false },
        },
        { bucket: "acme-paid", policy: { state: "unknown" }, requesterPays: { value: true } },
      ],
    });
    expect(operations().filter((one) => one === "resourcemanager.projects.getIamPolicy")).toHaveLength(1);
  });

  test.each<[string, object]>([
    ["storage.buckets.getIamPolicy", { policy: { why: "forbidden" }, projectPolicy: { state: "known" } }],
    [
      "storage.buckets.get",
      {
        policy: { state: "known" },
        projectPolicy: { why: "forbidden", grant: { permission: "storage.buckets.get" } },
        requesterPays: { why: "forbidden" },
      },
    ],
  ])("without %s", async (permission, expected) => {
    const seed = { buckets, denied: [permission] };
    expect(valueOf(await factOf("googleBuckets", { seed, buckets: ["acme-backups"] }))?.[0]).toMatchObject(expected);
  });
});

describe("the roles", () => {
  const custom = "projects/acme-prod/roles/antflyBackup";
  const seed = (members: readonly string[], role = custom): GoogleSeed => ({
    accounts: [{ id: "backup-sa" }],
    roles: [{ id: "antflyBackup", permissions: ["storage.objects.create", "storage.objects.get"] }],
    buckets: [{ name: "acme-backups", bindings: [{ role, members }] }],
  });
  const asking = (given: GoogleSeed): Setting => ({ seed: given, annotations: annotated(), buckets: ["acme-backups"] });

  test("of a custom one, what it gives", async () => {
    expect(await factOf("googleRoles", asking(seed([`serviceAccount:${emailOf(cloud, "backup-sa")}`])))).toMatchObject({
      state: "known",
      value: { [custom]: { value: ["storage.objects.create", "storage.objects.get"] } },
    });
  });

  test.each<[string, readonly string[], string]>([
    ["that only people have", ["user:ada@acme.test"], custom],
    ["that is known here", ["allAuthenticatedUsers"], "roles/storage.objectUser"],
  ])("nobody asks about one %s", async (_, members, role) => {
    expect(await factOf("googleRoles", asking(seed(members, role)))).toMatchObject({ state: "known", value: {} });
    expect(operations()).not.toContain("iam.roles.get");
  });

  test("one that may not be read, and one that is gone", async () => {
    const [account] = [`serviceAccount:${emailOf(cloud, "backup-sa")}`];
    const denied = { ...seed([account]), denied: ["iam.roles.get"] };
    expect(await factOf("googleRoles", asking(denied))).toMatchObject({
      state: "known",
      value: { [custom]: { state: "unknown", why: "forbidden", grant: { permission: "iam.roles.get" } } },
    });
  });
});
