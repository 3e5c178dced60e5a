import type { Residue } from "../domain/aws-facts.ts";
import type { FactKey, FactMap, Facts } from "../domain/facts.ts";
import type { GkeName } from "../domain/google-facts.ts";
import type { Grant } from "../domain/grant.ts";
import { absent, type Known, type Origin, type UnknownReason } from "../domain/known.ts";
import { KubeError, type Aws, type Google, type Kube, type KubeFailure, type Reader } from "../ports.ts";
import { describeMismatch } from "./objects/schemas.ts";

/** A bucket that the user named. */
export interface NamedBucket {
  readonly scheme: "s3" | "gs";
  readonly bucket: string;
  readonly prefix: string;
}

/** The clouds, where the run may ask them. */
export interface Cloud {
  readonly kube: Pick<Kube, "createToken" | "openIdConfiguration" | "server" | "clusterEntry">;
  /** The client of the tool's own identity, made when it is first needed; `--region` wins over the region wanted. */
  aws(region?: string): Promise<Aws>;
  /** The client of the tool's own identity on Google Cloud, made when it is first needed. */
  google(): Promise<Google>;
  /** `--profile` and `--region` as they were given. */
  readonly flags: readonly string[];
  /** `--prove`: a token may be minted and a probe written. */
  readonly prove: boolean;
  /** `--bucket BUCKET[/PREFIX]`, or one of Google's own as `gs://BUCKET[/PREFIX]`. */
  readonly bucket: NamedBucket | undefined;
  /** `--endpoint`: where the object store is reached from here. */
  readonly endpoint: string | undefined;
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number;
  /** `--eks-cluster`. */
  readonly eksCluster: string | undefined;
  /** `--gke-cluster`. */
  readonly gkeCluster: GkeName | undefined;
  /** Tells what this run writes from what another one left; 16 hexadecimal digits. */
  readonly runId: string;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Aborts when the user interrupts; what was written is removed all the same. */
  readonly signal: AbortSignal;
  /** Work that the end of the run waits for, whatever ends it; `left` is what it has left behind. */
  shielded<T extends { readonly residue: readonly Residue[] }>(work: () => Promise<T>): Promise<T>;
}

/** What collectors read from. `cluster` is the chosen AntflyCluster's name. */
export interface World {
  readonly reader: Reader;
  readonly namespace: string;
  readonly cluster: string | undefined;
  /** Reading beyond the namespace costs nothing and needs no right: the objects come from files. */
  readonly allNamespaces: boolean;
  /** Keyed hash of a value, comparable within this run. */
  readonly fingerprint: (bytes: Uint8Array) => string;
  /** Or the reason why none is asked. */
  readonly cloud: Cloud | { readonly off: string };
}

/** Reads one fact, once a run. */
export interface Collector<K extends FactKey = FactKey, N extends FactKey = FactKey> {
  readonly gives: K;
  /** Facts without which this one cannot be had: it is unknown or absent as they are. */
  readonly needs: readonly N[];
  /** Facts that it can do without. */
  readonly wants?: readonly FactKey[];
  collect(needs: { readonly [P in N]: FactMap[P] }, world: World, wants: Facts): Promise<Known<FactMap[K]>>;
}

export function defineCollector<const K extends FactKey, const N extends FactKey>(
  collector: Collector<K, N>,
): Collector {
  return collector;
}

/**
 * Collects the facts asked for and all that they need. Every fact is read once; facts that do not need each other are
 * read side by side.
 */
export class Collection {
  readonly #collectors: ReadonlyMap<FactKey, Collector>;
  readonly #facts = new Map<FactKey, Promise<Known<unknown>>>();
  readonly #world: () => World;

  /**
   * `world` is asked when a fact is first read, so that the cluster can be chosen by an earlier one. What is `given` is not
   * collected.
   */
  constructor(collectors: readonly Collector[], world: () => World, given: Facts = {}) {
    this.#collectors = new Map(collectors.map((collector) => [collector.gives, collector]));
    this.#world = world;
    for (const [key, fact] of Object.entries(given)) this.#facts.set(key as FactKey, Promise.resolve(fact));
  }

  get<K extends FactKey>(key: K): Promise<Known<FactMap[K]>> {
    let fact = this.#facts.get(key);
    if (fact === undefined) {
      fact = this.#collect(key);
      this.#facts.set(key, fact);
    }
    return fact as Promise<Known<FactMap[K]>>;
  }

  async all(keys: readonly FactKey[]): Promise<Facts> {
    const entries = await Promise.all([...new Set(keys)].map(async (key) => [key, await this.get(key)] as const));
    return Object.fromEntries(entries);
  }

  async #collect(key: FactKey): Promise<Known<unknown>> {
    const collector = this.#collectors.get(key);
    if (collector === undefined) {
      return {
        state: "unknown",
        why: "not-collected",
        detail: `${key} is not collected here`,
        origin: { via: "kube", ref: key },
      };
    }
    const [needs, wants] = await Promise.all([this.all(collector.needs), this.all(collector.wants ?? [])]);
    const values: Partial<Record<FactKey, unknown>> = {};
    for (const need of collector.needs) {
      const fact = needs[need];
      if (fact === undefined || fact.state !== "known") return fact ?? absent({ via: "kube", ref: need });
      values[need] = fact.value;
    }
    return collector.collect(values as FactMap, this.#world(), wants);
  }
}

/**
 * Reads something, turning a refusal or a failure into `unknown` and a 404 into `absent`. Content of the wrong shape is
 * `malformed`.
 */
export async function toKnown<T>(
  ref: string,
  grant: Grant | undefined,
  read: () => Promise<Known<T>>,
): Promise<Known<T>> {
  const origin: Origin = { via: "kube", ref };
  try {
    return await read();
  } catch (error) {
    if (error instanceof KubeError) {
      if (error.failure === "not-found" || error.failure === "not-served") return absent(origin);
      const why = REASON[error.failure];
      return {
        state: "unknown",
        why,
        detail: error.message,
        origin,
        ...(why === "forbidden" && grant ? { grant } : {}),
      };
    }
    const mismatch = describeMismatch(error);
    if (mismatch === undefined) throw error;
    return { state: "unknown", why: "malformed", detail: `${ref} is not as expected: ${mismatch}`, origin };
  }
}

const REASON: Record<Exclude<KubeFailure, "not-found" | "not-served">, UnknownReason> = {
  forbidden: "forbidden",
  unauthorized: "unauthorized",
  unreachable: "unreachable",
  timeout: "timeout",
  throttled: "throttled",
  malformed: "malformed",
  conflict: "server-error",
  invalid: "server-error",
  "server-error": "server-error",
  "not-given": "not-given",
};
