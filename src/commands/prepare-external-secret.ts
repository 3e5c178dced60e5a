import { stringify } from "yaml";

import { parseCluster } from "../collect/objects/cluster.ts";
import { parseDuration } from "../domain/duration.ts";
import type { EnvFromSource } from "../domain/env/effective.ts";
import { isOverridden, isPlain } from "../domain/env/winners.ts";
import { ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN } from "../domain/env/static-keys.ts";
import { UserError } from "../domain/errors.ts";
import type { ClusterFacts, ReferenceFacts } from "../domain/facts.ts";
import type { Owner } from "../domain/owner.ts";
import { gkeNameIn } from "../domain/gcp/gke-name.ts";
import { valueOf } from "../domain/known.ts";
import type { Plan } from "../domain/plan.ts";
import { ANTFLY_CLUSTER } from "../domain/resources.ts";
import { shell } from "../domain/shell.ts";
import { distinctBy } from "../domain/distinct.ts";
import { printable } from "../domain/text.ts";
import type { SecretStoreFacts } from "../domain/external-secrets-facts.ts";
import { KEYS, storeSpec, type EntryPlace } from "../plans/external-secret-objects.ts";
import {
  planInitExternalSecret,
  type ExistingObject,
  type InitExternalSecretInput,
} from "../plans/init-external-secret.ts";
import type { SecretReader } from "../plans/secret-reader.ts";
import type { App, Kube } from "../ports.ts";
import { asUserError } from "./carry-out.ts";
import {
  assertSecretIsFree,
  noStore,
  readExternalSecret,
  readStore,
  readStoreAccount,
  servedVersion,
} from "./external-secret-cluster.ts";
import {
  bucketAddress,
  wantedEntry,
  wantedSource,
  type ExternalSecretOptions,
  type WantedSource,
} from "./external-secret-options.ts";
import { notesBefore, type PreparedExternalSecret } from "./external-secret-words.ts";
import { assertNotManaged } from "./identity-cluster.ts";
import type { LiveLook } from "./look.ts";
import { orThrow } from "./or-throw.ts";
import { keysIn, targetSecret } from "./target-secret.ts";

interface Given {
  readonly kube: Kube;
  readonly options: ExternalSecretOptions;
  readonly app: App;
  readonly printedBy: string;
  readonly waitMs: number;
}

/** Reads what it is planned from, refuses what could not work, and plans. */
export async function prepareExternalSecret(
  { collection, target }: LiveLook,
  { kube, options, app, printedBy, waitMs }: Given,
): Promise<PreparedExternalSecret> {
  const clusterProject = (gkeNameIn(kube.clusterEntry) ?? gkeNameIn(kube.context))?.project;
  const source = wantedSource(options, clusterProject);
  const refreshMs =
    options.refresh === undefined ? undefined : parseDuration(options.refresh, "--refresh", { positive: true });
  const filesOnly = options.writeTo !== undefined;
  orThrow(await collection.get("clusters"), printedBy);
  const { namespace, name } = orThrow(await collection.get("cluster"), printedBy);
  const { version, note } = await servedVersion(kube, { filesOnly, printedBy });
  const installed = !filesOnly || note === undefined || version !== "v1";
  // Read once more, and planned from this one read alone: two reads could be of two states.
  const object = await kube
    .get(ANTFLY_CLUSTER, namespace, name)
    .catch((error: unknown) => Promise.reject(asUserError(error, printedBy)));
  const cluster = parseCluster(object);
  const references = orThrow(await collection.get("references"), printedBy);
  const secret = targetSecret(cluster, references, { named: options.secretName, printedBy });
  const own = installed ? await readExternalSecret(kube, version, secret, printedBy) : undefined;
  await assertSecretIsFree(kube, secret, { own: own !== undefined, printedBy });
  const store = await storeFor(source, secret, { kube, version, installed, printedBy });
  const place = source.made?.manager ?? (store.facts === undefined ? undefined : placeOf(store.facts));
  const account = source.made?.serviceAccount;
  const annotations = account === undefined ? undefined : await readStoreAccount(kube, account);
  if (annotations?.state === "absent" && !filesOnly) {
    throw new UserError("no-account", `there is no ServiceAccount ${account} in namespace ${namespace}`, {
      hint: `${shell`kubectl get serviceaccounts -n ${namespace} ${kube.flags}`} lists them; without --store-service-account External Secrets reads with its own identity`,
    });
  }
  const marks = annotations === undefined ? undefined : valueOf(annotations);
  const input: InitExternalSecretInput = {
    target,
    version,
    cluster,
    nodes: (object["spec"] ?? {}) as Record<string, unknown>,
    secret,
    overridden: cluster.groups
      .filter((group) => isOverridden(secret, KEYS, group.envFrom, keysIn(references)))
      .map((group) => group.name),
    store: store.choice,
    externalSecret: own?.existing,
    entry: wantedEntry(options, place, cluster),
    address: await bucketAddress(options, app),
    refreshMs,
    failedBefore: own?.failing === true || store.failing,
    waitMs,
  };
  const plan = planInitExternalSecret(input, (value) => stringify(value));
  assertNotManaged(ownersOf(plan, input, { own: own?.owner, store: store.owner }), options);
  const reader: SecretReader = {
    cluster,
    serviceAccount: account,
    role: marks?.["eks.amazonaws.com/role-arn"],
    googleAccount: marks?.["iam.gke.io/gcp-service-account"],
    clusterProject,
  };
  const operator = await collection.get("operator");
  const others = otherSources(cluster, secret, references);
  const spoils = others.find(({ keys }) => keys.has(SESSION_TOKEN));
  if (spoils !== undefined && !filesOnly) throw spoiled(spoils.source, cluster, kube.flags);
  return {
    plan,
    input,
    reader,
    place,
    generation: operator.state === "known" ? operator.value.generation : undefined,
    notes: notesBefore(input, {
      place,
      reader,
      version: note,
      account: annotations,
      flags: kube.flags,
      before: others.map(({ source: { kind: what, name: called } }) => `${what} ${called}`),
    }),
  };
}

