import { follow, WorkQueue, type AnyObject, type Following } from "../follow.ts";
import type { KubeClient } from "../kube-client.ts";
import { ControllerByHand } from "./controller-by-hand.ts";
import type { ProviderStandIn } from "./provider.ts";

const FINALIZER = "externalsecrets.external-secrets.io/externalsecret-cleanup";

/**
 * The stand-in of the controller at work in one namespace by itself: it looks whenever a store or an ExternalSecret
 * changes, and holds an ExternalSecret by its finalizer.
 */
export class ControllerAtWork {
  readonly provider: ProviderStandIn;
  readonly #client: KubeClient;
  readonly #path: string;
  readonly #controller: ControllerByHand;
  readonly #abort = new AbortController();
  readonly #queue = new WorkQueue(() => this.#work());
  readonly #following: Following[] = [];

  private constructor(client: KubeClient, namespace: string, version: string) {
    this.#client = client;
    this.#path = `/apis/external-secrets.io/${version}/namespaces/${namespace}`;
    this.#controller = new ControllerByHand(client, namespace, version);
    this.provider = this.#controller.provider;
  }

  static async start(client: KubeClient, namespace: string, version = "v1"): Promise<ControllerAtWork> {
    const controller = new ControllerAtWork(client, namespace, version);
    const { signal } = controller.#abort;
    for (const resource of ["externalsecrets", "secretstores"]) {
      const path = `${controller.#path}/${resource}`;
      controller.#following.push(follow(client, path, signal, () => controller.#queue.add("all")));
    }
    await Promise.all(controller.#following.map(({ listed }) => listed));
    return controller;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#queue.stop();
    await Promise.all(this.#following.map(({ ended }) => ended));
  }

  async #work(): Promise<void> {
    const { items } = await this.#client.must("GET", `${this.#path}/externalsecrets`);
    for (const { metadata } of items) {
      const { name, finalizers, deletionTimestamp } = metadata;
      if (deletionTimestamp !== undefined) await this.#hold(name, null);
      else if (finalizers === undefined) await this.#hold(name, [FINALIZER]);
    }
    await this.#controller.works();
  }

  #hold(name: string, finalizers: readonly string[] | null): Promise<AnyObject> {
    return this.#client.must("PATCH", `${this.#path}/externalsecrets/${name}`, {
      query: { fieldManager: "external-secrets" },
      contentType: "application/merge-patch+json",
      body: { metadata: { finalizers } },
    });
  }
}
