import { askForGkeCluster } from "../collect/google/gke-cluster.ts";
import { UserError } from "../domain/errors.ts";
import { workloadPoolOf } from "../domain/gcp/gke-name.ts";
import type { GkeClusterFacts } from "../domain/google-facts.ts";
import { valueOf, type Known } from "../domain/known.ts";
import { shell } from "../domain/shell.ts";
import { sentenceList } from "../domain/text.ts";
import type { GkeInput } from "../plans/workload-identity-input.ts";
import type { WorkloadOptions } from "./identity-options.ts";
import type { IdentityLook } from "./init-identity.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";

interface Gke {
  readonly gke: GkeInput;
  /** Of the cluster; the pool is its own. */
  readonly project: string;
  readonly projectNumber: Known<string>;
}

/**
 * The GKE cluster, and what of it would have to change.
 * @throws UserError for a cluster that is none of GKE; exit 3 where pods get no identity of their own, and nobody has asked
 *   for `--enable-pool`
 */
export async function gkeInput(found: IdentityLook<WorkloadOptions>): Promise<Gke> {
  const { look, kube, options, world, cloud } = found;
  const told = await look.collection.get("gkeCluster");
  // Nobody is asked where nothing points to Google yet.
  const fact =
    told.state === "absent" ? await askForGkeCluster(world, cloud, valueOf(await look.collection.get("nodes"))) : told;
  if (fact.state === "absent") {
    throw new UserError("no-gke-cluster", "nothing says that this cluster is one of GKE, which alone has this", {
      hint: "say which one it is with --gke-cluster PROJECT/LOCATION/NAME",
    });
  }
  const cluster = orThrow(fact, permissionsIn(kube, "--init-workload-identity"));
  const { project, location, name, workloadPool, projectNumber } = cluster;
  const gke = {
    cluster: { project, location, name },
    pool: workloadPool ?? workloadPoolOf(project),
    poolIsOn: workloadPool !== undefined,
    nodePools: (await nodePoolsOfPods(cluster, found)).filter(({ mode }) => mode !== "GKE_METADATA"),
  };
  if (options.enablePool !== true) assertEnabled(gke);
  return { gke, project, projectNumber };
}

/**
 * The node pools that the pods run on. Where there are no pods yet, or nobody may say on which nodes they are, it has to be
 * true of all of them, unless one of them is prepared, and there is no pod.
 */
async function nodePoolsOfPods(
  { autopilot, nodePools }: GkeClusterFacts,
  { look, kube }: IdentityLook<WorkloadOptions>,
): Promise<GkeInput["nodePools"]> {
  // There all pods have identities of their own.
  if (autopilot) return [];
  const all = nodePools.map(({ name, metadataMode }) => ({ name, mode: metadataMode }));
  if (all.every(({ mode }) => mode === "GKE_METADATA")) return [];
  const pods = orThrow(await look.collection.get("pods"), permissionsIn(kube));
  const at = new Set(pods.flatMap(({ node }) => node ?? []));
  if (at.size === 0) return all.some(({ mode }) => mode === "GKE_METADATA") ? [] : all;
  const nodes = orThrow(await look.collection.get("nodes"), permissionsIn(kube, "--init-workload-identity"));
  const used = new Set(nodes.filter(({ name }) => at.has(name)).map(({ pool }) => pool));
  return all.filter(({ name }) => used.has(name));
}

function assertEnabled({ cluster, pool, poolIsOn, nodePools }: GkeInput): void {
  if (poolIsOn && nodePools.length === 0) return;
  const { project, location, name } = cluster;
  const names = nodePools.map((one) => one.name);
  const what = poolIsOn
    ? `node pool ${sentenceList(names)} of GKE cluster ${name} gives the pods the identity of their node, and none of their own`
    : `GKE cluster ${name} has no workload pool, from which the pods would have an identity of their own`;
  const commands = [
    ...(poolIsOn
      ? []
      : [
          shell`gcloud container clusters update ${name} --location ${location} --project ${project} --workload-pool ${pool}`,
        ]),
    ...names.map(
      (one) =>
        shell`gcloud container node-pools update ${one} --cluster ${name} --location ${location} --project ${project} --workload-metadata GKE_METADATA`,
    ),
  ];
  throw new UserError("no-workload-pool", `${what}; nothing was changed`, {
    exit: 3,
    hint: `these turn it on, and make all nodes of the node pools anew:\n${commands.map((line) => `  ${line}\n`).join("")}or let this command do it with --enable-pool`,
  });
}
