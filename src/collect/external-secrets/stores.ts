import type {
  ExternalSecretFacts,
  MissingStore,
  SecretStoreFacts,
  StoreKind,
} from "../../domain/external-secrets-facts.ts";
import { GET_CLUSTER_SECRET_STORES, LIST_SECRET_STORES } from "../../domain/external-secrets-grants.ts";
import { GET_NAMESPACE } from "../../domain/grants.ts";
import { known, valueOf, type Known, type Origin, type Unknown } from "../../domain/known.ts";
import { distinctBy } from "../../domain/distinct.ts";
import { CLUSTER_SECRET_STORE, NAMESPACE, SECRET_STORE, type ResourceType } from "../../domain/resources.ts";
import { defineCollector, toKnown, type World } from "../collector.ts";
import { parseMetadata } from "../objects/schemas.ts";
import { parseSecretStore } from "../objects/secret-store.ts";
import { inServedVersion } from "./api.ts";
import { noneInFiles } from "./external-secrets.ts";

const ORIGIN: Origin = { via: "kube", ref: "the stores of the ExternalSecrets" };

/** The stores that the cluster's ExternalSecrets name; of a missing one it is told where else a store of that name is. */
export const secretStoresCollector = defineCollector({
  gives: "secretStores",
  needs: ["externalSecrets"],
  wants: ["externalSecretsApi"],
  collect: async ({ externalSecrets }, world, { externalSecretsApi }) => {
    const api = externalSecretsApi && valueOf(externalSecretsApi);
    const of = (kind: StoreKind): string[] => namesOf(externalSecrets, kind);
    const read = new Stores(world, (type) => inServedVersion(type, api));
    const [own, wide] = [of("SecretStore"), of("ClusterSecretStore")];
    const [listed, ...got] = await Promise.all([
      own.length === 0 ? known([], ORIGIN) : read.list(),
      ...wide.map((name) => read.get(name)),
    ]);
    const there = valueOf(listed) ?? [];
    const lost = listed.state === "unknown" ? [] : own.filter((name) => !there.some((store) => store.name === name));
    const gone = wide.filter((_, i) => got[i]?.state === "absent");
    const stores = [...there.filter(({ name }) => own.includes(name)), ...got.flatMap((one) => valueOf(one) ?? [])];
    const missing = await Promise.all([
      ...lost.map((name) => read.insteadOf("SecretStore", name, there)),
      ...gone.map((name) => read.insteadOf("ClusterSecretStore", name, there)),
    ]);
    const gaps = [listed, ...got].filter((fact): fact is Unknown => fact.state === "unknown");
    return known({ stores, missing, namespaceLabels: await labelsFor(stores, world) }, ORIGIN, gaps);
  },
});

function namesOf(externalSecrets: readonly ExternalSecretFacts[], kind: StoreKind): string[] {
  const refs = externalSecrets.flatMap(({ stores }) => stores).filter((ref) => ref.kind === kind);
  return distinctBy(refs, ({ name }) => name).map(({ name }) => name);
}

class Stores {
  readonly #world: World;
  readonly #served: (type: ResourceType) => ResourceType;

  constructor(world: World, served: (type: ResourceType) => ResourceType) {
    this.#world = world;
    this.#served = served;
  }

  list(): Promise<Known<SecretStoreFacts[]>> {
    const { reader, namespace } = this.#world;
    return toKnown("SecretStores", LIST_SECRET_STORES, async () => {
      const list = await reader.list(this.#served(SECRET_STORE), namespace).catch(noneInFiles);
      return known(
        list.map((object) => parseSecretStore(object, "SecretStore", namespace)),
        ORIGIN,
      );
    });
  }

  get(name: string): Promise<Known<SecretStoreFacts>> {
    const { reader, namespace } = this.#world;
    const ref = `ClusterSecretStore ${name}`;
    return toKnown(ref, GET_CLUSTER_SECRET_STORES, async () => {
      const object = await reader.get(this.#served(CLUSTER_SECRET_STORE), undefined, name);
      return known(parseSecretStore(object, "ClusterSecretStore", namespace), { via: "kube", ref });
    });
  }

  /** The default kind is SecretStore, and most of those who forget it mean a ClusterSecretStore. */
  async insteadOf(kind: StoreKind, name: string, own: readonly SecretStoreFacts[]): Promise<MissingStore> {
    const others = (kind === "SecretStore" ? own : []).map((store) => store.name);
    if (kind === "SecretStore") return { kind, name, others, otherKind: (await this.get(name)).state === "known" };
    const { reader, namespace } = this.#world;
    const list = await toKnown("SecretStores", LIST_SECRET_STORES, async () => {
      const all = await reader.list(this.#served(SECRET_STORE), namespace).catch(noneInFiles);
      return known(
        all.map(({ metadata }) => parseMetadata(metadata).name),
        ORIGIN,
      );
    });
    return { kind, name, others, otherKind: (valueOf(list) ?? []).includes(name) };
  }
}

/** Asked only where a store admits namespaces by their labels. */
async function labelsFor(
  stores: readonly SecretStoreFacts[],
  { reader, namespace }: World,
): Promise<Readonly<Record<string, string>> | undefined> {
  const asks = stores.some(({ conditions }) =>
    conditions.some(({ labels, expressions }) => labels !== undefined && !expressions),
  );
  if (!asks) return undefined;
  const fact = await toKnown(`Namespace ${namespace}`, GET_NAMESPACE, async () => {
    const object = await reader.get(NAMESPACE, undefined, namespace);
    return known(parseMetadata(object["metadata"]).labels ?? {}, { via: "kube", ref: `Namespace ${namespace}` });
  });
  return valueOf(fact);
}