interface ChosenStore {
  readonly choice: InitExternalSecretInput["store"];
  readonly owner: Owner | undefined;
  readonly facts: SecretStoreFacts | undefined;
  readonly failing: boolean;
}

/** @throws UserError for a named store that is not there, and for one of the new store's name that is of another provider */
async function storeFor(
  source: WantedSource,
  secret: string,
  { kube, version, installed, printedBy }: { kube: Kube; version: string; installed: boolean; printedBy: string },
): Promise<ChosenStore> {
  const { kind, name } = source.made === undefined ? source : ({ kind: "SecretStore", name: secret } as const);
  const choice = (existing: ExistingObject | undefined): ChosenStore["choice"] => ({
    kind,
    name,
    made: source.made,
    existing,
  });
  if (!installed) return { choice: choice(undefined), owner: undefined, facts: undefined, failing: false };
  const fact = await readStore(kube, version, { kind, name });
  if (source.made === undefined) {
    if (fact.state === "absent") throw await noStore(kube, version, kind, name);
    // Whoever sets a cluster up may not read what belongs to all of them.
    const facts = kind === "ClusterSecretStore" ? valueOf(fact)?.facts : orThrow(fact, printedBy).facts;
    return { choice: choice(undefined), owner: undefined, facts, failing: false };
  }
  if (fact.state === "absent") return { choice: choice(undefined), owner: undefined, facts: undefined, failing: false };
  const { existing, owner, facts, failing } = orThrow(fact, printedBy);
  const [provider] = Object.keys((storeSpec(source.made) as { provider: object }).provider);
  if (facts.provider !== provider) {
    throw new UserError(
      "other-store",
      `SecretStore ${kube.namespace}/${name} is there already, for ${facts.provider}`,
      {
        hint: `--store ${name} uses it as it is; --secret-name NEW makes another one`,
      },
    );
  }
  return { choice: choice(existing), owner, facts, failing };
}

function placeOf({ provider, service, region, project, mount }: SecretStoreFacts): EntryPlace | undefined {
  if (provider === "aws" && service === "SecretsManager" && region !== undefined)
    return { kind: "aws-secrets-manager", region };
  if (provider === "gcpsm" && project !== undefined) return { kind: "gcp-secret-manager", project };
  return provider === "vault" && mount !== undefined ? { kind: "vault", path: mount } : undefined;
}

/** Who would put back what the plan changes. */
function ownersOf(
  { steps }: Plan,
  { cluster, store, secret }: InitExternalSecretInput,
  owners: Readonly<Record<"own" | "store", Owner | undefined>>,
): (readonly [string, Owner | undefined])[] {
  const { namespace, name } = cluster;
  const changes = new Set(steps.map(({ id }) => id));
  return [
    ...(changes.has("references") ? [[`AntflyCluster ${namespace}/${name}`, cluster.owner] as const] : []),
    ...(changes.has("external-secret") ? [[`ExternalSecret ${namespace}/${secret}`, owners.own] as const] : []),
    ...(changes.has("store") ? [[`SecretStore ${namespace}/${store.name}`, owners.store] as const] : []),
  ];
}

interface OtherSource {
  readonly source: EnvFromSource;
  /** Names that it gives the pods. */
  readonly keys: ReadonlySet<string>;
}

/** Sources of the node groups that set a part of a credential beside the new Secret. */
function otherSources({ groups }: ClusterFacts, secret: string, references: ReferenceFacts): OtherSource[] {
  const keysOf = keysIn(references);
  const all = groups.flatMap(({ envFrom }) => envFrom).filter((source) => !isPlain(source, secret));
  const found = all.map((source) => ({
    source,
    keys: new Set((keysOf(source) ?? []).map((key) => source.prefix + key)),
  }));
  const holds = found.filter(({ keys }) =>
    [ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN].some((key) => keys.has(key)),
  );
  return distinctBy(holds, ({ source }) => `${source.kind} ${source.name}`);
}

/** A token of another key reaches the pods beside the new one, whichever source comes last. */
function spoiled({ kind, name }: EnvFromSource, { namespace }: ClusterFacts, flags: readonly string[]): UserError {
  const patch = '{"data":{"AWS_SESSION_TOKEN":null}}';
  return new UserError(
    "session-token",
    `${kind} ${printable(name)} sets ${SESSION_TOKEN}, which would reach the pods beside the new key and spoil it; nothing was changed`,
    {
      hint: shell`take it out first: kubectl patch ${kind.toLowerCase()} ${name} -n ${namespace} --type merge -p ${patch} ${flags}`,
    },
  );
}
