import type { EnvFromSource } from "../domain/env/effective.ts";
import type { ConfigMapFacts, EnvFromHashes, GroupName, SecretFacts } from "../domain/facts.ts";
import { GET_CONFIG_MAPS, GET_SECRETS, LIST_SECRETS_EVERYWHERE } from "../domain/grants.ts";
import { known, valueOf, type Known, type Origin, type Unknown } from "../domain/known.ts";
import { contentHash, referenceHash, type HashedSource } from "../domain/operator/envfrom-hash.ts";
import { ownerOf } from "../domain/owner.ts";
import { classify, type KeyFacts } from "../domain/values/classify.ts";
import type { SecretObject } from "../ports.ts";
import { defineCollector, toKnown, type World } from "./collector.ts";
import { parseData, parseMetadata, type ObjectMetadata } from "./objects.ts";
import { CONFIG_MAP, SECRET } from "../domain/resources.ts";

/** One object's facts beside its bytes, which go no further than the hashes. */
interface Read<T> {
  readonly fact: Known<T>;
  readonly data: Readonly<Record<string, Uint8Array>> | undefined;
}

/** Gets the Secrets and ConfigMaps that the cluster and its backups refer to by name; values are judged and hashed here. */
export const referencesCollector = defineCollector({
  gives: "references",
  needs: ["cluster"],
  wants: ["backups"],
  collect: async ({ cluster }, world, wants) => {
    const sources = cluster.groups.flatMap((group) => group.envFrom);
    const backups = (wants.backups && valueOf(wants.backups)) ?? [];
    const secretNames = [
      ...sources.filter((source) => source.kind === "Secret").map((source) => source.name),
      ...backups.flatMap((backup) => backup.credentialsSecret ?? []),
      ...(cluster.secretStore === undefined ? [] : [cluster.secretStore]),
    ];
    const configMapNames = sources.filter((source) => source.kind === "ConfigMap").map((source) => source.name);
    const [secrets, configMaps] = await Promise.all([
      readEach(secretNames, (name) => readSecret(name, world)),
      readEach(configMapNames, (name) => readConfigMap(name, world)),
    ]);

    const hashes: Partial<Record<GroupName, EnvFromHashes>> = {};
    for (const group of cluster.groups)
      hashes[group.name] = hashesOf(group.envFrom, world.namespace, secrets, configMaps);
    const gaps = [...secrets.values(), ...configMaps.values()]
      .map((read) => read.fact)
      .filter((fact): fact is Unknown => fact.state === "unknown");
    const origin: Origin = { via: "kube", ref: "the Secrets and ConfigMaps of the cluster" };
    return known({ secrets: factsOf(secrets), configMaps: factsOf(configMaps), hashes }, origin, gaps);
  },
});

/** Looks for a missing Secret in other namespaces. Optional evidence: without the right to look there is none. */
export const elsewhereCollector = defineCollector({
  gives: "elsewhere",
  needs: ["references"],
  collect: async ({ references }, { reader, namespace }) => {
    const missing = Object.entries(references.secrets).filter(([, fact]) => fact.state === "absent");
    const found = await Promise.all(
      missing.map(async ([name]) => {
        const places = await toKnown(`Secrets named ${name}`, LIST_SECRETS_EVERYWHERE, async () => {
          const list = await reader.list(SECRET, undefined, {
            fieldSelector: `metadata.name=${name}`,
            metadataOnly: true,
          });
          return known(
            list.map((object) => parseMetadata(object["metadata"]).namespace ?? ""),
            { via: "kube", ref: name },
          );
        });
        return [name, (valueOf(places) ?? []).filter((place) => place !== "" && place !== namespace)] as const;
      }),
    );
    return known(Object.fromEntries(found), { via: "kube", ref: "Secrets in other namespaces" });
  },
});

async function readEach<T>(
  names: readonly string[],
  read: (name: string) => Promise<Read<T>>,
): Promise<Map<string, Read<T>>> {
  const entries = await Promise.all([...new Set(names)].map(async (name) => [name, await read(name)] as const));
  return new Map(entries);
}

function factsOf<T>(reads: ReadonlyMap<string, Read<T>>): Record<string, Known<T>> {
  return Object.fromEntries([...reads].map(([name, read]) => [name, read.fact]));
}

async function readSecret(name: string, world: World): Promise<Read<SecretFacts>> {
  let data: Record<string, Uint8Array> | undefined;
  const fact = await toKnown(`Secret ${name}`, GET_SECRETS, async () => {
    const secret = await world.reader.getSecret(world.namespace, name);
    data = Object.fromEntries(Object.entries(secret.data).map(([key, value]) => [key, value.reveal()]));
    return known(secretFacts(secret, data, world), { via: "kube", ref: `Secret ${name}` });
  });
  return { fact, data };
}

function secretFacts(secret: SecretObject, data: Readonly<Record<string, Uint8Array>>, world: World): SecretFacts {
  const metadata = parseMetadata(secret.metadata);
  return {
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    type: secret.type,
    immutable: secret.immutable,
    createdAt: metadata.creationTimestamp ?? "",
    dataChangedAt: dataChangedAt(metadata),
    keys: keyFacts(data, world),
    owner: ownerOf(metadata),
  };
}

/**
 * Upper bound of the last change of `data`: the API contract moves an entry's time when its manager changes any field
 * that it owns.
 */
function dataChangedAt({ managedFields }: ObjectMetadata): string | undefined {
  const times = (managedFields ?? []).flatMap(({ fieldsV1, time }) =>
    fieldsV1 && "f:data" in fieldsV1 && typeof time === "string" ? [time] : [],
  );
  return times.sort().at(-1);
}

async function readConfigMap(name: string, world: World): Promise<Read<ConfigMapFacts>> {
  let data: Record<string, Uint8Array> | undefined;
  const fact = await toKnown(`ConfigMap ${name}`, GET_CONFIG_MAPS, async () => {
    const object = await world.reader.get(CONFIG_MAP, world.namespace, name);
    const entries = Object.entries(parseData(object));
    data = Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, "utf8")]));
    const metadata = parseMetadata(object["metadata"]);
    const createdAt = metadata.creationTimestamp ?? "";
    const facts = { createdAt, dataChangedAt: dataChangedAt(metadata), keys: keyFacts(data, world) };
    return known(facts, { via: "kube", ref: `ConfigMap ${name}` });
  });
  return { fact, data };
}

function keyFacts(data: Readonly<Record<string, Uint8Array>>, world: World): Record<string, KeyFacts> {
  const facts = Object.create(null) as Record<string, KeyFacts>;
  for (const [key, bytes] of Object.entries(data))
    facts[key] = classify(key, bytes, (value) => world.fingerprint(value));
  return facts;
}

function hashesOf(
  envFrom: readonly EnvFromSource[],
  namespace: string,
  secrets: ReadonlyMap<string, Read<unknown>>,
  configMaps: ReadonlyMap<string, Read<unknown>>,
): EnvFromHashes {
  const reads = envFrom.map((source) => (source.kind === "Secret" ? secrets : configMaps).get(source.name));
  const sources: HashedSource[] = envFrom.map(({ kind, name }, i) => ({ kind, name, data: reads[i]?.data }));
  const unread = reads.map((read) => read?.fact.state === "unknown");
  const unreadConfigMap = envFrom.some(({ kind }, i) => kind === "ConfigMap" && unread[i]);
  return {
    content: unread.includes(true) ? undefined : contentHash(sources),
    reference: unreadConfigMap ? undefined : referenceHash(namespace, sources),
  };
}
