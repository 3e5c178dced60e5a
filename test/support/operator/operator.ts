import { crdsOf, type StandInGeneration } from "../crds/crds.ts";
import { follow, keyOf, WorkQueue, type AnyObject, type Following } from "../follow.ts";
import type { KubeClient } from "../kube-client.ts";
import type { TestCluster } from "../test-cluster.ts";
import { envFromHash } from "./envfrom-hash.ts";
import { installIdentity } from "./identity.ts";
import { phaseOf, secretsReady, validate, withCondition } from "./status.ts";
import { backupCronJob, groupsOf, labelsOf, ownerReference, restoreJob, statefulSet } from "./template.ts";

const ANTFLY = "/apis/antfly.io/v1";

/**
 * Stands in for the Antfly operator, which cannot be installed from any registry: what it does with credentials, by
 * generation, with its own rights. The parity suite holds it to the real one.
 */
export class OperatorStandIn {
  readonly generation: StandInGeneration;
  /** How often each AntflyCluster was reconciled, by `namespace/name`. */
  readonly reconciles = new Map<string, number>();
  readonly #client: KubeClient;
  readonly #abort = new AbortController();
  readonly #queue = new WorkQueue((key) => this.#reconcile(key));
  readonly #following: Following[] = [];

  private constructor(client: KubeClient, generation: StandInGeneration) {
    this.#client = client;
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
    if (g === 2) add("/api/v1/pods", (pod) => operator.#enqueuePodOwner(pod));
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

  async #reconcile(key: string): Promise<void> {
    const [kind = "", place = ""] = key.split(" ");
    const [namespace = "", name = ""] = place.split("/");
    const object = await this.#find(`${ANTFLY}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return;
    if (kind === "AntflyBackup") return this.#reconcileBackup(object);
    if (kind === "AntflyRestore") return this.#reconcileRestore(object);
    this.reconciles.set(place, (this.reconciles.get(place) ?? 0) + 1);
    return this.#reconcileCluster(object);
  }

  async #reconcileCluster(cluster: AnyObject): Promise<void> {
    const { namespace } = cluster.metadata;
    const invalid = validate(cluster);
    let conditions: AnyObject[] = cluster.status?.conditions ?? [];
    if (invalid !== undefined) {
      const message = `AntflyCluster validation failed: EnvFrom validation failed: ${invalid}`;
      conditions = withCondition(conditions, {
        type: "ConfigurationValid",
        status: "False",
        reason: "ValidationFailed",
        message,
      });
      return this.#writeStatus(cluster, { ...cluster.status, conditions });
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
      async (name) => (await this.#get("secrets", namespace, name)) !== undefined,
    );
    if (ready.status === "False") await this.#event(cluster, "SecretNotFound", ready.message);
    conditions = withCondition(conditions, ready);

    await this.#ensure("/api/v1", "configmaps", this.#configMap(cluster));
    const counts: Record<string, number> = {};
    for (const group of groupsOf(cluster)) {
      await this.#ensure("/api/v1", "services", this.#service(cluster, group.name));
      const find = (kind: "Secret" | "ConfigMap", name: string): Promise<AnyObject | undefined> =>
        this.#get(kind === "Secret" ? "secrets" : "configmaps", namespace, name);
      const hash = await envFromHash(this.generation, namespace, group.spec?.envFrom ?? [], find);
      const desired = statefulSet(this.generation, cluster, group, hash);
      counts[group.name] = await this.#writeStatefulSet(desired);
    }
    if (this.generation === 2) {
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
    await this.#writeStatus(cluster, {
      ...cluster.status,
      conditions,
      phase: phaseOf(this.generation, counts, cluster),
    });
  }

