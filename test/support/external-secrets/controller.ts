import { createHash } from "node:crypto";

import { follow, keyOf, WorkQueue, type AnyObject, type Following } from "../follow.ts";
import type { KubeClient } from "../kube-client.ts";

const MANAGER = "external-secrets";
const FINALIZER = "externalsecrets.external-secrets.io/externalsecret-cleanup";

/** What the stand-in's secret manager holds, and what it refuses; a test may change it while it runs. */
export interface Remote {
  /** Entry → property → value. */
  readonly entries: Map<string, Record<string, string>>;
  /** Entry → what the provider says instead. */
  readonly refusals: Map<string, string>;
  /** Why no store of this name can be used. */
  readonly brokenStores: Map<string, string>;
}

export function emptyRemote(): Remote {
  return { entries: new Map(), refusals: new Map(), brokenStores: new Map() };
}

/**
 * Stands in for the controller of External Secrets, which cannot be built from any registry: conditions, events, the
 * Secret with its owner, labels and data-hash, and the finalizer, as v1.3.2 writes them
 * (pkg/controllers/{externalsecret,secretstore}). Its provider is a table in memory; templates are literals.
 */
export class ExternalSecretsStandIn {
  readonly #client: KubeClient;
  readonly #version: string;
  readonly #remote: Remote;
  readonly #abort = new AbortController();
  readonly #queue = new WorkQueue((key) => this.#reconcile(key));
  readonly #following: Following[] = [];
  #secrets: ReadonlyMap<string, AnyObject> = new Map();

  private constructor(client: KubeClient, remote: Remote, version: string) {
    this.#client = client;
    this.#remote = remote;
    this.#version = version;
  }

  static async start(client: KubeClient, remote: Remote, version = "v1"): Promise<ExternalSecretsStandIn> {
    const controller = new ExternalSecretsStandIn(client, remote, version);
    await controller.#begin();
    return controller;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#queue.stop();
    await Promise.all(this.#following.map((following) => following.ended));
  }

  async #begin(): Promise<void> {
    const api = `/apis/external-secrets.io/${this.#version}`;
    const { signal } = this.#abort;
    const secrets = follow(this.#client, `${api}/externalsecrets`, signal, (object) =>
      this.#queue.add(`externalsecrets ${keyOf(object)}`),
    );
    this.#secrets = secrets.objects;
    const stores = follow(this.#client, `${api}/secretstores`, signal, (object) => {
      this.#queue.add(`secretstores ${keyOf(object)}`);
    });
    this.#following.push(secrets, stores);
    await Promise.all(this.#following.map(({ listed }) => listed));
  }

