import { parseCluster } from "../collect/objects/cluster.ts";
import { parseMetadata, parsePullSecrets } from "../collect/objects/schemas.ts";
import { toKnown } from "../collect/collector.ts";
import { UserError } from "../domain/errors.ts";
import { GET_SERVICE_ACCOUNT } from "../domain/grants.ts";
import { known } from "../domain/known.ts";
import type { ClusterFacts } from "../domain/facts.ts";
import type { Owner } from "../domain/owner.ts";
import { isObjectName } from "../domain/names.ts";
import { ownerOf } from "../domain/owner.ts";
import type { Generation } from "../domain/operator/generation.ts";
import { ANTFLY_CLUSTER, SERVICE_ACCOUNT } from "../domain/resources.ts";
import { printable } from "../domain/text.ts";
import type { AccountInput } from "../plans/identity-input.ts";
import type { Kube } from "../ports.ts";
import { asUserError } from "./carry-out.ts";
import type { IdentityOptions } from "./identity-options.ts";
import type { LiveLook } from "./look.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";

/** The parts of the cluster that an identity is planned from. */
export interface IdentityCluster {
  readonly cluster: ClusterFacts;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly account: AccountInput;
  readonly owners: readonly (readonly [what: string, owner: Owner | undefined])[];
  readonly generation: Generation | undefined;
}

/** @throws UserError when the cluster could not be read, or no ServiceAccount can have the name */
export async function readIdentityCluster(
  { collection }: LiveLook,
  kube: Kube,
  options: IdentityOptions,
): Promise<IdentityCluster> {
  const printedBy = permissionsIn(kube);
  orThrow(await collection.get("clusters"), printedBy);
  const { namespace, name } = orThrow(await collection.get("cluster"), printedBy);
  // Read once more, and planned from this one read alone: two reads could be of two states.
  const object = await kube
    .get(ANTFLY_CLUSTER, namespace, name)
    .catch((error: unknown) => Promise.reject(asUserError(error, printedBy)));
  const cluster = parseCluster(object);
  const accountName = serviceAccountOf(cluster, options.serviceAccount);
  const account = await find(kube, namespace, accountName, printedBy);
  const current = cluster.serviceAccount ?? "default";
  const { pullSecrets = [] } = account ?? (await find(kube, namespace, current, printedBy)) ?? {};
  const operator = await collection.get("operator");
  return {
    cluster,
    spec: (object["spec"] ?? {}) as Record<string, unknown>,
    account: { name: accountName, existing: account?.input, pullSecrets },
    owners: [
      [`AntflyCluster ${namespace}/${name}`, cluster.owner],
      [`ServiceAccount ${namespace}/${accountName}`, account?.owner],
    ],
    generation: operator.state === "known" ? operator.value.generation : undefined,
  };
}

/** `default` is everybody's: a role on it would be that of every pod of the namespace. */
export function serviceAccountOf(cluster: ClusterFacts, named: string | undefined): string {
  const own = cluster.serviceAccount === "default" ? undefined : cluster.serviceAccount;
  const name = named ?? own ?? cluster.name;
  if (name === "default") {
    throw new UserError("default-account", "ServiceAccount default is that of every pod of the namespace", {
      hint: "give the cluster one of its own, for example --service-account antfly",
    });
  }
  if (isObjectName(name)) return name;
  throw new UserError("bad-name", `"${printable(name)}" cannot be the name of a ServiceAccount`, {
    hint: "lower-case letters, digits, dashes and dots",
  });
}

interface FoundAccount {
  readonly input: NonNullable<AccountInput["existing"]>;
  readonly owner: Owner | undefined;
  readonly pullSecrets: readonly string[];
}

async function find(kube: Kube, namespace: string, name: string, printedBy: string): Promise<FoundAccount | undefined> {
  const ref = `ServiceAccount ${name}`;
  const fact = await toKnown<FoundAccount>(ref, GET_SERVICE_ACCOUNT, async () => {
    const object = await kube.get(SERVICE_ACCOUNT, namespace, name);
    const meta = parseMetadata(object["metadata"]);
    const pulls = parsePullSecrets(object);
    const input = { uid: meta.uid ?? "", labels: meta.labels ?? {}, annotations: meta.annotations ?? {} };
    return known({ input, owner: ownerOf(meta), pullSecrets: pulls }, { via: "kube", ref });
  });
  return fact.state === "absent" ? undefined : orThrow(fact, printedBy);
}

/**
 * The databases of generations 1 and 2 sign backups with static keys alone (operator facts, 7.1): said before anything is
 * done.
 * @throws UserError, exit 3
 */
export function assertUsable(
  { generation }: IdentityCluster,
  kind: {
    readonly identityOnly: boolean;
    readonly title: string;
    readonly gives: string;
    readonly where: string;
    /** The command that sets up what works. */
    readonly keys: string;
  },
): void {
  if (generation === 3 || kind.identityOnly) return;
  const runs =
    generation === undefined
      ? "which generation of the operator runs here could not be told, and before generation 3 the database signs its backups with static keys alone"
      : `the operator is of generation ${generation}, whose database signs its backups with static keys alone`;
  throw new UserError(
    "static-keys-only",
    `${runs}: ${kind.title} would give the pods ${kind.gives} that no backup uses; nothing was changed`,
    {
      exit: 3,
      hint: `what works: ${kind.keys}\n--identity-only sets it up all the same, for what else the pods do in ${kind.where}`,
    },
  );
}

/** @throws UserError for an object that another tool would put back, unless the user insists */
export function assertNotManaged(
  owners: IdentityCluster["owners"],
  { managed, writeTo }: Pick<IdentityOptions, "managed" | "writeTo">,
): void {
  if (managed === true || writeTo !== undefined) return;
  for (const [what, owner] of owners) {
    if (owner === undefined) continue;
    const why = `${what} is managed by ${owner.tool} (${printable(owner.evidence)}), which would undo a change made here`;
    throw new UserError("managed", why, {
      hint: "write the change as files to commit with --write-to DIR, or insist with --managed",
    });
  }
}
