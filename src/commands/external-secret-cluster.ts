import { readExternalSecretsApi } from "../collect/external-secrets/api.ts";
import { toKnown } from "../collect/collector.ts";
import { parseExternalSecret } from "../collect/objects/external-secret.ts";
import { parseMetadata } from "../collect/objects/schemas.ts";
import { parseSecretStore } from "../collect/objects/secret-store.ts";
import { UserError } from "../domain/errors.ts";
import type { SecretStoreFacts, StoreKind, SyncCondition } from "../domain/external-secrets-facts.ts";
import type { Owner } from "../domain/owner.ts";
import {
  GET_CLUSTER_SECRET_STORES,
  GET_STORE_ACCOUNTS,
  LIST_EXTERNAL_SECRETS,
  LIST_SECRET_STORES,
} from "../domain/external-secrets-grants.ts";
import { GET_SECRETS } from "../domain/grants.ts";
import { known, valueOf, type Known } from "../domain/known.ts";
import { ownerOf } from "../domain/owner.ts";
import {
  CLUSTER_SECRET_STORE,
  EXTERNAL_SECRET,
  SECRET_STORE,
  SERVICE_ACCOUNT,
  type ResourceType,
} from "../domain/resources.ts";
import { nearest, printable } from "../domain/text.ts";
import type { Spec } from "../plans/external-secret-objects.ts";
import type { ExistingObject } from "../plans/init-external-secret.ts";
import type { Kube, KubeObject } from "../ports.ts";
import { orThrow } from "./or-throw.ts";

/** A custom object that is there: what a plan needs of it, and who else looks after it. */
export interface FoundObject {
  readonly existing: ExistingObject;
  readonly owner: Owner | undefined;
  /** Its condition says that it does not work. */
  readonly failing: boolean;
}

/**
 * The version of ExternalSecrets to write in: v1, or v1beta1 where an old installation serves nothing newer.
 * @throws UserError, exit 3, where it is not installed (unless files are all that is wanted)
 */
export async function servedVersion(
  kube: Kube,
  { filesOnly, printedBy }: { readonly filesOnly: boolean; readonly printedBy: string },
): Promise<{ readonly version: string; readonly note: string | undefined }> {
  const api = await readExternalSecretsApi(kube);
  const versions = api.state === "absent" ? [] : orThrow(api, printedBy).versions;
  if (versions.includes("v1")) return { version: "v1", note: undefined };
  if (versions.includes("v1beta1")) {
    const note = "this cluster serves external-secrets.io/v1beta1 and not v1: External Secrets is older than 0.16";
    return { version: "v1beta1", note: `${note}, and an upgrade beyond 0.16 takes these manifests in v1` };
  }
  const missing =
    "External Secrets is not installed on this cluster: the API server does not serve external-secrets.io";
  if (filesOnly) return { version: "v1", note: `${missing}; the manifests are for its version v1` };
  throw new UserError("eso-not-installed", `${missing}; nothing was changed`, {
    exit: 3,
    hint: `helm repo add external-secrets https://charts.external-secrets.io && helm install external-secrets external-secrets/external-secrets -n external-secrets --create-namespace
or write the manifests for when it is there: --write-to DIR`,
  });
}

/**
 * The ExternalSecret of this name, if there is one.
 * @throws UserError where it writes another Secret, or another one writes this Secret
 */
export async function readExternalSecret(
  kube: Kube,
  version: string,
  secret: string,
  printedBy: string,
): Promise<FoundObject | undefined> {
  const { namespace } = kube;
  const list = await toKnown("ExternalSecrets", LIST_EXTERNAL_SECRETS, async () => {
    const objects = await kube.list({ ...EXTERNAL_SECRET, version }, namespace);
    return known(
      objects.map((object) => ({ object, facts: parseExternalSecret(object) })),
      { via: "kube", ref: "ExternalSecrets" },
    );
  });
  const all = orThrow(list, printedBy);
  const writers = all.flatMap(({ facts }) =>
    facts?.target === secret && facts.creationPolicy !== "None" ? facts : [],
  );
  const rival = writers.find(({ name }) => name !== secret);
  if (rival !== undefined) {
    throw new UserError(
      "owned",
      `ExternalSecret ${namespace}/${printable(rival.name)} writes Secret ${secret} already`,
      {
        hint: "change that one, or use --secret-name NEW for another Secret",
      },
    );
  }
  const own = all.find(({ object }) => parseMetadata(object["metadata"]).name === secret);
  if (own === undefined) return undefined;
  if (own.facts?.target !== secret) {
    const writes = own.facts === undefined ? "no Secret" : `Secret ${printable(own.facts.target)}`;
    throw new UserError("owned", `ExternalSecret ${namespace}/${secret} is there already, and writes ${writes}`, {
      hint: "use --secret-name NEW for another Secret",
    });
  }
  if (own.facts.deleting) {
    throw new UserError("deleting", `ExternalSecret ${namespace}/${secret} is being deleted`, {
      hint: "run the command again when it is gone",
    });
  }
  return found(own.object, own.facts.ready);
}

