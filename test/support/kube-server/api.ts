import { randomUUID } from "node:crypto";

import type { AnyObject } from "../follow.ts";
import { alreadyExists, ApiError, badRequest, conflict, invalid, MODIFIED, notFound } from "./errors.ts";
import { sameValue } from "./fields.ts";
import { apiVersionOf, kindsOfCrd, BUILT_IN, type Kind } from "./kinds.ts";
import { mergeApplied, trackUpdate, type Writer } from "./managed-fields.ts";
import { jsonPatch, mergePatch, strategicPatch } from "./patch.ts";
import type { ApiRequest } from "./request.ts";
import { Store } from "./store.ts";
import { validated } from "./validation.ts";

const GRACE_SECONDS = 30;

export function now(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}

export interface Written {
  readonly status: 200 | 201;
  readonly object: AnyObject;
}

/** Reads and writes objects as kube-apiserver does: validation, generations, managed fields, dry runs, deletion. */
export class Api {
  readonly store = new Store();
  #kinds: Kind[] = [...BUILT_IN];

  get kinds(): readonly Kind[] {
    return this.#kinds;
  }

  kind(resource: string): Kind {
    const kind = this.#kinds.find((candidate) => candidate.resource === resource);
    if (kind === undefined) throw new Error(`the server does not serve ${resource}`);
    return kind;
  }

