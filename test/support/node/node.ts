import { follow, keyOf, WorkQueue, type AnyObject, type Following } from "../follow.ts";
import type { KubeClient } from "../kube-client.ts";
import { startEnvironment, type StartResult } from "./environment.ts";

export interface NodeOptions {
  readonly name?: string;
  /** Kubelet version; its minor decides which variable names are valid. */
  readonly kubeletMinor?: number;
}

/** Annotations by which a pod tells the stand-in how to behave. */
export const READY_DELAY = "node.test/ready-delay-ms";
export const NEVER_READY = "node.test/never-ready";
export const CRASH_LOOP = "node.test/crash-loop";

const GRACE_NOW = { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0 };

/**
 * Scheduler and kubelet in one, through the API alone: binds every pod, resolves each container's environment when the
 * container starts, and reports what a kubelet would. It runs against any API server.
 */
export class NodeStandIn {
  readonly #client: KubeClient;
  readonly #name: string;
  readonly #minor: number;
  readonly #abort = new AbortController();
  readonly #queue: WorkQueue;
  readonly #pods: Following;
  readonly #secrets: Following;
  readonly #configMaps: Following;
  readonly #claims: Following;
  /** Environment of each started container, by pod uid and container name. */
  readonly #started = new Map<string, ReadonlyMap<string, string>>();
  readonly #timers = new Set<NodeJS.Timeout>();

  private constructor(client: KubeClient, options: NodeOptions) {
    this.#client = client;
    this.#name = options.name ?? "node-1";
    this.#minor = options.kubeletMinor ?? 36;
    this.#queue = new WorkQueue((key) => this.#sync(key));
    const { signal } = this.#abort;
    const retry = (object: AnyObject): void => this.#retryNamespace(object.metadata.namespace);
    this.#secrets = follow(client, "/api/v1/secrets", signal, retry);
    this.#configMaps = follow(client, "/api/v1/configmaps", signal, retry);
    this.#pods = follow(client, "/api/v1/pods", signal, (pod) => this.#queue.add(keyOf(pod)));
    this.#claims = follow(client, "/api/v1/persistentvolumeclaims", signal, (claim) => void this.#bindClaim(claim));
  }

