import { createHash } from "node:crypto";

import type { AnyObject } from "../follow.ts";
import type { KubeClient } from "../kube-client.ts";
import { ProviderStandIn } from "./provider.ts";
import { admits } from "./admits.ts";

const MANAGED = "reconcile.external-secrets.io/managed";

class NotRetried extends Error {
  readonly condition: string;

  constructor(message: string, condition: string) {
    super(message);
    this.condition = condition;
  }
}

/**
 * Writes what the controller of External Secrets writes: Secrets, conditions and events, in its words and by its rules
 * (pkg/controllers/externalsecret and secretstore of v1.3.2, read and not run). It works when it is told to, and not by
 * itself.
 */
export class ControllerByHand {
  readonly provider = new ProviderStandIn();
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #group: string;
  #events = 0;

  constructor(client: KubeClient, namespace: string, version = "v1") {
    this.#client = client;
    this.#namespace = namespace;
    this.#group = `/apis/external-secrets.io/${version}`;
  }

  /** Looks at every store and every ExternalSecret once. */
  async works(): Promise<void> {
    for (const store of [...(await this.#list("secretstores")), ...(await this.#list("clustersecretstores"))])
      await this.#validate(store);
    for (const one of await this.#list("externalsecrets")) await this.#sync(one);
  }

  async #list(resource: string): Promise<AnyObject[]> {
    const place = resource === "clustersecretstores" ? "" : `/namespaces/${this.#namespace}`;
    const { items } = await this.#client.must("GET", `${this.#group}${place}/${resource}`);
    return items;
  }

  async #validate(store: AnyObject): Promise<void> {
    const { unusable } = this.provider;
    if (unusable !== undefined) await this.#event(store, "InvalidProviderConfig", unusable);
    await this.#condition(
      store,
      unusable === undefined
        ? { status: "True", reason: "Valid", message: "store validated" }
        : { status: "False", reason: "InvalidProviderConfig", message: "unable to create client" },
    );
  }

  async #sync(one: AnyObject): Promise<void> {
    const { target } = one.spec;
    const name: string = target.name ?? one.metadata.name;
    const existing = await this.#secret(name);
    if (!this.#isDue(one, existing)) return;
    let data: Record<string, string>;
    try {
      data = await this.#fetch(one);
    } catch (error) {
      return this.#failed(one, (error as Error).message, "could not get secret data from provider");
    }
    if (Object.keys(data).length === 0 && target.deletionPolicy === "Delete") {
      if (existing !== undefined) await this.#client.must("DELETE", this.#secretPath(name));
      return this.#done(one, "SecretDeleted", "secret deleted due to DeletionPolicy=Delete");
    }
    if (target.creationPolicy === "None") return this.#done(one, "SecretSynced", "secret synced");
    if (target.creationPolicy === "Merge" && existing === undefined)
      return this.#done(one, "SecretMissing", "secret will not be created due to CreationPolicy=Merge");
    try {
      await this.#write(one, name, existing, templated(target.template, data));
    } catch (error) {
      const condition = error instanceof NotRetried ? error.condition : "could not update secret";
      return this.#failed(one, (error as Error).message, condition);
    }
    return this.#done(one, "SecretSynced", "secret synced");
  }

  /** `shouldRefresh` and `isSecretValid`. */
  #isDue({ spec, status, metadata }: AnyObject, existing: AnyObject | undefined): boolean {
    const hash = existing?.metadata.annotations?.["reconcile.external-secrets.io/data-hash"];
    const owns = spec.target.creationPolicy !== "Orphan";
    if (owns && (existing === undefined || hash !== hashOf(existing.data))) return true;
    if (status?.syncedResourceVersion === undefined) return true;
    if (spec.refreshPolicy === "CreatedOnce") return false;
    if (spec.refreshPolicy !== "OnChange" && spec.refreshInterval.startsWith("0")) return false;
    return spec.refreshPolicy !== "OnChange" || status.syncedResourceVersion !== versionOf(metadata);
  }