/**
 * External Secrets takes a Secret over that is there: it empties it of what the store does not hold, and Kubernetes
 * deletes it with the ExternalSecret, so that nothing could be taken back.
 * @throws UserError for a Secret that no ExternalSecret of this name wrote
 */
export async function assertSecretIsFree(
  kube: Kube,
  secret: string,
  { own, printedBy }: { readonly own: boolean; readonly printedBy: string },
): Promise<void> {
  const { namespace } = kube;
  const ref = `Secret ${secret}`;
  const fact = await toKnown(ref, GET_SECRETS, async () =>
    known(parseMetadata((await kube.getSecret(namespace, secret)).metadata), { via: "kube", ref }),
  );
  if (fact.state === "absent") return;
  const { ownerReferences, labels } = orThrow(fact, printedBy);
  const writer = ownerReferences?.find(({ kind }) => kind === "ExternalSecret")?.name;
  if (writer === secret) return;
  if (writer === undefined && own && labels?.["reconcile.external-secrets.io/managed"] === "true") return;
  const who = writer === undefined ? "no ExternalSecret wrote it" : `ExternalSecret ${printable(writer)} wrote it`;
  throw new UserError(
    "secret-there",
    `Secret ${namespace}/${secret} is there already, and ${who}: External Secrets would take it over and remove what the store does not hold`,
    {
      hint: "use --secret-name NEW: the node groups then read both, the new one wins, and the old values stay until you remove them",
    },
  );
}

/** A SecretStore of this name, if there is one. @throws UserError where it could not be read */
export async function readStore(
  kube: Kube,
  version: string,
  { kind, name }: { readonly kind: StoreKind; readonly name: string },
): Promise<Known<FoundObject & { readonly facts: SecretStoreFacts }>> {
  const { namespace } = kube;
  const wide = kind === "ClusterSecretStore";
  const type: ResourceType = { ...(wide ? CLUSTER_SECRET_STORE : SECRET_STORE), version };
  const ref = `${kind} ${name}`;
  return toKnown(ref, wide ? GET_CLUSTER_SECRET_STORES : { ...LIST_SECRET_STORES, verb: "get" }, async () => {
    const object = await kube.get(type, wide ? undefined : namespace, name);
    const facts = parseSecretStore(object, kind, namespace);
    return known({ ...found(object, facts.ready), facts }, { via: "kube", ref });
  });
}

/** @throws UserError for a store that is not there, with the name that was most likely meant */
export async function noStore(kube: Kube, version: string, kind: StoreKind, name: string): Promise<UserError> {
  const { namespace } = kube;
  const wide = kind === "ClusterSecretStore";
  const type: ResourceType = { ...(wide ? CLUSTER_SECRET_STORE : SECRET_STORE), version };
  const list = await toKnown(`${kind}s`, undefined, async () =>
    known(
      (await kube.list(type, wide ? undefined : namespace)).map((object) =>
        printable(parseMetadata(object["metadata"]).name),
      ),
      { via: "kube", ref: kind },
    ),
  );
  const names = valueOf(list) ?? [];
  const near = nearest(name, names);
  const flag = wide ? "--cluster-store" : "--store";
  const hint =
    near !== undefined
      ? `did you mean ${flag} ${near}?`
      : names.length > 0
        ? `there are: ${names.join(", ")}`
        : `kubectl get secretstores,clustersecretstores -A lists all`;
  const place = wide ? "" : ` in namespace ${namespace}`;
  return new UserError("no-store", `there is no ${kind} ${printable(name)}${place}`, { hint });
}

/** Annotations of the ServiceAccount that a store reads with. */
export function readStoreAccount(kube: Kube, name: string): Promise<Known<Readonly<Record<string, string>>>> {
  const ref = `ServiceAccount ${name}`;
  return toKnown(ref, GET_STORE_ACCOUNTS, async () => {
    const { annotations } = parseMetadata((await kube.get(SERVICE_ACCOUNT, kube.namespace, name))["metadata"]);
    return known(annotations ?? {}, { via: "kube", ref });
  });
}

function found(object: KubeObject, ready: SyncCondition | undefined): FoundObject {
  const meta = parseMetadata(object["metadata"]);
  return {
    existing: {
      uid: meta.uid ?? "",
      generation: meta.generation ?? 0,
      own: meta.labels?.["app.kubernetes.io/managed-by"] === "antfly-creds",
      spec: (object["spec"] ?? {}) as Spec,
    },
    owner: ownerOf(meta),
    failing: ready?.status === "False",
  };
}
