import type { AnyObject } from "../follow.ts";
import type { Kind } from "./kinds.ts";

export interface StoredEvent {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly collection: string;
  readonly object: AnyObject;
}

export type Listener = (event: StoredEvent) => void;

/** All objects, one resource version for all of them, and every change since the start. */
export class Store {
  #version = 1;
  readonly #collections = new Map<string, Map<string, AnyObject>>();
  readonly #events: StoredEvent[] = [];
  readonly #listeners = new Set<Listener>();

  get version(): number {
    return this.#version;
  }

  /** Everything is gone, and nobody is told. */
  clear(): void {
    this.#collections.clear();
    this.#events.length = 0;
  }

  get(kind: Kind, namespace: string, name: string): AnyObject | undefined {
    return this.#collection(kind).get(`${namespace}/${name}`);
  }

  /** In the order of namespace and name, as etcd keeps its keys. */
  list(kind: Kind, namespace?: string): AnyObject[] {
    const entries = [...this.#collection(kind)].filter(
      ([key]) => namespace === undefined || key.startsWith(`${namespace}/`),
    );
    return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** Stores a copy of the object with its new resource version. */
  put(kind: Kind, object: AnyObject): AnyObject {
    const key = keyOf(object);
    const collection = this.#collection(kind);
    const stored = structuredClone(object);
    this.#version += 1;
    stored.metadata.resourceVersion = String(this.#version);
    const type = collection.has(key) ? "MODIFIED" : "ADDED";
    collection.set(key, stored);
    this.#emit({ version: this.#version, type, collection: collectionOf(kind), object: stored });
    return stored;
  }

  remove(kind: Kind, object: AnyObject): AnyObject {
    this.#collection(kind).delete(keyOf(object));
    this.#version += 1;
    const last = structuredClone(object);
    last.metadata.resourceVersion = String(this.#version);
    this.#emit({ version: this.#version, type: "DELETED", collection: collectionOf(kind), object: last });
    return last;
  }

  /** Changes of a kind after `version`, past and to come; returns how to stop. */
  subscribe(kind: Kind, version: number, listener: Listener): () => void {
    const wanted = collectionOf(kind);
    for (const event of this.#events) if (event.collection === wanted && event.version > version) listener(event);
    const filtered: Listener = (event) => {
      if (event.collection === wanted) listener(event);
    };
    this.#listeners.add(filtered);
    return () => this.#listeners.delete(filtered);
  }

  #emit(event: StoredEvent): void {
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  #collection(kind: Kind): Map<string, AnyObject> {
    const name = collectionOf(kind);
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = new Map();
      this.#collections.set(name, collection);
    }
    return collection;
  }
}

function collectionOf({ group, resource }: Kind): string {
  return `${group}/${resource}`;
}

function keyOf({ metadata }: AnyObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}