  async #fetch(one: AnyObject): Promise<Record<string, string>> {
    await this.#assertStore(one.spec.secretStoreRef);
    const retains = one.spec.target.deletionPolicy === "Retain";
    const data: Record<string, string> = {};
    for (const [i, { secretKey, remoteRef }] of (one.spec.data ?? []).entries()) {
      try {
        data[secretKey] = decoded(remoteRef.decodingStrategy, this.provider.read(remoteRef.key, remoteRef.property));
      } catch (error) {
        const { message } = error as Error;
        if (message === "Secret does not exist" && !retains) continue;
        throw new Error(`error processing spec.data[${i}] (key: ${remoteRef.key}), err: ${message}`, { cause: error });
      }
    }
    return data;
  }

  /** `Manager.Get`. */
  async #assertStore({ kind = "SecretStore", name }: AnyObject): Promise<void> {
    const isWide = kind === "ClusterSecretStore";
    const place = isWide ? "" : `/namespaces/${this.#namespace}`;
    const { status, body } = await this.#client.get(`${this.#group}${place}/${kind.toLowerCase()}s/${name}`);
    if (status === 404) throw new Error(`could not get ${kind} "${name}", ${body.message}`);
    if (isWide && !admits(body.spec.conditions, this.#namespace)) {
      const where = `is not allowed from namespace "${this.#namespace}": denied by spec.condition`;
      throw new Error(`using cluster store "${name}" ${where}`);
    }
    const ready = body.status?.conditions?.find((one: AnyObject) => one.type === "Ready");
    if (ready?.status !== "True") throw new Error(`${kind} "${name}" is not ready`);
  }

  async #write(one: AnyObject, name: string, existing: AnyObject | undefined, wanted: Record<string, string>) {
    const { creationPolicy, immutable } = one.spec.target;
    const owner = existing?.metadata.ownerReferences?.find((reference: AnyObject) => reference.controller === true);
    if (owner?.kind === "ExternalSecret" && owner.name !== one.metadata.name) {
      const message = `unable to mutate secret ${name}: secret is owned by another ExternalSecret: ${owner.name}`;
      throw new NotRetried(message, "target is owned by another ExternalSecret");
    }
    const encoded = Object.fromEntries(
      Object.entries(wanted).map(([key, value]) => [key, Buffer.from(value, "latin1").toString("base64")]),
    );
    const data = creationPolicy === "Merge" ? { ...existing?.data, ...encoded } : encoded;
    if (existing?.immutable === true && hashOf(existing.data) !== hashOf(data))
      throw new NotRetried(
        `unable to update secret ${name}: secret is immutable`,
        "could not update secret, target is immutable",
      );
    const { metadata } = one;
    const reference = {
      apiVersion: one.apiVersion,
      kind: one.kind,
      name: metadata.name,
      uid: metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    };
    // Without a template the Secret gets the annotations of the ExternalSecret, `force-sync` among them.
    const annotations = one.spec.target.template === undefined ? metadata.annotations : {};
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      ...existing,
      ...(immutable === true ? { immutable: true } : {}),
      metadata: {
        name,
        namespace: this.#namespace,
        ...existing?.metadata,
        labels: { ...existing?.metadata.labels, [MANAGED]: "true" },
        annotations: { ...annotations, "reconcile.external-secrets.io/data-hash": hashOf(data) },
        ...(creationPolicy === "Owner" ? { ownerReferences: [reference] } : {}),
      },
      data,
    };
    const query = { fieldManager: `externalsecrets.external-secrets.io/${metadata.name}` };
    const list = `/api/v1/namespaces/${this.#namespace}/secrets`;
    if (existing === undefined) await this.#client.must("POST", list, { query, body: secret });
    else await this.#client.must("PUT", this.#secretPath(name), { query, body: secret });
  }

  async #failed(one: AnyObject, said: string, message: string): Promise<void> {
    await this.#event(one, "UpdateFailed", said);
    await this.#condition(one, { status: "False", reason: "SecretSyncedError", message });
  }

  async #done(one: AnyObject, reason: string, message: string): Promise<void> {
    const more = { refreshTime: now(), syncedResourceVersion: versionOf(one.metadata) };
    await this.#condition(one, { status: "True", reason, message }, more);
  }

  /** `lastTransitionTime` moves with the status alone. */
  async #condition(object: AnyObject, wanted: AnyObject, more: AnyObject = {}): Promise<void> {
    const before = object.status?.conditions?.find((one: AnyObject) => one.type === "Ready");
    const since = before?.status === wanted.status ? before.lastTransitionTime : now();
    const conditions = [{ type: "Ready", ...wanted, lastTransitionTime: since }];
    const place = object.metadata.namespace === undefined ? "" : `/namespaces/${this.#namespace}`;
    const path = `${this.#group}${place}/${object.kind.toLowerCase()}s/${object.metadata.name}/status`;
    const body = { status: { conditions, ...more } };
    await this.#client.must("PATCH", path, { contentType: "application/merge-patch+json", body });
  }

  async #event({ apiVersion, kind, metadata }: AnyObject, reason: string, message: string): Promise<void> {
    this.#events += 1;
    const namespace = metadata.namespace ?? "default";
    await this.#client.must("POST", `/api/v1/namespaces/${namespace}/events`, {
      body: {
        apiVersion: "v1",
        kind: "Event",
        metadata: { name: `${metadata.name}.${String(this.#events).padStart(6, "0")}`, namespace },
        involvedObject: { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
        type: "Warning",
        reason,
        message,
        firstTimestamp: now(),
        lastTimestamp: now(),
        count: 1,
        source: { component: "external-secrets" },
      },
    });
  }

  async #secret(name: string): Promise<AnyObject | undefined> {
    const { status, body } = await this.#client.get(this.#secretPath(name));
    return status === 200 ? body : undefined;
  }

  #secretPath(name: string): string {
    return `/api/v1/namespaces/${this.#namespace}/secrets/${name}`;
  }
}

/** `ApplyTemplate`. Templates here are literals. */
function templated(template: AnyObject, data: Record<string, string>): Record<string, string> {
  if (template === undefined) return data;
  const keeps = template.mergePolicy === "Merge" || Object.keys(template.data ?? {}).length === 0;
  return { ...(keeps ? data : {}), ...template.data };
}

function decoded(strategy: string, value: string): string {
  if (strategy === "None") return value;
  const isBase64 = value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
  if (isBase64) return Buffer.from(value, "base64").toString("latin1");
  if (strategy === "Auto") return value;
  const at = value.search(/[^A-Za-z0-9+/=]/);
  const where = `illegal base64 data at input byte ${at < 0 ? value.length : at}`;
  throw new Error(`error applying decoding strategy ${strategy} to data: ${where}`);
}

/** Of generation, labels and annotations (`ctrlutil.GetResourceVersion`). */
function versionOf({ generation, labels, annotations }: AnyObject): string {
  return `${generation}-${hashOf({ ...labels, ...annotations })}`;
}

function hashOf(value: AnyObject): string {
  const sorted = Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 32);
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}