  /** Assigns the whole pod template, whatever anybody else has put there. Returns how many pods are ready. */
  async #writeStatefulSet(desired: AnyObject): Promise<number> {
    const base = `/apis/apps/v1/namespaces/${desired.metadata.namespace}/statefulsets`;
    const path = `${base}/${desired.metadata.name}`;
    const existing = await this.#find(path);
    if (existing === undefined) {
      await this.#client.must("POST", base, { body: desired });
      return 0;
    }
    const { template, replicas } = desired.spec;
    await this.#client.must("PUT", path, { body: { ...existing, spec: { ...existing.spec, template, replicas } } });
    return existing.status?.readyReplicas ?? 0;
  }

  async #reconcileBackup(backup: AnyObject): Promise<void> {
    const { namespace } = backup.metadata;
    const cluster = await this.#find(
      `${ANTFLY}/namespaces/${backup.spec.clusterRef.namespace ?? namespace}/antflyclusters/${backup.spec.clusterRef.name}`,
    );
    let conditions: AnyObject[] = backup.status?.conditions ?? [];
    if (cluster === undefined) {
      conditions = withCondition(conditions, {
        type: "ClusterReady",
        status: "False",
        reason: "ClusterNotFound",
        message: `cluster ${backup.spec.clusterRef.name} not found`,
      });
      return this.#writeStatus(backup, { ...backup.status, conditions, phase: "Pending" });
    }
    const cronJob = backupCronJob(backup, cluster.spec.image);
    await this.#ensure("/apis/batch/v1", "cronjobs", cronJob);
    conditions = withCondition(conditions, {
      type: "ScheduleReady",
      status: "True",
      reason: "CronJobCreated",
      message: "CronJob created",
    });
    const phase = backup.spec.suspend === true ? "Suspended" : "Active";
    return this.#writeStatus(backup, { ...backup.status, conditions, phase, cronJobName: cronJob.metadata.name });
  }

  async #reconcileRestore(restore: AnyObject): Promise<void> {
    const { namespace } = restore.metadata;
    const cluster = await this.#find(
      `${ANTFLY}/namespaces/${namespace}/antflyclusters/${restore.spec.clusterRef.name}`,
    );
    if (cluster === undefined) return this.#writeStatus(restore, { ...restore.status, phase: "Pending" });
    await this.#ensure("/apis/batch/v1", "jobs", restoreJob(this.generation, restore, cluster.spec.image));
    const conditions = withCondition(restore.status?.conditions ?? [], {
      type: "JobReady",
      status: "True",
      reason: "JobCreated",
      message: "Job created",
    });
    return this.#writeStatus(restore, { ...restore.status, conditions, phase: "Running" });
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

  #service(cluster: AnyObject, group: "metadata" | "data" | "swarm"): AnyObject {
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

  /** Creates the object, or changes it where it differs. */
  async #ensure(api: string, resource: string, object: AnyObject): Promise<void> {
    const { name, namespace } = object.metadata;
    await this.#client.apply(`${api}/namespaces/${namespace}/${resource}/${name}`, object, "antfly-operator");
  }

  async #writeStatus(object: AnyObject, status: AnyObject): Promise<void> {
    if (JSON.stringify(object.status ?? {}) === JSON.stringify(status)) return;
    const { name, namespace } = object.metadata;
    await this.#client.request(
      "PATCH",
      `${ANTFLY}/namespaces/${namespace}/${object.kind.toLowerCase()}s/${name}/status`,
      {
        contentType: "application/merge-patch+json",
        body: { status },
      },
    );
  }

  async #event(cluster: AnyObject, reason: string, message: string): Promise<void> {
    const { name, namespace, uid } = cluster.metadata;
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const involvedObject = { apiVersion: "antfly.io/v1", kind: "AntflyCluster", name, namespace, uid };
    await this.#client.request("POST", `/api/v1/namespaces/${namespace}/events`, {
      body: {
        apiVersion: "v1",
        kind: "Event",
        metadata: {
          generateName: `${name}.`,
          namespace,
        },
        involvedObject,
        ...{
          reason,
          message,
          type: "Warning",
          firstTimestamp: now,
          lastTimestamp: now,
          count: 1,
          source: { component: "antfly-operator" },
        },
      },
    });
  }

  #get(resource: string, namespace: string, name: string): Promise<AnyObject | undefined> {
    return this.#find(`/api/v1/namespaces/${namespace}/${resource}/${name}`);
  }

  /** Undefined for what is not there; any other refusal ends this reconcile. */
  async #find(path: string): Promise<AnyObject | undefined> {
    const { status, body } = await this.#client.get(path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`get ${path}: ${status}`);
    return body;
  }
}
