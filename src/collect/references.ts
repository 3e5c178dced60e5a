import type { EnvFromSource } from "../domain/env/effective.ts";
import type { GroupName } from "../domain/facts.ts";
import type { ConfigMapFacts, SecretFacts } from "../domain/secret-facts.ts";
import type { EnvFromHashes } from "../domain/workload-facts.ts";
import { GET_CONFIG_MAPS, GET_SECRETS, LIST_SECRETS_EVERYWHERE } from "../domain/grants.ts";
import { known, valueOf, type Known, type Origin, type Unknown } from "../domain/known.ts";
import { contentHash, referenceHash, type HashedSource } from "../domain/operator/envfrom-hash.ts";
import { defineCollector, toKnown, type World } from "./collector.ts";
import { parseData, parseMetadata } from "./objects/schemas.ts";
import { dataChangedAt, keyFacts, secretFacts } from "./secret-facts.ts";
import { CONFIG_MAP, SECRET } from "../domain/resources.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { keepValues } from "./kept-values.ts";

/** One object's facts beside its bytes, which go no further than the hashes. */
interface Read<T> {
  readonly fact: Known<T>;
  /** Undefined also where only the names of the keys are known. */
  readonly data: Readonly<Record<string, Uint8Array>> | undefined;
}

/** Gets the Secrets and ConfigMaps that the cluster and its backups refer to by name; values are judged and hashed here. */
export const referencesCollector = defineCollector({
  gives: "references",
  needs: ["cluster"],
  wants: ["backups"],
  collect: async ({ cluster }, world, wants) => {
    const sources = cluster.groups.flatMap((group) => group.envFrom);
    const backups = ((wants.backups && valueOf(wants.backups)) ?? []).filter(
      (backup) => backup.namespace === world.namespace,
    );
    const secretNames = [
      ...sources.filter((source) => source.kind === "Secret").map((source) => source.name),
      ...backups.flatMap((backup) => backup.credentialsSecret ?? []),
      ...(cluster.secretStore === undefined ? [] : [cluster.secretStore]),
    ];
    const configMapNames = sources.filter((source) => source.kind === "ConfigMap").map((source) => source.name);
    const storeKey = (name: string): string | undefined =>
      name === cluster.secretStore ? cluster.secretStoreKey : undefined;
    const [secrets, configMaps] = await Promise.all([
      readEach(secretNames, (name) => readSecret(name, world, storeKey(name))),
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
    const missing = Object.entries(references.secrets).filter(
      ([, fact]) => fact.state === "absent" || (fact.state === "unknown" && fact.why === "not-given"),
    );
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

async function readSecret(name: string, world: World, storeKey: string | undefined): Promise<Read<SecretFacts>> {
  let data: Record<string, Uint8Array> | undefined;
  const fact = await toKnown(`Secret ${name}`, GET_SECRETS, async () => {
    const secret = await world.reader.getSecret(world.namespace, name);
    if ((secret.sealed ?? []).length === 0)
      data = Object.fromEntries(Object.entries(secret.data).map(([key, value]) => [key, value.reveal()]));
    const facts = secretFacts(secret, world, storeKey);
    keepValues(facts, secret.data);
    return known(facts, { via: "kube", ref: `Secret ${name}` });
  });
  return { fact, data };
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
    keepValues(facts, Object.fromEntries(entries.map(([key, value]) => [key, new Sensitive(value)])));
    return known(facts, { via: "kube", ref: `ConfigMap ${name}` });
  });
  return { fact, data };
}

function hashesOf(
  envFrom: readonly EnvFromSource[],
  namespace: string,
  secrets: ReadonlyMap<string, Read<unknown>>,
  configMaps: ReadonlyMap<string, Read<unknown>>,
): EnvFromHashes {
  const reads = envFrom.map((source) => (source.kind === "Secret" ? secrets : configMaps).get(source.name));
  const sources: HashedSource[] = envFrom.map(({ kind, name }, i) => ({ kind, name, data: reads[i]?.data }));
  // What is sealed is known by its names alone.
  const unread = reads.map(
    (read) => read?.fact.state === "unknown" || (read?.fact.state === "known" && read.data === undefined),
  );
  const unreadConfigMap = envFrom.some(({ kind }, i) => kind === "ConfigMap" && unread[i]);
  return {
    content: unread.includes(true) ? undefined : contentHash(sources),
    reference: unreadConfigMap ? undefined : referenceHash(namespace, sources),
  };
}
