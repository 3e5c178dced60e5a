import type { EksClusterFacts } from "../../domain/aws-facts.ts";
import { parseEksClusterArn, parseEksServer } from "../../domain/aws-arn.ts";
import { DESCRIBE_EKS_CLUSTER, LIST_EKS_CLUSTERS, on } from "../../domain/aws-grants.ts";
import { absent, known, type Known, type Unknown } from "../../domain/known.ts";
import { AwsError, type Aws } from "../../ports.ts";
import type { Cloud, World } from "../collector.ts";
import { askAws, notAsked, originOf, unknownFor } from "./ask-aws.ts";

const REF = "the EKS cluster";

/** Clusters of a region that are looked at to find the one with the API server's address. */
const MOST = 4;

/** Whether anything says that the API server is one of EKS: the flag, the kubeconfig's entry, or the server's address. */
export function isOnEks({ kube, eksCluster }: Cloud): boolean {
  return eksCluster !== undefined || eksArn({ kube }) !== undefined || parseEksServer(kube.server) !== undefined;
}

/**
 * The EKS cluster that the API server is of: `--eks-cluster`, else the ARN that the kubeconfig calls it by, else the one
 * of its region with the same id in its issuer. Absent where nothing says that it is on EKS. `issuer` is the cluster's
 * own, where it is known: another one's shows that the name is of another cluster.
 */
export async function findEksCluster(world: World, issuer: string | undefined): Promise<Known<EksClusterFacts>> {
  const { cloud } = world;
  if ("off" in cloud) return notAsked(REF, cloud.off);
  if (!isOnEks(cloud)) return absent(originOf(REF));
  const entry = eksArn(cloud);
  const server = parseEksServer(cloud.kube.server);
  const region = entry?.region ?? server?.region;
  const name = cloud.eksCluster ?? entry?.name;
  return askAws(
    world,
    REF,
    undefined,
    async (aws) => {
      if (name === undefined) return byId(aws, server?.id ?? "", region);
      const found = await describe(aws, name, region);
      // The ARN says who it is to those who may not ask EKS.
      if (found.state === "unknown" && found.why === "forbidden" && entry?.name === name)
        return known({ ...entry, issuer: undefined, autoMode: undefined }, originOf(`EKS cluster ${name}`));
      if (found.state !== "known" || isSame(found.value.issuer, issuer)) return found;
      const detail = `EKS cluster ${name} issues tokens as ${found.value.issuer}, and this API server as ${issuer}: it is another cluster; --eks-cluster NAME says which`;
      return unknown(detail);
    },
    region,
  );
}

/** The ARN that `aws eks update-kubeconfig` calls the cluster by. */
function eksArn({ kube }: Pick<Cloud, "kube">): ReturnType<typeof parseEksClusterArn> {
  return parseEksClusterArn(kube.clusterEntry);
}

async function describe(aws: Aws, name: string, region: string | undefined): Promise<Known<EksClusterFacts>> {
  const where = region ?? aws.region ?? "the region";
  try {
    const { arn, issuer, autoMode, encryptionKey } = await aws.describeCluster(name);
    const parsed = parseEksClusterArn(arn);
    if (parsed === undefined) return unknown(`EKS gives cluster ${name} an ARN that is none`);
    const { account, region: its } = parsed;
    return known({ name, arn, account, region: its, issuer, autoMode, encryptionKey }, originOf(`EKS cluster ${name}`));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.failure === "not-found")
      return unknown(`EKS has no cluster ${name} in ${where}: --eks-cluster NAME and --region say which it is`);
    return unknownFor(`EKS cluster ${name}`, on(DESCRIBE_EKS_CLUSTER, "*"), error);
  }
}

/** The address of the API server and the issuer have the same id. */
async function byId(aws: Aws, id: string, region: string | undefined): Promise<Known<EksClusterFacts>> {
  const where = region ?? aws.region ?? "its region";
  try {
    const names = await aws.listClusters();
    for (const name of names.slice(0, MOST)) {
      const found = await describe(aws, name, region);
      if (found.state === "known" && found.value.issuer?.toUpperCase().endsWith(`/${id}`) === true) return found;
      if (found.state === "unknown" && found.why !== "server-error") return found;
    }
    return unknown(`which EKS cluster of ${where} this API server is of was not found: --eks-cluster NAME says it`);
  } catch (error) {
    if (error instanceof AwsError) return unknownFor(REF, LIST_EKS_CLUSTERS, error);
    throw error;
  }
}

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function unknown(detail: string): Unknown {
  return { state: "unknown", why: "server-error", detail, origin: originOf(REF) };
}