  async #reconcile(key: string): Promise<void> {
    const [resource = "", place = ""] = key.split(" ");
    const [namespace = "", name = ""] = place.split("/");
    const path = this.#path(resource, namespace, name);
    const { body, status } = await this.#client.get(path);
    if (status !== 200) return;
    if (resource === "secretstores") await this.#validate(body, path);
    else if (body.metadata.deletionTimestamp === undefined) await this.#sync(body, path);
    else await this.#merge(path, { metadata: { finalizers: null } });
  }

  async #validate(store: AnyObject, path: string): Promise<void> {
    const problem = this.#remote.brokenStores.get(store.metadata.name);
    const condition =
      problem === undefined
        ? ready("True", "Valid", "store validated")
        : ready("False", "InvalidProviderConfig", "unable to create client");
    if (problem !== undefined && isNew(store, condition)) await this.#warn(store, "InvalidProviderConfig", problem);
    await this.#setReady(store, path, condition, {});
    for (const externalSecret of this.#secrets.values()) this.#queue.add(`externalsecrets ${keyOf(externalSecret)}`);
  }

  async #sync(externalSecret: AnyObject, path: string): Promise<void> {
    const { metadata } = externalSecret;
    if (!metadata.finalizers?.includes(FINALIZER)) {
      await this.#merge(path, { metadata: { finalizers: [FINALIZER] } });
      return;
    }
    const target = externalSecret.spec.target.name ?? metadata.name;
    const data = await this.#fetch(externalSecret).catch((error: unknown) => error as Error);
    if (data instanceof Error) {
      const condition = ready("False", "SecretSyncedError", "could not get secret data from provider");
      if (isNew(externalSecret, condition)) await this.#warn(externalSecret, "UpdateFailed", data.message);
      await this.#setReady(externalSecret, path, condition, {});
      return;
    }
    await this.#write(externalSecret, target, { ...data, ...externalSecret.spec.target.template?.data });
    await this.#setReady(externalSecret, path, ready("True", "SecretSynced", "secret synced"), {
      binding: { name: target },
      refreshTime: now(),
      syncedResourceVersion: `${metadata.generation}-${digest(metadata.annotations ?? {})}`,
    });
  }

  async #fetch({ metadata, spec }: AnyObject): Promise<Record<string, string>> {
    const { kind = "SecretStore", name } = spec.secretStoreRef;
    const store = await this.#client.get(this.#path(`${kind.toLowerCase()}s`, metadata.namespace, name));
    if (store.status !== 200) {
      const resource = `${kind.toLowerCase()}s.external-secrets.io`;
      throw new Error(`could not get ${kind} "${name}", ${resource} "${name}" not found`);
    }
    if (readyOf(store.body)?.status !== "True") throw new Error(`${kind} "${name}" is not ready`);
    const found = (spec.data ?? []).map(({ secretKey, remoteRef }: AnyObject, i: number) => {
      const { key, property } = remoteRef;
      const problem = (what: string): Error =>
        new Error(`error processing spec.data[${i}] (key: ${key}), err: ${what}`);
      const refusal = this.#remote.refusals.get(key);
      if (refusal !== undefined) throw problem(refusal);
      const entry = this.#remote.entries.get(key);
      if (entry === undefined) throw problem("Secret does not exist");
      const value = entry[property];
      if (value === undefined) throw problem(`key ${property} does not exist in secret ${key}`);
      return [secretKey, value];
    });
    return Object.fromEntries(found);
  }

  async #write({ metadata, apiVersion }: AnyObject, name: string, values: Record<string, string>): Promise<void> {
    const { namespace } = metadata;
    const data = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    );
    const owner = { apiVersion, kind: "ExternalSecret", name: metadata.name, uid: metadata.uid };
    await this.#client.apply(
      `/api/v1/namespaces/${namespace}/secrets/${name}`,
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: {
          name,
          namespace,
          labels: {
            "reconcile.external-secrets.io/managed": "true",
            "reconcile.external-secrets.io/created-by": digest(`${namespace}/${metadata.name}`),
          },
          annotations: { "reconcile.external-secrets.io/data-hash": digest(data) },
          ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
        },
        type: "Opaque",
        data,
      },
      `externalsecrets.external-secrets.io/${metadata.name}`,
    );
  }

  async #setReady(object: AnyObject, path: string, condition: AnyObject, more: AnyObject): Promise<void> {
    const same = !isNew(object, condition);
    if (same && (more.syncedResourceVersion ?? "") === (object.status?.syncedResourceVersion ?? "")) return;
    const old = readyOf(object);
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now();
    await this.#merge(`${path}/status`, { status: { ...more, conditions: [{ ...condition, lastTransitionTime }] } });
  }

  async #warn({ apiVersion, kind, metadata }: AnyObject, reason: string, message: string): Promise<void> {
    const { namespace, name, uid } = metadata;
    await this.#client.must("POST", `/api/v1/namespaces/${namespace}/events`, {
      body: {
        apiVersion: "v1",
        kind: "Event",
        metadata: { generateName: `${name}.`, namespace },
        involvedObject: { apiVersion, kind, namespace, name, uid },
        type: "Warning",
        reason,
        message,
        source: { component: MANAGER },
        count: 1,
        firstTimestamp: now(),
        lastTimestamp: now(),
      },
    });
  }

  #merge(path: string, body: AnyObject): Promise<AnyObject> {
    const query = { fieldManager: MANAGER };
    return this.#client.must("PATCH", path, { query, body, contentType: "application/merge-patch+json" });
  }

  #path(resource: string, namespace: string, name: string): string {
    const scope = resource === "clustersecretstores" ? "" : `/namespaces/${namespace}`;
    return `/apis/external-secrets.io/${this.#version}${scope}/${resource}/${name}`;
  }
}

function ready(status: string, reason: string, message: string): AnyObject {
  return { type: "Ready", status, reason, message };
}

function readyOf({ status }: AnyObject): AnyObject {
  return status?.conditions?.find(({ type }: AnyObject) => type === "Ready");
}

function isNew(object: AnyObject, { status, reason, message }: AnyObject): boolean {
  const old = readyOf(object);
  return old?.status !== status || old.reason !== reason || old.message !== message;
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}

function digest(value: unknown): string {
  return createHash("sha3-224").update(JSON.stringify(value)).digest("hex");
}
