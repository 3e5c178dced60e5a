import type { ExternalSecretFacts, SecretStoreFacts, StoreSecretFacts } from "../../domain/external-secrets-facts.ts";
import { distinctBy } from "../../domain/distinct.ts";
import { GET_STORE_SECRETS } from "../../domain/external-secrets-grants.ts";
import { known, type Origin } from "../../domain/known.ts";
import { defineCollector, toKnown } from "../collector.ts";
import { secretFacts } from "../secret-facts.ts";
import { isAiling } from "./events.ts";

const ORIGIN: Origin = { via: "kube", ref: "the Secrets that the stores authenticate with" };

/** Read only where the store does not work, or an ExternalSecret that uses it does not. */
export const storeSecretsCollector = defineCollector({
  gives: "storeSecrets",
  needs: ["externalSecrets", "secretStores"],
  collect: async ({ externalSecrets, secretStores }, world) => {
    const refs = ailingStores(externalSecrets, secretStores.stores).flatMap(({ secrets }) => secrets);
    const wanted = distinctBy(refs, ({ namespace, name }) => `${namespace}/${name}`);
    const read = await Promise.all(
      wanted.map(async ({ namespace, name }): Promise<StoreSecretFacts> => {
        const secret = await toKnown(`Secret ${name}`, GET_STORE_SECRETS, async () =>
          known(secretFacts(await world.reader.getSecret(namespace, name), world, undefined), {
            via: "kube",
            ref: `Secret ${name}`,
          }),
        );
        return { namespace, name, secret };
      }),
    );
    return known(read, ORIGIN);
  },
});

/** Stores that say so themselves, and those of ExternalSecrets that cannot sync. */
export function ailingStores(
  externalSecrets: readonly ExternalSecretFacts[],
  stores: readonly SecretStoreFacts[],
): SecretStoreFacts[] {
  const named = externalSecrets.filter(isAiling).flatMap((one) => one.stores);
  return stores.filter(
    (store) => isAiling(store) || named.some(({ kind, name }) => kind === store.kind && name === store.name),
  );
}
