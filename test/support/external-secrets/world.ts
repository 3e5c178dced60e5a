import { runProgram } from "../../../src/program.ts";
import { allReady, antflyCluster, create, eventually, podsOf, secret, secretRef } from "../antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../canaries.ts";
import type { AnyObject } from "../follow.ts";
import { runBin, type BinOptions, type BinRun } from "../run-bin.ts";
import { testApp } from "../test-app.ts";
import { freshNamespace, type TestCluster } from "../test-cluster.ts";
import { ControllerByHand } from "./controller-by-hand.ts";

export const CLUSTER = "search";
export const SECRET = "backup-credentials";
export const STORE = "aws";
export const ENTRY = "antfly/backup-credentials";
export const STORE_KEYS = "store-keys";
const GROUP = "/apis/external-secrets.io/v1";
const MERGE = "application/merge-patch+json";
const REGION = "us-east-1";
/** Of metadata and of data nodes together. */
const PODS = 2;

/** Carries out a printed command of kubectl. */
export type Paste = (line: string, cluster: TestCluster) => Promise<void>;

/** A database of generation 2 whose Secret an ExternalSecret makes, and all that this takes. */
export class SyncWorld {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly controller: ControllerByHand;
  /** Of no namespace, and so with a name of its own. */
  readonly wide: string;

  private constructor(cluster: TestCluster, namespace: string) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.controller = new ControllerByHand(cluster.admin, namespace);
    this.wide = `wide-${namespace}`;
  }

  static async start(cluster: TestCluster): Promise<SyncWorld> {
    const world = new SyncWorld(cluster, await freshNamespace(cluster, "sync"));
    await world.restores();
    await create(cluster.admin, antflyCluster(world.namespace, CLUSTER, [secretRef(SECRET)], 1));
    await world.podsReady();
    return world;
  }

  async podsReady(): Promise<void> {
    await eventually("two ready pods", async () => allReady(await this.pods(), PODS));
  }

  /** When the Secret was last written, in milliseconds. */
  async writtenAt(): Promise<number> {
    const { metadata } = await this.cluster.admin.must("GET", this.core("secrets", SECRET));
    return Math.max(...metadata.managedFields.map(({ time }: AnyObject) => Date.parse(time)));
  }

  pods(): Promise<AnyObject[]> {
    return podsOf(this.cluster.admin, this.namespace);
  }

  /** Puts everything as it was, whatever was done to it. */
  async restores(): Promise<void> {
    const { provider } = this.controller;
    provider.refuses = undefined;
    provider.unusable = undefined;
    provider.entries.clear();
    provider.entries.set(ENTRY, { access_key_id: CANARY_ID, secret_access_key: CANARY_SECRET });
    const { admin } = this.cluster;
    await admin.request("DELETE", this.wideStore());
    await admin.request("DELETE", this.path("externalsecrets", "second"));
    await admin.request("DELETE", this.core("serviceaccounts", "eso-reader"));
    await this.storeKeys(CANARY_ID);
    await this.#puts(this.path("secretstores", STORE), storeManifest("SecretStore", STORE, this.namespace));
    await this.#puts(this.path("externalsecrets", SECRET), this.manifest());
    // What is immutable cannot be put as it was.
    const { body } = await admin.get(this.core("secrets", SECRET));
    if (body?.immutable === true) await admin.must("DELETE", this.core("secrets", SECRET));
    await this.controller.works();
  }

  async #puts(path: string, object: AnyObject): Promise<void> {
    const { admin } = this.cluster;
    const { status, body } = await admin.get(path);
    if (status === 200) {
      const metadata = { ...object.metadata, resourceVersion: body.metadata.resourceVersion };
      await admin.must("PUT", path, { body: { ...object, metadata } });
    } else await admin.must("POST", path.slice(0, path.lastIndexOf("/")), { body: object });
  }

  manifest(): AnyObject {
    return externalSecret(this.namespace);
  }

  /** What the store authenticates with. */
  async storeKeys(id: string): Promise<void> {
    const object = secret(this.namespace, STORE_KEYS, { id, secret: CANARY_SECRET });
    await this.#puts(this.core("secrets", STORE_KEYS), object);
  }

  /** A ClusterSecretStore, and the ExternalSecret that names it. */
  async usesWide(conditions: readonly AnyObject[], more: AnyObject = {}): Promise<void> {
    const store = storeManifest("ClusterSecretStore", this.wide, this.namespace);
    const body = { ...store, spec: { ...store.spec, conditions } };
    await this.cluster.admin.must("POST", `${GROUP}/clustersecretstores`, { body });
    await this.changes({ secretStoreRef: { name: this.wide, ...more } });
  }

  /** Changes the spec of the ExternalSecret. */
  async changes(spec: AnyObject): Promise<void> {
    await this.merge(this.path("externalsecrets", SECRET), { spec });
  }

  merge(path: string, body: AnyObject): Promise<AnyObject> {
    return this.cluster.admin.must("PATCH", path, { contentType: MERGE, body });
  }

  path(kind: "externalsecrets" | "secretstores", name: string): string {
    return `${GROUP}/namespaces/${this.namespace}/${kind}/${name}`;
  }

  wideStore(): string {
    return `${GROUP}/clustersecretstores/${this.wide}`;
  }

  core(kind: "secrets" | "serviceaccounts" | "pods", name: string): string {
    return `/api/v1/namespaces/${this.namespace}/${kind}/${name}`;
  }

  tool(args: readonly string[], options: BinOptions = {}): Promise<BinRun> {
    return runBin(args, { kubeconfig: this.cluster.kubeconfig({ namespace: this.namespace }), ...options });
  }

  /** The built bin on the real server; on the one in this process, where each row would take seconds, in this process. */
  async doctor(...args: string[]): Promise<{ readonly code: number | null; readonly json: AnyObject }> {
    const words = ["doctor", CLUSTER, "-o", "json", "--no-cloud", ...args];
    if (this.cluster.kind === "real") return this.tool(words);
    const app = testApp(this.cluster.kubeconfig({ namespace: this.namespace }));
    const code = await runProgram(words, app);
    return { code, json: JSON.parse(app.printed.out) };
  }
}