  static async start(client: KubeClient, options: NodeOptions = {}): Promise<NodeStandIn> {
    const node = new NodeStandIn(client, options);
    await node.#register();
    await Promise.all([node.#secrets.listed, node.#configMaps.listed, node.#pods.listed]);
    return node;
  }

  /** The environment that a container was started with; undefined while it has not started. */
  environmentOf(namespace: string, pod: string, container: string): ReadonlyMap<string, string> | undefined {
    const object = this.#pods.objects.get(`${namespace}/${pod}`);
    return object === undefined ? undefined : this.#started.get(`${object.metadata.uid}/${container}`);
  }

  /** Ends the container of a pod, as a crash does; it starts again in place and reads its sources anew. */
  restartContainer(namespace: string, pod: string, container: string): void {
    const object = this.#pods.objects.get(`${namespace}/${pod}`);
    this.#started.delete(`${object?.metadata.uid}/${container}`);
    this.#queue.add(`${namespace}/${pod}`);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#queue.stop();
    await Promise.all([this.#pods, this.#secrets, this.#configMaps, this.#claims].map((following) => following.ended));
  }

  async #register(): Promise<void> {
    const existing = await this.#client.get(`/api/v1/nodes/${this.#name}`);
    if (existing.status === 404) {
      await this.#client.must("POST", "/api/v1/nodes", {
        body: { apiVersion: "v1", kind: "Node", metadata: { name: this.#name } },
      });
    }
    await this.#client.must("PATCH", `/api/v1/nodes/${this.#name}/status`, {
      contentType: "application/merge-patch+json",
      body: {
        status: {
          nodeInfo: {
            kubeletVersion: `v1.${this.#minor}.0`,
            machineID: "",
            systemUUID: "",
            bootID: "",
            kernelVersion: "",
            osImage: "",
            containerRuntimeVersion: "",
            ...{
              kubeProxyVersion: "",
              operatingSystem: "linux",
              architecture: "amd64",
            },
          },
          conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "stand-in" }],
        },
      },
    });
  }

  /** A source appeared or changed: containers that could not start try again. */
  #retryNamespace(namespace: string): void {
    for (const pod of this.#pods?.objects.values() ?? []) {
      if (pod.metadata.namespace === namespace && pod.status?.phase === "Pending") this.#queue.add(keyOf(pod));
    }
  }

  async #bindClaim(claim: AnyObject): Promise<void> {
    if (claim.status?.phase === "Bound" || claim.metadata.deletionTimestamp !== undefined) return;
    await this.#client
      .request(
        "PATCH",
        `/api/v1/namespaces/${claim.metadata.namespace}/persistentvolumeclaims/${claim.metadata.name}/status`,
        {
          contentType: "application/merge-patch+json",
          body: { status: { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" } } },
        },
      )
      .catch(() => {});
  }

  async #sync(key: string): Promise<void> {
    const pod = this.#pods.objects.get(key);
    if (pod === undefined) return;
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
    if (pod.metadata.deletionTimestamp !== undefined) {
      await this.#client.request("DELETE", path, { body: { ...GRACE_NOW, preconditions: { uid: pod.metadata.uid } } });
      return;
    }
    if (pod.spec.nodeName === undefined) {
      await this.#client.request("POST", `${path}/binding`, {
        body: {
          apiVersion: "v1",
          kind: "Binding",
          metadata: { name: pod.metadata.name },
          target: { apiVersion: "v1", kind: "Node", name: this.#name },
        },
      });
      return;
    }
    if (pod.spec.nodeName !== this.#name || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return;
    const statuses = pod.spec.containers.map((container: AnyObject) => this.#containerStatus(pod, container));
    await this.#report(path, pod, statuses);
  }

  #containerStatus(pod: AnyObject, container: AnyObject): AnyObject {
    const old = pod.status?.containerStatuses?.find((status: AnyObject) => status.name === container.name);
    const id = `${pod.metadata.uid}/${container.name}`;
    const running = this.#started.has(id) && old?.state?.running !== undefined;
    const base = {
      name: container.name,
      image: container.image,
      imageID: "",
      restartCount: old?.restartCount ?? 0,
      lastState: {},
    };
    if (!running) {
      const result = this.#resolve(pod, container);
      if ("error" in result) {
        this.#started.delete(id);
        if (old?.state?.waiting?.message !== result.error) void this.#event(pod, "Failed", `Error: ${result.error}`);
        return {
          ...base,
          ready: false,
          started: false,
          state: { waiting: { reason: "CreateContainerConfigError", message: result.error } },
        };
      }
      for (const skipped of result.skipped) {
        const what = `the EnvFrom ${skipped.kind} ${pod.metadata.namespace}/${skipped.name}`;
        void this.#event(
          pod,
          "InvalidEnvironmentVariableNames",
          `Keys [${skipped.keys.join(", ")}] from ${what} were skipped since they are considered invalid environment variable names.`,
        );
      }
      this.#started.set(id, result.environment);
    }
    const restarted = !running && old?.state?.running !== undefined;
    const startedAt = running ? old.state.running.startedAt : new Date().toISOString().replace(/\.\d+/, "");
    const restartCount = restarted ? base.restartCount + 1 : base.restartCount;
    const notes = pod.metadata.annotations ?? {};
    if (notes[CRASH_LOOP] === "true") {
      return {
        ...base,
        restartCount: restartCount + 1,
        ready: false,
        started: false,
        state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
      };
    }
    return {
      ...base,
      restartCount,
      ready: this.#isReady(pod, startedAt),
      started: true,
      state: { running: { startedAt } },
    };
  }

  #resolve(pod: AnyObject, container: AnyObject): StartResult {
    const { namespace } = pod.metadata;
    return startEnvironment(container, namespace, this.#minor, (kind, name) => {
      const object = (kind === "Secret" ? this.#secrets : this.#configMaps).objects.get(`${namespace}/${name}`);
      if (object === undefined) return undefined;
      const entries = Object.entries<string>(object.data ?? {});
      return new Map(entries.map(([key, value]) => [key, Buffer.from(value, kind === "Secret" ? "base64" : "utf8")]));
    });
  }

  #isReady(pod: AnyObject, startedAt: string): boolean {
    const notes = pod.metadata.annotations ?? {};
    if (notes[NEVER_READY] === "true") return false;
    const wait = Date.parse(startedAt) + Number(notes[READY_DELAY] ?? 0) - Date.now();
    if (wait <= 0) return true;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#queue.add(keyOf(pod));
    }, wait);
    this.#timers.add(timer);
    return false;
  }

  async #report(path: string, pod: AnyObject, current: AnyObject[]): Promise<void> {
    const allReady = current.every((status) => status.ready);
    const allRunning = current.every((status) => status.state.running !== undefined);
    // A Job's container does its work at once.
    const finished = pod.spec.restartPolicy !== "Always" && allRunning;
    const containerStatuses = finished ? current.map(completed) : current;
    const condition = (type: string, holds: boolean): AnyObject => {
      const before = pod.status?.conditions?.find((item: AnyObject) => item.type === type);
      const status = holds ? "True" : "False";
      const since =
        before?.status === status ? before.lastTransitionTime : new Date().toISOString().replace(/\.\d+/, "");
      return { type, status, lastTransitionTime: since };
    };
    const status = {
      phase: finished ? "Succeeded" : allRunning ? "Running" : "Pending",
      podIP: "10.1.0.1",
      startTime: pod.status?.startTime ?? new Date().toISOString().replace(/\.\d+/, ""),
      conditions: [
        condition("PodScheduled", true),
        condition("Initialized", true),
        condition("ContainersReady", allReady && !finished),
        condition("Ready", allReady && !finished),
      ],
      containerStatuses,
    };
    const same = ["phase", "conditions", "containerStatuses"].every(
      (field) => JSON.stringify(pod.status?.[field]) === JSON.stringify(status[field as keyof typeof status]),
    );
    if (same) return;
    await this.#client.request("PATCH", `${path}/status`, {
      contentType: "application/merge-patch+json",
      body: { metadata: { uid: pod.metadata.uid }, status },
    });
  }

  async #event(pod: AnyObject, reason: string, message: string): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    const now = new Date().toISOString().replace(/\.\d+/, "");
    await this.#client
      .request("POST", `/api/v1/namespaces/${namespace}/events`, {
        body: {
          apiVersion: "v1",
          kind: "Event",
          metadata: {
            generateName: `${name}.`,
            namespace,
          },
          involvedObject: {
            apiVersion: "v1",
            kind: "Pod",
            namespace,
            name,
            uid,
          },
          reason,
          message,
          type: "Warning",
          firstTimestamp: now,
          lastTimestamp: now,
          count: 1,
          source: {
            component: "kubelet",
            host: this.#name,
          },
        },
      })
      .catch(() => {});
  }
}

function completed(status: AnyObject): AnyObject {
  const { startedAt } = status.state.running;
  return {
    ...status,
    ready: false,
    started: false,
    state: { terminated: { exitCode: 0, reason: "Completed", startedAt, finishedAt: startedAt } },
  };
}
