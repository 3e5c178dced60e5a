// Node's own has to load OpenSSL first, which takes a third of a short command's time.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** Raw data of one source; undefined when the object is not there. */
export type HashedData = Readonly<Record<string, Uint8Array>> | undefined;

export interface HashedSource {
  readonly kind: "Secret" | "ConfigMap";
  readonly name: string;
  readonly data: HashedData;
}

const LENGTH = 16;

/**
 * `antfly.io/envfrom-hash` as operators of generation 1 compute it (operator v0.0.16,
 * `controllers/antflycluster_controller.go`, computeEnvFromHash): SHA-256 over all sources in list order, of each key in
 * byte order followed by its value, without separators; an absent source adds nothing. First 16 hex digits.
 * Undefined for an empty list: then there is no annotation.
 */
export function contentHash(sources: readonly HashedSource[]): string | undefined {
  if (sources.length === 0) return undefined;
  const hash = sha256.create();
  for (const source of sources) addData(hash, source.data);
  return bytesToHex(hash.digest()).slice(0, LENGTH);
}

/**
 * The same annotation as generations 2 and 3 compute it (antflydb/antfly#90): a Secret counts as
 * `secret:<namespace>/<name>`, whether it exists or not; a ConfigMap by its data, as before.
 */
export function referenceHash(namespace: string, sources: readonly HashedSource[]): string | undefined {
  if (sources.length === 0) return undefined;
  const hash = sha256.create();
  for (const source of sources) {
    if (source.kind === "Secret") hash.update(utf8ToBytes(`secret:${namespace}/${source.name}`));
    else addData(hash, source.data);
  }
  return bytesToHex(hash.digest()).slice(0, LENGTH);
}

function addData(hash: ReturnType<typeof sha256.create>, data: HashedData): void {
  // Go's sort.Strings orders by bytes. Keys of Secrets and ConfigMaps are ASCII, where that is JavaScript's order too.
  for (const key of Object.keys(data ?? {}).sort())
    hash.update(utf8ToBytes(key)).update(data?.[key] ?? new Uint8Array());
}

/** Which of the two hashes a live annotation equals. */
export type HashMatch = "content" | "reference" | "both" | "neither" | "unknown";

/** Of a list with sources; a hash that is undefined could not be computed. */
export function matchHash(
  live: string | undefined,
  hashes: { readonly content: string | undefined; readonly reference: string | undefined },
): HashMatch {
  if (live === undefined) return "unknown";
  const content = hashes.content === live;
  const reference = hashes.reference === live;
  if (content && reference) return "both";
  if (content) return "content";
  if (reference) return "reference";
  return hashes.content === undefined || hashes.reference === undefined ? "unknown" : "neither";
}

/** Of an empty list: no operator writes an annotation then. */
export function matchNothing(live: string | undefined): HashMatch {
  return live === undefined ? "unknown" : "neither";
}
