import type { EksClusterFacts, PodIdentityAssociation, PodIdentityFacts } from "../../domain/aws-facts.ts";
import { DESCRIBE_ADD_ON, DESCRIBE_ASSOCIATION, LIST_ASSOCIATIONS, on } from "../../domain/aws-grants.ts";
import type { Facts } from "../../domain/facts.ts";
import type { ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { reliance, showsPodIdentity } from "../../domain/identity-use.ts";
import { absent, known, valueOf, type Known, type Unknown } from "../../domain/known.ts";
import { nearAssociation } from "../../domain/near-association.ts";
import type { Aws } from "../../ports.ts";
import { defineCollector, type Cloud, type World } from "../collector.ts";
import { askAws, notAsked, originOf, toKnownAws } from "./ask-aws.ts";
import { readServedIssuer } from "../issuer.ts";
import { findEksCluster, isOnEks } from "./eks-cluster.ts";

const REF = "EKS Pod Identity";
const ADD_ON = "eks-pod-identity-agent";

export const podIdentityCollector = defineCollector({
  gives: "podIdentity",
  needs: ["cluster", "serviceAccount"],
  wants: ["pods", "environments", "references", "backups"],
  collect: async ({ cluster, serviceAccount: account }, world, wants): Promise<Known<PodIdentityFacts>> => {
    const { cloud, namespace } = world;
    const shown = (wants.pods && valueOf(wants.pods))?.some(showsPodIdentity) === true;
    if ("off" in cloud) return shown ? notAsked(REF, cloud.off) : absent(originOf(REF));
    if (!shown && !mayBeMeant(cloud, account, { ...wants, cluster: known(cluster, originOf(REF)) }))
      return absent(originOf(REF));
    // A name that somebody gave may be of another cluster, and what EKS says of that would be judged here.
    const given = cloud.eksCluster === undefined ? undefined : valueOf(await readServedIssuer(cloud.kube))?.url;
    const eks = await findEksCluster(world, given);
    if (eks.state === "absent")
      return unknown(
        "the pods have EKS Pod Identity, and which EKS cluster this is cannot be told: --eks-cluster NAME says it",
      );
    return eks.state === "unknown" ? eks : ofCluster(world, eks.value, namespace, account.name);
  },
});

async function ofCluster(
  world: World,
  cluster: EksClusterFacts,
  namespace: string,
  account: string,
): Promise<Known<PodIdentityFacts>> {
  const { name, arn, region } = cluster;
  const ref = `EKS add-on ${ADD_ON}`;
  const grant = on(DESCRIBE_ADD_ON, `${arn.replace(":cluster/", ":addon/")}/${ADD_ON}/*`);
  const ask = async (aws: Aws): Promise<Known<PodIdentityFacts>> => {
    const [found, addOn] = await Promise.all([
      associations(aws, name, namespace, account),
      toKnownAws(ref, grant, async () => known(await aws.describeAddOn(name, ADD_ON), originOf(ref))),
    ]);
    return found.state === "known" ? known({ cluster, ...found.value, addOn }, originOf(`EKS cluster ${name}`)) : found;
  };
  const facts = await askAws(world, REF, on(LIST_ASSOCIATIONS, arn), ask, region);
  // What is not there is the cluster itself: that it has no association is an empty list.
  return facts.state === "absent" ? unknown(`EKS has no cluster ${name} in ${region}`) : facts;
}

function unknown(detail: string): Unknown {
  return { state: "unknown", why: "server-error", detail, origin: originOf(REF) };
}

/**
 * Only where it can matter: asked for by name, or on EKS by an API server whose pods have neither a role of their
 * ServiceAccount nor static keys.
 */
function mayBeMeant(cloud: Cloud, { awsRole }: ServiceAccountFacts, facts: Facts): boolean {
  if (cloud.eksCluster !== undefined) return true;
  if (!isOnEks(cloud) || awsRole !== undefined) return false;
  const { cluster, environments, references, backups } = facts;
  const use = {
    cluster: cluster && valueOf(cluster),
    environments: environments && valueOf(environments),
    references: references && valueOf(references),
    backups: backups && valueOf(backups),
  };
  return reliance(use) !== "none";
}

type Found = Pick<PodIdentityFacts, "association" | "near" | "others">;

/** That of the ServiceAccount; where it has none, all there are, for a name may be mistyped. */
async function associations(aws: Aws, cluster: string, namespace: string, account: string): Promise<Known<Found>> {
  const here = await aws.listPodIdentityAssociations(cluster, namespace);
  const own = here.find(({ serviceAccount }) => serviceAccount === account);
  const all = own === undefined ? await aws.listPodIdentityAssociations(cluster, undefined) : here;
  const others = all
    .filter((one) => one !== own)
    .map(({ namespace: place, serviceAccount }) => ({ namespace: place, serviceAccount }));
  const wanted = own ?? nearAssociation(all, { namespace, serviceAccount: account });
  if (wanted === undefined) return known({ association: undefined, near: undefined, others }, originOf(REF));
  const ref = `association ${wanted.id}`;
  return toKnownAws<Found>(ref, DESCRIBE_ASSOCIATION, async () => {
    const found: PodIdentityAssociation = await aws.describePodIdentityAssociation(cluster, wanted.id);
    const [association, near] = own === undefined ? [undefined, found] : [found, undefined];
    return known({ association, near, others }, originOf(ref));
  });
}
