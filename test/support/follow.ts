import type { KubeClient } from "./kube-client.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- API objects of any kind
export type AnyObject = any;

export interface Following {
  /** Current objects by `namespace/name`. */
  readonly objects: ReadonlyMap<string, AnyObject>;
  /** Settles when the first list has been seen. */
  readonly listed: Promise<void>;
  /** Settles when following has ended, after the signal aborted. */
  readonly ended: Promise<void>;
}

export type Change = (object: AnyObject, deleted: boolean) => void;

/** Lists and watches one kind, again and again, until `signal` aborts; the API server may end any watch. */
export function follow(client: KubeClient, path: string, signal: AbortSignal, onChange: Change): Following {
  const objects = new Map<string, AnyObject>();
  let markListed: () => void = () => {};
  const listed = new Promise<void>((resolve) => {
    markListed = resolve;
  });

  const cycle = async (): Promise<void> => {
    const { body, status } = await client.get(path);
    if (status !== 200) throw new Error(`list ${path}: ${status}`);
    const seen = new Set<string>();
    for (const item of body.items ?? []) {
      seen.add(keyOf(item));
      const before = objects.get(keyOf(item));
      objects.set(keyOf(item), item);
      if (before?.metadata.resourceVersion !== item.metadata.resourceVersion) onChange(item, false);
    }
    for (const [key, object] of objects) {
      if (seen.has(key)) continue;
      objects.delete(key);
      onChange(object, true);
    }
    markListed();
    for await (const { type, object } of client.watch(
      path,
      { resourceVersion: body.metadata.resourceVersion },
      signal,
    )) {
      if (type === "ERROR") return;
      if (type === "BOOKMARK") continue;
      if (type === "DELETED") objects.delete(keyOf(object));
      else objects.set(keyOf(object), object);
      onChange(object, type === "DELETED");
    }
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      await cycle().catch(() => {});
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { objects, listed, ended: loop() };
}

export function keyOf(object: AnyObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}

const MOST_FAILURES = 8;
const RETRY_MS = 50;

/**
 * Runs `work` once for each key that was asked for, one key at a time and never the same key twice at once; a key that is
 * asked for while it is being worked on is worked on again.
 */
export class WorkQueue {
  readonly #work: (key: string) => Promise<void>;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, number>();
  #stopped = false;

  constructor(work: (key: string) => Promise<void>) {
    this.#work = work;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    if (!this.#running.has(key)) this.#running.set(key, this.#run(key));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  async #run(key: string): Promise<void> {
    while (this.#waiting.delete(key)) {
      try {
        await this.#work(key);
        this.#failures.delete(key);
      } catch {
        this.#retryLater(key);
      }
    }
    this.#running.delete(key);
  }

  /** A conflict or an object that is not there yet: a few more tries, further and further apart. */
  #retryLater(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    if (failures < MOST_FAILURES) setTimeout(() => this.add(key), failures * RETRY_MS).unref();
  }
}
