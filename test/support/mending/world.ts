import { allReady, create, eventually, podsOf } from "../antfly.ts";
import type { AnyObject } from "../follow.ts";
import { Person } from "../person.ts";
import { runBin, type BinOptions, type BinRun } from "../run-bin.ts";
import type { TestCluster } from "../test-cluster.ts";

export const CLUSTER = "search";
export const BACKUP = "nightly";
export const BUCKET = "acme-backups";
export const PREFIX = "prod";
/** Of metadata and of data nodes together. */
const PODS = 2;

export interface WorldOptions {
  readonly cluster: TestCluster;
  readonly namespace: string;
  /** Folders with the programs that people use. */
  readonly tools: readonly string[];
  /** What the tool and those programs ask a cloud with, as its administrator. */
  readonly env: Readonly<Record<string, string>>;
  /** What the kubeconfig calls the cluster; `test` unless told. */
  readonly clusterEntry?: string;
}

/** A database in a namespace of its own, and somebody who runs it. */
export class World {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly person: Person;
  readonly #kubeconfig: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor({ cluster, namespace, tools, env, clusterEntry = "test" }: WorldOptions) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.#kubeconfig = cluster.kubeconfig({ namespace, clusterEntry });
    this.#env = env;
    this.person = new Person({ tools, kubeconfig: this.#kubeconfig, env });
  }

  /** The built bin, as the account's administrator. */
  tool(args: readonly string[], { env, ...options }: BinOptions = {}): Promise<BinRun> {
    const usual = { ...this.#env, ANTFLY_CREDS_CLOUD: "" };
    return runBin(args, { kubeconfig: this.#kubeconfig, env: { ...usual, ...env }, ...options });
  }

  doctor(...args: string[]): Promise<BinRun> {
    return this.tool(["doctor", CLUSTER, "--prove", "-o", "json", ...args]);
  }

  create(object: AnyObject): Promise<AnyObject> {
    return create(this.cluster.admin, object);
  }

  /** A backup to `s3://BUCKET/PREFIX`. */
  createBackup(more: object = {}): Promise<AnyObject> {
    const destination = { location: `s3://${BUCKET}/${PREFIX}`, ...more };
    return this.create({
      apiVersion: "antfly.io/v1",
      kind: "AntflyBackup",
      metadata: { name: BACKUP, namespace: this.namespace },
      spec: { clusterRef: { name: CLUSTER }, schedule: "0 2 * * *", destination },
    });
  }

  path(kind: "serviceaccounts" | "pods" | "secrets", name: string): string {
    return `/api/v1/namespaces/${this.namespace}/${kind}/${name}`;
  }

  antfly(kind: "antflyclusters" | "antflybackups", name: string): string {
    return `/apis/antfly.io/v1/namespaces/${this.namespace}/${kind}/${name}`;
  }

  merge(path: string, body: object): Promise<AnyObject> {
    return this.cluster.admin.must("PATCH", path, { contentType: "application/merge-patch+json", body });
  }

  /** What all nodes read their environment from. */
  async reads(envFrom: readonly AnyObject[]): Promise<void> {
    const nodes = { metadataNodes: { envFrom }, dataNodes: { envFrom } };
    await this.merge(this.antfly("antflyclusters", CLUSTER), { spec: nodes });
  }

  pods(): Promise<AnyObject[]> {
    return podsOf(this.cluster.admin, this.namespace);
  }

  /** Deletes the pods and waits until there are new ones at work. */
  async replacePods(): Promise<void> {
    const old = await this.pods();
    for (const { metadata } of old) await this.cluster.admin.must("DELETE", this.path("pods", metadata.name));
    await this.newPods(old);
  }

  /** Waits until there are new pods at work, and none of the old. */
  async newPods(old: readonly AnyObject[]): Promise<void> {
    const gone = new Set(old.map(({ metadata }) => metadata.uid));
    await eventually("new pods", async () => {
      const now = await this.pods();
      return allReady(now, PODS) && now.every(({ metadata }) => !gone.has(metadata.uid));
    });
  }

  stop(): void {
    this.person.leaves();
  }
}
