import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";

import { allReady, create, eventually, podsOf } from "../antfly.ts";
import type { AnyObject } from "../follow.ts";
import { Person } from "../person.ts";
import { runBin, type BinOptions, type BinRun } from "../run-bin.ts";
import type { TestBed } from "../test-bed.ts";
import type { TestCloud } from "../test-cloud.ts";
import type { TestCluster } from "../test-cluster.ts";

export const CLUSTER = "search";
export const BACKUP = "nightly";
export const BUCKET = "acme-backups";
export const PREFIX = "prod";
export const REGION = "us-east-1";
/** Of metadata and of data nodes together. */
const PODS = 2;

/** A database in a namespace of its own, somebody who runs it, and the account's administrator. */
export class World {
  readonly cluster: TestCluster;
  readonly cloud: TestCloud;
  readonly namespace: string;
  readonly person: Person;
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly #kubeconfig: string;

  /** `clusterEntry`: what the kubeconfig calls the cluster. */
  constructor({ cluster, cloud, tools }: TestBed, namespace: string, clusterEntry = "test") {
    this.cluster = cluster;
    this.cloud = cloud;
    this.namespace = namespace;
    this.#kubeconfig = cluster.kubeconfig({ namespace, clusterEntry });
    const { AWS_ENDPOINT_URL_IAM = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = cloud.env;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    this.iam = new IAMClient({ region: REGION, credentials, endpoint: AWS_ENDPOINT_URL_IAM });
    this.s3 = new S3Client({ region: REGION, credentials, endpoint: cloud.s3, forcePathStyle: true });
    const env = { ...cloud.env, AWS_DEFAULT_REGION: REGION };
    this.person = new Person({ tools, kubeconfig: this.#kubeconfig, env });
  }

  /** The built bin, as the account's administrator. */
  tool(args: readonly string[], { env, ...options }: BinOptions = {}): Promise<BinRun> {
    const usual = { ...this.cloud.env, ANTFLY_CREDS_CLOUD: "" };
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
    this.iam.destroy();
    this.s3.destroy();
    this.person.leaves();
  }
}
