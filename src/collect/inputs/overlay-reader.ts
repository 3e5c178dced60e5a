import type { ResourceType } from "../../domain/resources.ts";
import { KubeError, type KubeObject, type ListOptions, type Reader, type SecretObject } from "../../ports.ts";
import { isMapping, refOf } from "./documents.ts";
import type { FilesReader } from "./files-reader.ts";

/** A cluster as it will be once the files are applied: an object of the files takes the place of the one on the cluster. */
export class OverlayReader implements Reader {
  readonly #files: FilesReader;
  readonly #cluster: Reader;

  constructor(files: FilesReader, cluster: Reader) {
    this.#files = files;
    this.#cluster = cluster;
  }

  version(): Promise<{ gitVersion: string; minor: number }> {
    return this.#cluster.version();
  }

  rules(namespace: string): Promise<KubeObject> {
    return this.#cluster.rules(namespace);
  }

  servedVersions(group: string): Promise<readonly string[]> {
    return this.#cluster.servedVersions(group);
  }

  holdsInFiles(kind: string): boolean {
    return this.#files.holdsInFiles(kind);
  }

  async get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject> {
    const [laid, there] = await Promise.all([
      orNothing(this.#files.get(type, namespace, name)),
      this.#cluster.get(type, namespace, name).catch((error: unknown) => error as Error),
    ]);
    if (laid !== undefined) return onto(laid, there instanceof Error ? undefined : there);
    if (there instanceof Error) throw there;
    return there;
  }

  async list(type: ResourceType, namespace: string | undefined, options?: ListOptions): Promise<readonly KubeObject[]> {
    const [laid, there] = await Promise.all([
      orNothing(this.#files.list(type, namespace, options)),
      this.#cluster.list(type, namespace, options),
    ]);
    const key = (object: KubeObject): string => `${refOf(object).namespace}/${refOf(object).name}`;
    const byName = new Map(there.map((object) => [key(object), object]));
    for (const object of laid ?? []) byName.set(key(object), onto(object, byName.get(key(object))));
    return [...byName.values()];
  }

  async getSecret(namespace: string, name: string): Promise<SecretObject> {
    const laid = await orNothing(this.#files.getSecret(namespace, name));
    // Of a Secret that another controller makes, the one that it has made says more.
    if (laid === undefined || (laid.sealed ?? []).length > 0) {
      const live = await this.#cluster.getSecret(namespace, name).catch((error: unknown) => {
        if (laid !== undefined && error instanceof KubeError && error.failure === "not-found") return laid;
        throw error;
      });
      return live;
    }
    return laid;
  }

  async listSecrets(namespace: string | undefined): Promise<readonly SecretObject[]> {
    const [laid, there] = await Promise.all([this.#files.listSecrets(namespace), this.#cluster.listSecrets(namespace)]);
    const key = ({ metadata }: SecretObject): string => JSON.stringify([metadata["namespace"], metadata["name"]]);
    const replaced = new Set(laid.map(key));
    return [...laid, ...there.filter((secret) => !replaced.has(key(secret)))];
  }

  serverTime(): Date | undefined {
    return this.#cluster.serverTime();
  }

  metric(name: string): Promise<readonly string[]> {
    return this.#cluster.metric(name);
  }
}

/** Spec of the file; status, uid and what else only a server knows from the cluster. */
function onto(object: KubeObject, there: KubeObject | undefined): KubeObject {
  if (there === undefined) return object;
  const [own, live] = [object["metadata"], there["metadata"]];
  const status = isHeld(object["spec"], there["spec"]) ? there["status"] : withoutVerdict(there["status"]);
  return {
    ...object,
    metadata: { ...(isMapping(live) ? live : {}), ...(isMapping(own) ? own : {}) },
    ...(status === undefined ? {} : { status }),
  };
}

/** All that the file says is so already; what a server has added is nothing new. */
function isHeld(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part))
    return Array.isArray(whole) && part.length === whole.length && part.every((one, i) => isHeld(one, whole[i]));
  if (!isMapping(part)) return part === whole;
  return isMapping(whole) && Object.entries(part).every(([key, value]) => isHeld(value, whole[key]));
}

/** What a controller says of the very spec that the file replaces. */
const VERDICTS = new Set(["ConfigurationValid", "Ready"]);

/** A status without that. */
function withoutVerdict(status: unknown): unknown {
  if (!isMapping(status) || !Array.isArray(status["conditions"])) return status;
  const conditions = (status["conditions"] as readonly unknown[]).filter(
    (condition) => !isMapping(condition) || !VERDICTS.has(String(condition["type"])),
  );
  return { ...status, conditions };
}

async function orNothing<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: unknown) => {
    if (error instanceof KubeError && ["not-found", "not-given"].includes(error.failure)) return undefined;
    throw error;
  });
}
