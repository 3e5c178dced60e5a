import { WorkQueue, type AnyObject } from "../follow.ts";
import { admitted } from "./admission.ts";
import { now, type Api } from "./api.ts";
import { revisionOf } from "./controller-revisions.ts";
import type { Writer } from "./managed-fields.ts";

const REVISION = "controller-revision-hash";

/**
 * The StatefulSet controller as far as roll-outs show it: pods by ordinal, the highest replaced first, one at a time and
 * only when all are Ready; with Parallel, an out-of-date pod that is not Ready does not hold the others up.
 */
export class StatefulSetController {
  readonly #api: Api;
  readonly #queue = new WorkQueue((key) => this.#sync(key));
  readonly #stops: (() => void)[] = [];

  constructor(api: Api) {
    this.#api = api;
    const sets = api.kind("statefulsets");
    const pods = api.kind("pods");
    this.#stops.push(
      api.store.subscribe(sets, 0, ({ object }) =>
        this.#queue.add(`${object.metadata.namespace}/${object.metadata.name}`),
      ),
      api.store.subscribe(pods, 0, ({ object }) => {
        const owner = object.metadata.ownerReferences?.find((reference: AnyObject) => reference.kind === "StatefulSet");
        if (owner !== undefined) this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
      }),
    );
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#queue.stop();
  }

  async #sync(key: string): Promise<void> {
    // Not within the write that caused it.
    await new Promise((resolve) => setImmediate(resolve));
    const [namespace = "", name = ""] = key.split("/");
    const set = this.#api.store.get(this.#api.kind("statefulsets"), namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    const revision = revisionOf(this.#api, set, this.#writer());
    const kind = this.#api.kind("pods");
    const pods = this.#api.store
      .list(kind, namespace)
      .filter((pod) => pod.metadata.ownerReferences?.some((owner: AnyObject) => owner.uid === set.metadata.uid));
    const current = set.status?.currentRevision ?? revision;

    const existing = new Map(pods.map((pod) => [pod.metadata.name, pod]));
    for (let i = 0; i < (set.spec.replicas ?? 1); i++) {
      if (!existing.has(`${name}-${i}`)) await this.#createPod(set, i, revision);
    }
    for (const pod of pods) {
      if (ordinalOf(pod) >= (set.spec.replicas ?? 1)) this.#deletePod(pod);
    }
    const update = pods
      .filter((pod) => pod.metadata.labels[REVISION] !== revision)
      .sort((a, b) => ordinalOf(b) - ordinalOf(a));
    const settled = pods.every(
      (pod) =>
        pod.metadata.deletionTimestamp === undefined && (isReady(pod) || pod.metadata.labels[REVISION] !== revision),
    );
    const complete = pods.length === (set.spec.replicas ?? 1);
    const next = update.find((pod) => pod.metadata.deletionTimestamp === undefined);
    if (next !== undefined && settled && complete) this.#deletePod(next);
    this.#writeStatus(set, pods, revision, update.length === 0 ? revision : current);
  }

  async #createPod(set: AnyObject, ordinal: number, revision: string): Promise<void> {
    const { namespace, name, uid } = set.metadata;
    const pod = `${name}-${ordinal}`;
    const { template } = set.spec;
    const kind = this.#api.kind("pods");
    const wanted = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: pod,
        namespace,
        labels: {
          ...template.metadata?.labels,
          [REVISION]: revision,
          "statefulset.kubernetes.io/pod-name": pod,
          "apps.kubernetes.io/pod-index": String(ordinal),
        },
        ...(template.metadata?.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
        ownerReferences: [
          { apiVersion: "apps/v1", kind: "StatefulSet", name, uid, controller: true, blockOwnerDeletion: true },
        ],
      },
      spec: structuredClone(template.spec),
    };
    this.#api.create(kind, namespace, await admitted(this.#api, kind, namespace, wanted, false), this.#writer(), false);
  }

  #deletePod(pod: AnyObject): void {
    this.#api.delete(
      this.#api.kind("pods"),
      pod.metadata.namespace,
      pod.metadata.name,
      { preconditions: { uid: pod.metadata.uid } },
      false,
    );
  }

  #writeStatus(set: AnyObject, pods: readonly AnyObject[], updateRevision: string, currentRevision: string): void {
    const ready = pods.filter(isReady).length;
    const updated = pods.filter((pod) => pod.metadata.labels[REVISION] === updateRevision).length;
    const status = {
      observedGeneration: set.metadata.generation,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      updatedReplicas: updated,
      currentReplicas: updateRevision === currentRevision ? updated : pods.length - updated,
      currentRevision,
      updateRevision,
    };
    if (JSON.stringify(set.status) !== JSON.stringify(status))
      this.#api.store.put(this.#api.kind("statefulsets"), { ...set, status });
  }

  #writer(): Writer {
    return { manager: "kube-controller-manager", operation: "Update", subresource: "", apiVersion: "v1", now: now() };
  }
}

function ordinalOf(pod: AnyObject): number {
  return Number(pod.metadata.name.split("-").at(-1));
}

function isReady(pod: AnyObject): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    pod.status?.conditions?.some((condition: AnyObject) => condition.type === "Ready" && condition.status === "True")
  );
}
