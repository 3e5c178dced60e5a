import { crdsOf, type StandInGeneration } from "../crds/crds.ts";
import { follow, keyOf, WorkQueue, type AnyObject, type Following } from "../follow.ts";
import type { KubeClient } from "../kube-client.ts";
import type { TestCluster } from "../test-cluster.ts";
import { reconcileBackup, reconcileRestore } from "./backups.ts";
import { envFromHash } from "./envfrom-hash.ts";
import { installIdentity } from "./identity.ts";
import { OperatorObjects } from "./objects.ts";
import { phaseOf, secretsReady, validate, withCondition } from "./status.ts";
import { groupsOf, labelsOf, ownerReference, statefulSet, type Group } from "./template.ts";

const ANTFLY = "/apis/antfly.io/v1";

/**
 * Stands in for the Antfly operator, which cannot be installed from any registry: what it does with credentials, by
 * generation, with its own rights. The parity suite holds generations 1 and 2 to the real ones; generation 3 is written
 * from what was read of its source, and nobody ran it.
 */
export class OperatorStandIn {
  readonly generation: StandInGeneration;
  /** How often each AntflyCluster was reconciled, by `namespace/name`. */
  readonly reconciles = new Map<string, number>();
  readonly #client: KubeClient;
  readonly #objects: OperatorObjects;
  readonly #abort = new AbortController();
  readonly #queue = new WorkQueue((key) => this.#reconcile(key));
  readonly #following: Following[] = [];

  private constructor(client: KubeClient, generation: StandInGeneration) {
    this.#client = client;
    this.#objects = new OperatorObjects(client);
    this.generation = generation;
  }

