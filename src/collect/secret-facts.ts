import type { DataManager, SecretFacts } from "../domain/secret-facts.ts";
import { ownerOf } from "../domain/owner.ts";
import { classify, UNREAD, type KeyFacts } from "../domain/values/classify.ts";
import type { SecretObject } from "../ports.ts";
import type { World } from "./collector.ts";
import { parseMetadata, type ObjectMetadata } from "./objects/schemas.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

type Bytes = Readonly<Record<string, Uint8Array>>;

/**
 * What leaves the collector of a Secret: names, sizes, shapes and keyed hashes of its values. `storeKey` is the key that is
 * a secret store's file.
 */
export function secretFacts(
  secret: SecretObject,
  world: Pick<World, "fingerprint">,
  storeKey: string | undefined,
): SecretFacts {
  const metadata = parseMetadata(secret.metadata);
  const values = Object.fromEntries(Object.entries(secret.data).map(([key, value]) => [key, value.reveal()]));
  const keys = keyFacts(values, world);
  for (const key of secret.sealed ?? []) keys[key] = UNREAD;
  for (const key of secret.undecodable ?? []) {
    const facts = keys[key];
    if (facts !== undefined) keys[key] = { ...facts, shape: ["not-base64-decoded", ...facts.shape] };
  }
  const annotations = metadata.annotations ?? {};
  return {
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    type: secret.type,
    immutable: secret.immutable,
    createdAt: metadata.creationTimestamp ?? "",
    dataChangedAt: dataChangedAt(metadata),
    dataManagers: dataManagers(metadata),
    keys,
    storeEntries: storeKey === undefined ? undefined : storeEntries(values[storeKey]),
    lastApplied: lastApplied(annotations[LAST_APPLIED]),
    annotations: withoutValues(annotations),
    inFile: secret.inFile === true,
    owner: ownerOf(metadata),
  };
}

export function keyFacts(data: Bytes, world: Pick<World, "fingerprint">): Record<string, KeyFacts> {
  const facts = Object.create(null) as Record<string, KeyFacts>;
  for (const [key, bytes] of Object.entries(data))
    facts[key] = classify(key, bytes, (value) => world.fingerprint(value));
  return facts;
}

/**
 * Upper bound of the last change of `data`: the API contract moves an entry's time when its manager changes any field
 * that it owns.
 */
export function dataChangedAt({ managedFields }: ObjectMetadata): string | undefined {
  const times = (managedFields ?? []).flatMap(({ fieldsV1, time }) =>
    fieldsV1 && "f:data" in fieldsV1 && typeof time === "string" ? [time] : [],
  );
  return times.sort().at(-1);
}

/** Whoever owns keys of `data`: one entry a manager, as the server keeps them. */
function dataManagers({ managedFields }: ObjectMetadata): DataManager[] {
  return (managedFields ?? []).flatMap(({ manager, fieldsV1, time }) => {
    const owned = fieldsV1?.["f:data"];
    if (typeof manager !== "string" || typeof owned !== "object" || owned === null) return [];
    const keys = Object.keys(owned).flatMap((field) => (field.startsWith("f:") ? field.slice(2) : []));
    return keys.length === 0 ? [] : [{ manager, keys, at: time ?? undefined }];
  });
}

/**
 * Names of a secret store's entries: `{"secrets": [{"key": "aws.access_key_id", "value": …}]}` (operator facts, 7.2).
 * Undefined for what the database would not load: one entry without a value spoils the file.
 */
function storeEntries(bytes: Uint8Array | undefined): string[] | undefined {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(bytes ?? []).toString("utf8"));
  } catch {
    return undefined;
  }
  const entries = (content as { secrets?: unknown } | null)?.secrets;
  if (!Array.isArray(entries)) return undefined;
  const names: string[] = [];
  for (const entry of entries as readonly unknown[]) {
    const { key, value } = (entry ?? {}) as { key?: unknown; value?: unknown };
    if (typeof key !== "string" || typeof value !== "string") return undefined;
    names.push(key);
  }
  return names;
}

function lastApplied(annotation: string | undefined): SecretFacts["lastApplied"] {
  if (annotation === undefined) return undefined;
  let applied: { data?: unknown; stringData?: unknown } | null;
  try {
    applied = JSON.parse(annotation) as typeof applied;
  } catch {
    return undefined;
  }
  if (holdsText(applied?.stringData)) return "stringData";
  return holdsText(applied?.data) ? "data" : undefined;
}

function holdsText(values: unknown): boolean {
  return (
    typeof values === "object" &&
    values !== null &&
    Object.values(values).some((value) => typeof value === "string" && value !== "")
  );
}

/** The annotation of `kubectl apply` repeats the values, and goes no further. */
function withoutValues(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED));
}
