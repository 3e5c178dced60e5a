import { parseRoleArn } from "../../domain/aws-arn.ts";
import type { SecretStoreFacts, StoreAccountRef, StoreIdentityFacts } from "../../domain/external-secrets-facts.ts";
import { GET_STORE_ACCOUNTS } from "../../domain/external-secrets-grants.ts";
import { absent, known, valueOf, type Known, type Origin } from "../../domain/known.ts";
import { SERVICE_ACCOUNT } from "../../domain/resources.ts";
import { readRole } from "../aws/role.ts";
import { defineCollector, toKnown, type World } from "../collector.ts";
import { readIssuer } from "../issuer.ts";
import { parseMetadata } from "../objects/schemas.ts";
import { ailingStores } from "./store-secrets.ts";

const ORIGIN: Origin = { via: "kube", ref: "the ServiceAccounts of the stores" };
const ROLE_ARN = "eks.amazonaws.com/role-arn";
const AUDIENCE = "eks.amazonaws.com/audience";

/**
 * External Secrets takes a token of the ServiceAccount to STS itself (providers/v1/aws/auth/auth.go,
 * credsFromServiceAccount). Followed only where a store of AWS does not work.
 */
export const storeIdentitiesCollector = defineCollector({
  gives: "storeIdentities",
  needs: ["externalSecrets", "secretStores"],
  collect: async ({ externalSecrets, secretStores }, world) => {
    const all = await Promise.all(
      ailingStores(externalSecrets, secretStores.stores).flatMap((store) =>
        store.provider === "aws" && store.account !== undefined ? [identityOf(store, store.account, world)] : [],
      ),
    );
    return known(
      all.flatMap((fact) => valueOf(fact) ?? []),
      ORIGIN,
    );
  },
});

/** Unknown where the ServiceAccount could not be read; one that is not there is known not to be. */
async function identityOf(
  { kind, name: store }: SecretStoreFacts,
  { namespace, name }: StoreAccountRef,
  world: World,
): Promise<Known<StoreIdentityFacts>> {
  const origin: Origin = { via: "kube", ref: `ServiceAccount ${name}` };
  const account = await toKnown(origin.ref, GET_STORE_ACCOUNTS, async () =>
    known(parseMetadata((await world.reader.get(SERVICE_ACCOUNT, namespace, name))["metadata"]), origin),
  );
  if (account.state === "unknown") return account;
  const annotations = valueOf(account)?.annotations ?? {};
  const roleArn = annotations[ROLE_ARN];
  const arn = parseRoleArn(roleArn ?? "");
  const none = { role: absent(origin), issuer: absent(origin) };
  const asked = arn === undefined ? none : { role: await readRole(world, arn), issuer: await readIssuer(world) };
  const audience = annotations[AUDIENCE] ?? "sts.amazonaws.com";
  const there = account.state === "known";
  return known({ store: { kind, name: store }, namespace, name, there, roleArn, audience, ...asked }, origin);
}