  static async start(cluster: TestCluster, generation: StandInGeneration): Promise<OperatorStandIn> {
    const operator = new OperatorStandIn(cluster.client(await installIdentity(cluster.admin, generation)), generation);
    await operator.#installCrds();
    const { signal } = operator.#abort;
    const { generation: g } = operator;
    const reconcile = (kind: string) => (object: AnyObject) => operator.#queue.add(`${kind} ${keyOf(object)}`);
    const reconcileOwner = (object: AnyObject): void => operator.#enqueueOwner(object);
    const add = (path: string, onChange: (object: AnyObject) => void): void => {
      operator.#following.push(follow(operator.#client, path, signal, onChange));
    };
    add(`${ANTFLY}/antflyclusters`, reconcile("AntflyCluster"));
    add(`${ANTFLY}/antflybackups`, reconcile("AntflyBackup"));
    add(`${ANTFLY}/antflyrestores`, reconcile("AntflyRestore"));
    for (const path of [
      "/apis/apps/v1/statefulsets",
      "/api/v1/services",
      "/api/v1/configmaps",
      "/apis/batch/v1/cronjobs",
    ])
      add(path, reconcileOwner);
    if (g !== 1) add("/api/v1/pods", (pod) => operator.#enqueuePodOwner(pod));
    if (g === 3) add("/apis/batch/v1/jobs", (job) => operator.#enqueueBackup(job));
    await Promise.all(operator.#following.map((following) => following.listed));
    return operator;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#queue.stop();
    await Promise.all(this.#following.map((following) => following.ended));
    this.#client.close();
  }

  async #installCrds(): Promise<void> {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    for (const crd of crdsOf(this.generation))
      await this.#client.apply(`${path}/${crd.metadata.name}`, crd, "antfly-operator");
    const deadline = Date.now() + 20_000;
    for (const crd of crdsOf(this.generation)) {
      for (;;) {
        const served = await this.#client.get(`${ANTFLY}/${crd.spec.names.plural}`, { limit: "1" });
        if (served.status === 200) break;
        if (Date.now() > deadline) throw new Error(`${crd.metadata.name} is not served`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  #enqueueOwner(object: AnyObject): void {
    const owner = object.metadata.ownerReferences?.find(
      (reference: AnyObject) => reference.controller === true && reference.apiVersion.startsWith("antfly.io/"),
    );
    if (owner !== undefined) this.#queue.add(`${owner.kind} ${object.metadata.namespace}/${owner.name}`);
  }

  #enqueuePodOwner(pod: AnyObject): void {
    const { labels = {}, namespace } = pod.metadata;
    if (labels["app.kubernetes.io/name"] === "antfly-database")
      this.#queue.add(`AntflyCluster ${namespace}/${labels["app.kubernetes.io/instance"]}`);
  }

  #enqueueBackup({ metadata }: AnyObject): void {
    const name = metadata.labels?.["antfly.io/backup"];
    if (name !== undefined) this.#queue.add(`AntflyBackup ${metadata.namespace}/${name}`);
  }

  async #reconcile(key: string): Promise<void> {
    const [kind = "", place = ""] = key.split(" ");
    const [namespace = "", name = ""] = place.split("/");
    const object = await this.#objects.findAntfly(kind, namespace, name);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return;
    if (kind === "AntflyBackup") return reconcileBackup(this.generation, this.#objects, object);
    if (kind === "AntflyRestore") return reconcileRestore(this.generation, this.#objects, object);
    this.reconciles.set(place, (this.reconciles.get(place) ?? 0) + 1);
    return this.#reconcileCluster(object);
  }

  async #reconcileCluster(cluster: AnyObject): Promise<void> {
    const { namespace } = cluster.metadata;
    const invalid = validate(this.generation, cluster);
    let conditions: AnyObject[] = cluster.status?.conditions ?? [];
    if (invalid !== undefined) {
      const message = `AntflyCluster validation failed: ${invalid}`;
      conditions = withCondition(conditions, {
        type: "ConfigurationValid",
        status: "False",
        reason: "ValidationFailed",
        message,
      });
      return this.#objects.writeStatus(cluster, { ...cluster.status, conditions });
    }
    conditions = withCondition(conditions, {
      type: "ConfigurationValid",
      status: "True",
      reason: "ValidationPassed",
      message: "All validation rules passed",
    });
    const ready = await secretsReady(
      this.generation,
      cluster,
      async (name) => (await this.#objects.findCore("secrets", namespace, name)) !== undefined,
    );
    if (ready.status === "False") await this.#objects.event(cluster, "SecretNotFound", ready.message);
    conditions = withCondition(conditions, ready);

    await this.#objects.ensure("/api/v1", "configmaps", this.#configMap(cluster));
    const counts: Record<string, number> = {};
    for (const group of groupsOf(cluster)) {
      await this.#objects.ensure("/api/v1", "services", this.#service(cluster, group.name));
      const find = (kind: "Secret" | "ConfigMap", name: string): Promise<AnyObject | undefined> =>
        this.#objects.findCore(kind === "Secret" ? "secrets" : "configmaps", namespace, name);
      const hash = await envFromHash(this.generation, namespace, group.spec?.envFrom ?? [], find);
      const desired = statefulSet(this.generation, cluster, group, hash);
      counts[group.name] = await this.#writeStatefulSet(desired);
    }
    if (this.generation !== 1) {
      for (const group of groupsOf(cluster)) {
        const enough = (counts[group.name] ?? 0) >= group.replicas;
        const type = `${(group.name[0] ?? "").toUpperCase()}${group.name.slice(1)}Ready`;
        conditions = withCondition(conditions, {
          type,
          status: enough ? "True" : "False",
          reason: enough ? "ComponentReady" : "WaitingForPods",
          message: `${counts[group.name]}/${group.replicas} pods ready`,
        });
      }
    }
    await this.#objects.writeStatus(cluster, {
      ...cluster.status,
      conditions,
      phase: phaseOf(this.generation, counts, cluster),
    });
  }

  /** Assigns the whole pod template, whatever anybody else has put there. Returns how many pods are ready. */
  async #writeStatefulSet(desired: AnyObject): Promise<number> {
    const base = `/apis/apps/v1/namespaces/${desired.metadata.namespace}/statefulsets`;
    const path = `${base}/${desired.metadata.name}`;
    const existing = await this.#objects.find(path);
    if (existing === undefined) {
      await this.#client.must("POST", base, { body: desired });
      return 0;
    }
    const { template, replicas } = desired.spec;
    await this.#client.must("PUT", path, { body: { ...existing, spec: { ...existing.spec, template, replicas } } });
    return existing.status?.readyReplicas ?? 0;
  }

  #configMap(cluster: AnyObject): AnyObject {
    const { name, namespace } = cluster.metadata;
    return {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `${name}-config`, namespace, ownerReferences: [ownerReference(cluster)] },
      data: { "config.json": cluster.spec.config },
    };
  }

  #service(cluster: AnyObject, group: Group["name"]): AnyObject {
    const { name, namespace } = cluster.metadata;
    return {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: `${name}-${group}`, namespace, ownerReferences: [ownerReference(cluster)] },
      spec: {
        clusterIP: "None",
        publishNotReadyAddresses: true,
        selector: labelsOf(cluster, group),
        ports: [{ name: "api", port: 12_380 }],
      },
    };
  }
}
