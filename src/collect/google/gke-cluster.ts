import { gkeNameIn, gkePath } from "../../domain/gcp/gke-name.ts";
import { isAtEndpoint } from "../../domain/gcp/gke-endpoint.ts";
import { isGoogleInPlay } from "../../domain/gcp/in-play.ts";
import type { Facts } from "../../domain/facts.ts";
import type { GkeClusterFacts, GkeName, NodeFacts } from "../../domain/google-facts.ts";
import { GET_CLUSTER_PROJECT, GET_GKE_CLUSTER, LIST_GKE_CLUSTERS } from "../../domain/google-grants.ts";
import { absent, known, valueOf, type Known, type Unknown } from "../../domain/known.ts";
import { printable } from "../../domain/text.ts";
import type { GkeCluster, Google } from "../../ports.ts";
import { defineCollector, type Cloud, type World } from "../collector.ts";
import { readServedIssuer } from "../issuer.ts";
import { askGoogle, notAskedGoogle, ofGoogle, toKnownGoogle } from "./ask-google.ts";

const REF = "the GKE cluster";
const SAYS = "--gke-cluster PROJECT/LOCATION/NAME says it";

/** Nobody asks for it where nothing points to Google. */
export const gkeClusterCollector = defineCollector({
  gives: "gkeCluster",
  needs: [],
  wants: ["serviceAccount", "googleAims", "nodes"],
  collect: (_, world, wants) => findGkeCluster(world, wants),
});

type Wants = Pick<Facts, "serviceAccount" | "googleAims" | "nodes">;

/**
 * The GKE cluster that the API server is of: `--gke-cluster`, else what gcloud calls it in the kubeconfig, else what it
 * calls itself in its issuer, else the one of the nodes' project with the API server's address. Absent where nothing says
 * that it is one of GKE.
 */
async function findGkeCluster(world: World, wants: Wants): Promise<Known<GkeClusterFacts>> {
  const { cloud } = world;
  const serviceAccount = wants.serviceAccount && valueOf(wants.serviceAccount);
  const isInPlay = isGoogleInPlay({ serviceAccount, googleAims: wants.googleAims && valueOf(wants.googleAims) });
  if ("off" in cloud) return isInPlay ? notAskedGoogle(REF, cloud.off) : absent(ofGoogle(REF));
  if (!isInPlay && cloud.gkeCluster === undefined) return absent(ofGoogle(REF));
  return askForGkeCluster(world, cloud, wants.nodes && valueOf(wants.nodes));
}

/** The same for whoever knows that it is about Google. */
export async function askForGkeCluster(
  world: World,
  cloud: Cloud,
  nodes: readonly NodeFacts[] | undefined,
): Promise<Known<GkeClusterFacts>> {
  const issuer = valueOf(await readServedIssuer(cloud.kube))?.url;
  const ownName = issuer === undefined ? undefined : gkeNameIn(issuer);
  const named = nameOf(cloud, ownName);
  const onNodes = (nodes ?? []).find(({ pool, project }) => pool && project);
  if (named === undefined && onNodes === undefined) return absent(ofGoogle(REF));
  return askGoogle(world, REF, undefined, (google) =>
    named === undefined ? byAddress(google, cloud, onNodes) : described(google, cloud, named, ownName),
  );
}

interface Named {
  readonly name: GkeName;
  readonly by: string;
}

function nameOf({ gkeCluster, kube }: Cloud, ownName: GkeName | undefined): Named | undefined {
  if (gkeCluster !== undefined) return { name: gkeCluster, by: "--gke-cluster" };
  const entry = gkeNameIn(kube.clusterEntry);
  if (entry !== undefined) return { name: entry, by: "context" };
  return ownName === undefined ? undefined : { name: ownName, by: "issuer" };
}

/** A name may be of another cluster than the one that was looked at, and what Google says of that would be judged here. */
async function described(
  google: Google,
  { kube }: Cloud,
  { name, by }: Named,
  ownName: GkeName | undefined,
): Promise<Known<GkeClusterFacts>> {
  const what = `GKE cluster ${describeName(name)}`;
  if (ownName !== undefined && gkePath(ownName) !== gkePath(name))
    return unknown(
      `this API server calls itself GKE cluster ${describeName(ownName)}, and ${by} names ${describeName(name)}: ${SAYS}`,
    );
  const [found, number] = await Promise.all([
    toKnownGoogle(what, GET_GKE_CLUSTER, async () => known(await google.getCluster(name), ofGoogle(what))),
    numberOf(google, name.project),
  ]);
  if (found.state === "unknown") return found;
  if (found.state === "absent") return unknown(`Google has no ${what}: ${SAYS}`);
  const cluster = found.value;
  if (ownName === undefined && isAtEndpoint(kube.server, cluster.endpoints) === false)
    return unknown(
      `${what} is at ${cluster.endpoints.map(printable).join(" and ")}, and this API server at ${printable(kube.server)}: it is another cluster; ${SAYS}`,
    );
  return known(factsOf(cluster, by, number), ofGoogle(what));
}

/** The nodes say which project they are in, and not which cluster they are of. */
async function byAddress(
  google: Google,
  { kube }: Cloud,
  node: NodeFacts | undefined,
): Promise<Known<GkeClusterFacts>> {
  const project = node?.project ?? "";
  const detail = `the nodes are of GKE in project ${printable(project)}, and which cluster this is cannot be told: ${SAYS}`;
  const [all, number] = await Promise.all([
    toKnownGoogle(REF, LIST_GKE_CLUSTERS, async () => known(await google.listClusters(project), ofGoogle(REF))),
    numberOf(google, project),
  ]);
  if (all.state === "unknown") return { ...all, detail: `${detail} (${all.detail})` };
  const [only, ...more] = (valueOf(all) ?? []).filter(({ endpoints }) => isAtEndpoint(kube.server, endpoints) === true);
  if (only === undefined || more.length > 0) return unknown(detail);
  return known(factsOf(only, "nodes", number), ofGoogle(REF));
}

function numberOf(google: Google, project: string): Promise<Known<string>> {
  const ref = `the number of project ${project}`;
  return toKnownGoogle(ref, GET_CLUSTER_PROJECT, async () =>
    known((await google.getProject(project)).number, ofGoogle(ref)),
  );
}

function factsOf(
  { endpoints: _, ...cluster }: GkeCluster,
  namedBy: string,
  projectNumber: Known<string>,
): GkeClusterFacts {
  return { ...cluster, namedBy, projectNumber };
}

/** `acme-prod/europe-west1/prod`, as the flag takes it. */
function describeName({ project, location, name }: GkeName): string {
  return `${project}/${location}/${name}`;
}

function unknown(detail: string): Unknown {
  return { state: "unknown", why: "server-error", detail, origin: ofGoogle(REF) };
}