  /** Begins anew, with the namespaces that every cluster has. */
  reset(): void {
    this.store.clear();
    this.#kinds = [...BUILT_IN];
    this.seed(
      ["default", "kube-system"].map((name) => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
        status: { phase: "Active" },
      })),
    );
  }

  /** Puts objects there as they are, status, managedFields and times included. */
  seed(objects: readonly AnyObject[]): void {
    for (const object of objects) {
      const kind = this.#kinds.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion);
      if (kind === undefined) throw new Error(`the server does not serve ${object.apiVersion} ${object.kind}`);
      const { namespace } = object.metadata;
      if (kind.namespaced && this.store.get(this.kind("namespaces"), "", namespace) === undefined) {
        this.create(
          this.kind("namespaces"),
          "",
          { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
          this.#internal(),
          false,
        );
      }
      const metadata = { uid: randomUUID(), creationTimestamp: now(), generation: 1, ...object.metadata };
      const stored = this.store.put(kind, { ...object, metadata });
      if (kind.resource === "customresourcedefinitions") this.#serve(stored);
      if (kind.resource === "namespaces") this.#furnish(stored.metadata.name);
    }
  }

  get(kind: Kind, namespace: string, name: string): AnyObject {
    const object = this.store.get(kind, namespace, name);
    if (object === undefined) throw notFound(kind, name);
    return object;
  }

  create(kind: Kind, namespace: string, body: AnyObject, writer: Writer, dryRun: boolean): AnyObject {
    const metadata = { ...body.metadata, ...(kind.namespaced ? { namespace } : {}) };
    if (metadata.name === undefined && metadata.generateName !== undefined)
      metadata.name = metadata.generateName + randomUUID().slice(0, 5);
    if (metadata.name === undefined) {
      throw invalid(kind, "", [
        {
          reason: "FieldValueRequired",
          message: "Required value: name or generateName is required",
          field: "metadata.name",
        },
      ]);
    }
    if (metadata.resourceVersion !== undefined)
      throw badRequest("resourceVersion should not be set on objects to be created");
    this.#assertNamespace(kind, namespace);
    if (this.store.get(kind, namespace, metadata.name) !== undefined) throw alreadyExists(kind, metadata.name);
    return this.#save(kind, undefined, { ...body, metadata }, writer, dryRun);
  }

  update(kind: Kind, request: ApiRequest, writer: Writer): AnyObject {
    const before = this.get(kind, request.namespace, request.name);
    return this.#save(kind, before, request.body, writer, request.dryRun, request.subresource);
  }

  patch(kind: Kind, request: ApiRequest, writer: Writer): Written {
    const { namespace, name, body, contentType, subresource, dryRun } = request;
    if (contentType.startsWith("application/apply-patch+yaml")) return this.#apply(kind, request, writer);
    const before = this.get(kind, namespace, name);
    const after = contentType.startsWith("application/json-patch+json")
      ? jsonPatch(before, body)
      : contentType.startsWith("application/strategic-merge-patch+json") && kind.schema === undefined
        ? strategicPatch(before, body)
        : contentType.startsWith("application/merge-patch+json")
          ? mergePatch(before, body)
          : undefined;
    if (after === undefined) {
      throw new ApiError(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
      );
    }
    return { status: 200, object: this.#save(kind, before, after, writer, dryRun, subresource) };
  }

  #apply(kind: Kind, request: ApiRequest, writer: Writer): Written {
    const { namespace, name, body, query, dryRun } = request;
    if (!query.has("fieldManager")) {
      const message = "Required value: is required for apply patch";
      throw invalid({ ...kind, group: "meta.k8s.io", kind: "PatchOptions" }, "", [
        { reason: "FieldValueRequired", message, field: "fieldManager" },
      ]);
    }
    const before = this.store.get(kind, namespace, name);
    const force = query.get("force") === "true";
    const metadata = { ...body.metadata, name, ...(kind.namespaced ? { namespace } : {}) };
    const { stringData, ...rest } = body;
    if (stringData !== undefined) throw badRequest("this test server applies Secrets by data, not stringData");
    if (before === undefined) {
      this.#assertNamespace(kind, namespace);
      if (metadata.uid !== undefined)
        throw conflict(kind, name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: `);
    } else assertPreconditions(kind, before, metadata);
    const merged = mergeApplied(before, { ...rest, metadata }, { ...writer, operation: "Apply" }, force);
    return { status: before === undefined ? 201 : 200, object: this.#save(kind, before, merged, undefined, dryRun) };
  }

  /** @returns the object as it was, or as it is while it waits for its finalizers or its grace period */
  delete(kind: Kind, namespace: string, name: string, options: AnyObject, dryRun: boolean): AnyObject {
    const object = this.get(kind, namespace, name);
    const { uid, resourceVersion } = options?.preconditions ?? {};
    const named = { ...kind, resource: kind.kind };
    const record = "The object might have been";
    if (uid !== undefined && uid !== object.metadata.uid) {
      const why = `the UID in the precondition (${uid}) does not match the UID in record (${object.metadata.uid}). ${record} deleted and then recreated`;
      throw conflict(named, name, why);
    }
    if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
      const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${object.metadata.resourceVersion}). ${record} modified`;
      throw conflict(named, name, why);
    }
    if (dryRun) return object;
    const graceful =
      kind.resource === "pods" && object.spec?.nodeName !== undefined && options?.gracePeriodSeconds !== 0;
    if (graceful || (object.metadata.finalizers ?? []).length > 0) {
      if (object.metadata.deletionTimestamp !== undefined) return object;
      const metadata = {
        ...object.metadata,
        deletionTimestamp: now(),
        deletionGracePeriodSeconds: graceful ? GRACE_SECONDS : 0,
      };
      return this.store.put(kind, { ...object, metadata });
    }
    return this.#remove(kind, object);
  }

  #remove(kind: Kind, object: AnyObject): AnyObject {
    const last = this.store.remove(kind, object);
    if (kind.resource === "namespaces") this.#emptyNamespace(object.metadata.name);
    if (kind.resource === "customresourcedefinitions")
      this.#kinds = this.#kinds.filter(
        (one) => !(one.group === object.spec.group && one.resource === object.spec.names.plural),
      );
    setImmediate(() => this.#collectGarbage(object.metadata.uid));
    return last;
  }

  #emptyNamespace(namespace: string): void {
    for (const kind of this.#kinds.filter((one) => one.namespaced)) {
      for (const object of this.store.list(kind, namespace)) this.store.remove(kind, object);
    }
  }

  /** Objects whose owner is gone. */
  #collectGarbage(uid: string): void {
    for (const kind of this.#kinds) {
      for (const object of this.store.list(kind)) {
        if (object.metadata.ownerReferences?.some((owner: AnyObject) => owner.uid === uid))
          this.delete(kind, object.metadata.namespace ?? "", object.metadata.name, {}, false);
      }
    }
  }

  #assertNamespace(kind: Kind, namespace: string): void {
    if (kind.namespaced && this.store.get(this.kind("namespaces"), "", namespace) === undefined)
      throw notFound(this.kind("namespaces"), namespace);
  }

  /** Stores the next state of an object, unless nothing changes or it is a dry run. */
  #save(
    kind: Kind,
    before: AnyObject | undefined,
    wanted: AnyObject,
    writer: Writer | undefined,
    dryRun: boolean,
    subresource = "",
  ): AnyObject {
    if (wanted?.metadata === undefined) throw badRequest("the object provided is unrecognized");
    if (before !== undefined) assertPreconditions(kind, before, wanted.metadata);
    const hasStatus = kind.subresources.includes("status");
    let next: AnyObject = { ...wanted, apiVersion: apiVersionOf(kind), kind: kind.kind };
    if (before !== undefined && hasStatus && subresource === "status") next = { ...before, status: wanted.status };
    else if (hasStatus && kind.resource !== "nodes") {
      const { status: _, ...rest } = next;
      next = before?.status === undefined ? rest : { ...rest, status: before.status };
    }
    next = validated(kind, next, before);
    if (before === undefined) next = initial(kind, next);
    const metadata: AnyObject = {
      ...next.metadata,
      uid: before?.metadata.uid ?? randomUUID(),
      creationTimestamp: before?.metadata.creationTimestamp ?? now(),
    };
    const counted = next.spec !== undefined || kind.schema !== undefined;
    if (counted) {
      const changed = before !== undefined && !sameValue(before.spec, next.spec);
      metadata.generation = before === undefined ? 1 : (before.metadata.generation ?? 1) + (changed ? 1 : 0);
    }
    next = { ...next, metadata };
    if (writer !== undefined) {
      next.metadata = { ...next.metadata, managedFields: before?.metadata.managedFields ?? [] };
      trackUpdate(before, next, { ...writer, subresource });
    }
    if (before !== undefined && sameValue({ ...before, metadata: meta(before) }, { ...next, metadata: meta(next) }))
      return before;
    if (dryRun) return { ...next, metadata: { ...next.metadata, resourceVersion: before?.metadata.resourceVersion } };
    if (
      before !== undefined &&
      next.metadata.deletionTimestamp !== undefined &&
      (next.metadata.finalizers ?? []).length === 0 &&
      kind.resource !== "pods"
    ) {
      return this.#remove(kind, next);
    }
    const stored = this.store.put(kind, next);
    if (before === undefined && kind.resource === "namespaces") this.#furnish(stored.metadata.name);
    if (kind.resource === "customresourcedefinitions") this.#serve(stored);
    return stored;
  }

  /** What the controllers put into a new namespace. */
  #furnish(namespace: string): void {
    const writer = this.#internal();
    this.create(
      this.kind("serviceaccounts"),
      namespace,
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } },
      writer,
      false,
    );
    const data = { "ca.crt": "" };
    this.create(
      this.kind("configmaps"),
      namespace,
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kube-root-ca.crt" }, data },
      writer,
      false,
    );
  }

  #serve(crd: AnyObject): void {
    const served = kindsOfCrd(crd);
    this.#kinds = [
      ...this.#kinds.filter(
        (kind) => !served.some((one) => one.group === kind.group && one.resource === kind.resource),
      ),
      ...served,
    ];
  }

  #internal(): Writer {
    return { manager: "kube-controller-manager", operation: "Update", subresource: "", apiVersion: "v1", now: now() };
  }
}

/** Metadata without what every write moves. */
function meta({ metadata }: AnyObject): AnyObject {
  const { resourceVersion: _, managedFields: __, ...rest } = metadata;
  return rest;
}

function assertPreconditions(kind: Kind, before: AnyObject, { uid, resourceVersion, name }: AnyObject): void {
  if (uid !== undefined && uid !== before.metadata.uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
    throw conflict(kind, name, MODIFIED);
}

function initial(kind: Kind, object: AnyObject): AnyObject {
  if (kind.resource === "pods") {
    const spec = { restartPolicy: "Always", serviceAccountName: "default", ...object.spec };
    return { ...object, spec, status: { phase: "Pending" } };
  }
  if (kind.resource === "namespaces") return { ...object, status: { phase: "Active" } };
  if (kind.resource === "persistentvolumeclaims") return { ...object, status: { phase: "Pending" } };
  return object;
}
