import { EKS_ENCRYPTS_FROM, platformOf, type EncryptionAtRest, type SecretWrites } from "../domain/at-rest.ts";
import type { Facts } from "../domain/facts.ts";
import { GET_METRICS } from "../domain/grants.ts";
import { known, valueOf, type Known, type Origin, type Unknown } from "../domain/known.ts";
import { findEksCluster, isOnEks } from "./aws/eks-cluster.ts";
import { notAskedGoogle } from "./google/ask-google.ts";
import { askForGkeCluster } from "./google/gke-cluster.ts";
import { defineCollector, toKnown, type World } from "./collector.ts";

const REF = "how Secrets get into etcd";
const ORIGIN: Origin = { via: "kube", ref: REF };
/** Older API servers count without the resource, and then nothing is told of Secrets. */
const TRANSFORMATIONS = "apiserver_storage_transformation_operations_total";

export const encryptionAtRestCollector = defineCollector({
  gives: "encryptionAtRest",
  needs: ["server"],
  wants: ["apiServer"],
  collect: ({ server: { version, minor } }, world, wants): Promise<Known<EncryptionAtRest>> => {
    const platform = platformOf(version);
    if (platform === "eks" || ("kube" in world.cloud && isOnEks(world.cloud))) return onEks(world, minor);
    const saidGke = "kube" in world.cloud && world.cloud.gkeCluster !== undefined;
    return platform === "gke" || saidGke ? onGke(world) : onOwn(world, wants);
  },
});

/** Where EKS encrypts anyway, whose key it is is worth no refusal. */
async function onEks(world: World, minor: number): Promise<Known<EncryptionAtRest>> {
  const found = await findEksCluster(world, undefined);
  const cluster = valueOf(found);
  const facts = { platform: "eks", cluster: cluster?.name, key: cluster?.encryptionKey, minor } as const;
  if (minor >= EKS_ENCRYPTS_FROM || cluster?.autoMode !== undefined) return known(facts, ORIGIN);
  if (found.state === "unknown") return found;
  return unknown("which EKS cluster this is cannot be told, or EKS may not be asked: --eks-cluster NAME says it");
}

/** Asked for here: the fact of that name is read only where the pods have to do with Google. */
async function onGke(world: World): Promise<Known<EncryptionAtRest>> {
  const { cloud } = world;
  if ("off" in cloud) return notAskedGoogle(REF, cloud.off);
  const gkeCluster = await askForGkeCluster(world, cloud, undefined);
  if (gkeCluster.state === "unknown") return gkeCluster;
  if (gkeCluster.state === "absent")
    return unknown("which GKE cluster this is cannot be told: --gke-cluster PROJECT/LOCATION/NAME says it");
  const { project, location, name, projectNumber, databaseEncryption } = gkeCluster.value;
  return known(
    {
      platform: "gke",
      cluster: `${project}/${location}/${name}`,
      projectNumber: valueOf(projectNumber),
      state: databaseEncryption?.currentState ?? databaseEncryption?.state,
      key: databaseEncryption?.keyName,
    },
    ORIGIN,
  );
}

/** What one of them tells needs no other; where none does, each that could not be read is a gap. */
async function onOwn({ reader }: World, { apiServer }: Facts): Promise<Known<EncryptionAtRest>> {
  const counted = await toKnown<SecretWrites>("the API server's metrics", GET_METRICS, async () =>
    known(writesIn(await reader.metric(TRANSFORMATIONS)), ORIGIN),
  );
  const apiServers = apiServer && valueOf(apiServer);
  const written = valueOf(counted);
  const told = written !== undefined && written.prefixes.length > 0;
  const missing = apiServers?.some(({ encryption }) => !encryption) === true;
  const gaps = told || missing ? [] : [counted, apiServer].filter((fact): fact is Unknown => fact?.state === "unknown");
  const facts = { platform: "self-managed", apiServers, written } as const;
  return known(facts, ORIGIN, gaps);
}

/** Samples of other resources, of failures, and of the keys inside of a provider say nothing here. */
function writesIn(lines: readonly string[]): SecretWrites {
  const samples = lines.flatMap((line) => {
    const value = Number(/ (\S+)$/.exec(line)?.[1]);
    const label = (name: string): string | undefined => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1];
    if (label("resource") !== "secrets" || label("status") !== "OK" || !(value > 0)) return [];
    return [{ type: label("transformation_type"), prefix: label("transformer_prefix") ?? "", value }];
  });
  const prefixes = samples
    .filter(({ type, prefix }) => type === "to_storage" && (prefix === "" || prefix.startsWith("k8s:enc:")))
    .map(({ prefix }) => prefix);
  const clear = samples.filter(({ type, prefix }) => type === "from_storage" && prefix === "identity");
  return { prefixes: [...new Set(prefixes)], readInClear: clear.reduce((sum, { value }) => sum + value, 0) };
}

function unknown(detail: string): Unknown {
  return { state: "unknown", why: "server-error", detail, origin: ORIGIN };
}