/** As a person writes it: the pair from the store, the rest by a template. */
export function externalSecret(namespace: string, version = "v1"): AnyObject {
  return {
    apiVersion: `external-secrets.io/${version}`,
    kind: "ExternalSecret",
    metadata: { name: SECRET, namespace },
    spec: {
      refreshInterval: "1h0m0s",
      secretStoreRef: { name: STORE },
      target: {
        name: SECRET,
        creationPolicy: "Owner",
        deletionPolicy: "Retain",
        template: {
          mergePolicy: "Merge",
          data: { AWS_REGION: REGION, AWS_ENDPOINT_URL: `https://s3.${REGION}.amazonaws.com` },
        },
      },
      data: [
        { secretKey: "AWS_ACCESS_KEY_ID", remoteRef: { key: ENTRY, property: "access_key_id" } },
        { secretKey: "AWS_SECRET_ACCESS_KEY", remoteRef: { key: ENTRY, property: "secret_access_key" } },
      ],
    },
  };
}

function storeManifest(kind: string, name: string, namespace: string): AnyObject {
  const isWide = kind === "ClusterSecretStore";
  const ref = (key: string): AnyObject => ({ name: STORE_KEYS, key, ...(isWide ? { namespace } : {}) });
  const auth = { secretRef: { accessKeyIDSecretRef: ref("id"), secretAccessKeySecretRef: ref("secret") } };
  return {
    apiVersion: "external-secrets.io/v1",
    kind,
    metadata: { name, ...(isWide ? {} : { namespace }) },
    spec: { provider: { aws: { service: "SecretsManager", region: REGION, auth } } },
  };
}
