import type { AnyObject } from "../follow.ts";
import type { KubeClient } from "../kube-client.ts";

const ANTFLY = "/apis/antfly.io/v1";

/** What a reconcile reads and writes, with the operator's own rights. */
export class OperatorObjects {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Undefined for what is not there; any other refusal ends this reconcile. */
  async find(path: string): Promise<AnyObject | undefined> {
    const { status, body } = await this.#client.get(path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`get ${path}: ${status}`);
    return body;
  }

  findAntfly(kind: string, namespace: string, name: string): Promise<AnyObject | undefined> {
    return this.find(`${ANTFLY}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`);
  }

  findCore(resource: string, namespace: string, name: string): Promise<AnyObject | undefined> {
    return this.find(`/api/v1/namespaces/${namespace}/${resource}/${name}`);
  }

  /** Creates the object, or changes it where it differs. */
  async ensure(api: string, resource: string, object: AnyObject): Promise<void> {
    const { name, namespace } = object.metadata;
    await this.#client.apply(`${api}/namespaces/${namespace}/${resource}/${name}`, object, "antfly-operator");
  }

  async change(path: string, body: AnyObject): Promise<void> {
    await this.#client.must("PATCH", path, { contentType: "application/merge-patch+json", body });
  }

  async writeStatus(object: AnyObject, status: AnyObject): Promise<void> {
    if (JSON.stringify(object.status ?? {}) === JSON.stringify(status)) return;
    const { name, namespace } = object.metadata;
    const path = `${ANTFLY}/namespaces/${namespace}/${object.kind.toLowerCase()}s/${name}/status`;
    await this.#client.request("PATCH", path, { contentType: "application/merge-patch+json", body: { status } });
  }

  async event(cluster: AnyObject, reason: string, message: string): Promise<void> {
    const { name, namespace, uid } = cluster.metadata;
    const now = new Date().toISOString().replace(/\.\d+/, "");
    await this.#client.request("POST", `/api/v1/namespaces/${namespace}/events`, {
      body: {
        apiVersion: "v1",
        kind: "Event",
        metadata: { generateName: `${name}.`, namespace },
        involvedObject: { apiVersion: "antfly.io/v1", kind: "AntflyCluster", name, namespace, uid },
        reason,
        message,
        type: "Warning",
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        source: { component: "antfly-operator" },
      },
    });
  }
}
