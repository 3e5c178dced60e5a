import type { World } from "../collect/collector.ts";
import { findEksCluster } from "../collect/aws/eks-cluster.ts";
import { readIssuer, readServedIssuer } from "../collect/issuer.ts";
import { claimsOf } from "../collect/storage/token-claims.ts";
import type { EksClusterFacts, IssuerFacts } from "../domain/aws-facts.ts";
import { UserError } from "../domain/errors.ts";
import type { ClusterFacts } from "../domain/facts.ts";
import { tokenAudience } from "../domain/identity-use.ts";
import type { ServiceAccountName } from "../domain/iam/trust/trust-types.ts";
import { valueOf } from "../domain/known.ts";
import { KubeError, type App, type Aws, type Kube } from "../ports.ts";
import { cloudRun } from "./cloud.ts";
import { fingerprints, lookAt } from "./look.ts";
import { kubeSelection } from "./options.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import type { TrustOptions } from "./trust-options.ts";

/** What a trust policy is about that the cluster tells. */
export interface TrustCluster {
  readonly cluster: ClusterFacts;
  /** Audience of the token that the pods of the cluster's own ServiceAccount have. */
  readonly audience: string;
  /**
   * The issuer of the cluster's tokens: from a token of the ServiceAccount where one may be minted, else as the API server
   * serves it, else as EKS knows it.
   * @throws UserError, exit 5 when nobody tells it
   */
  readonly issuer: (minting: ServiceAccountName | undefined) => Promise<IssuerFacts>;
  /** Undefined where the cluster is not one of EKS, or that cannot be told. */
  readonly eks: () => Promise<EksClusterFacts | undefined>;
  /** The tool's own identity; undefined where no cloud is asked. */
  readonly aws: () => Promise<Aws | undefined>;
}

/** Looks at the AntflyCluster as far as `work` asks. */
export async function withTrustCluster<T>(
  name: string | undefined,
  options: TrustOptions,
  app: App,
  work: (cluster: TrustCluster) => Promise<T>,
): Promise<T> {
  const kube = await app.kube(kubeSelection(options));
  const cloud = cloudRun(options, kube, app);
  try {
    const { collection } = await lookAt(app, kube, name, cloud.world);
    const printedBy = permissionsIn(kube);
    orThrow(await collection.get("clusters"), printedBy);
    const cluster = orThrow(await collection.get("cluster"), printedBy);
    const account = valueOf(await collection.get("serviceAccount"));
    const { namespace } = cluster;
    const world: World = {
      reader: kube,
      namespace,
      cluster: cluster.name,
      allNamespaces: false,
      fingerprint: fingerprints(app),
      cloud: cloud.world,
    };
    const audience = account === undefined ? undefined : tokenAudience(account);
    return await work({
      cluster,
      audience: audience ?? "sts.amazonaws.com",
      issuer: (minting) => issuerOf(world, kube, minting, audience ?? "sts.amazonaws.com"),
      eks: async () => valueOf(await findEksCluster(world, undefined)),
      aws: async () => ("off" in cloud.world ? undefined : cloud.world.aws()),
    });
  } finally {
    await Promise.all([kube.close(), cloud.close()]);
  }
}

async function issuerOf(
  world: World,
  kube: Kube,
  minting: ServiceAccountName | undefined,
  audience: string,
): Promise<IssuerFacts> {
  const told = minting === undefined ? undefined : await issuerOfToken(kube, minting, audience);
  if (told !== undefined) return { url: told, source: "token" };
  const found = "off" in world.cloud ? await readServedIssuer(kube) : await readIssuer(world);
  if (found.state === "known") return found.value;
  const why = found.state === "absent" ? "the API server serves none" : found.detail;
  throw new UserError("no-issuer", `the issuer of the cluster's tokens could not be told: ${why}`, {
    exit: 5,
    hint: "say it with --issuer URL",
  });
}

/** 600 seconds are the least that the API server gives; the token goes nowhere. Undefined where none is given. */
async function issuerOfToken(
  kube: Kube,
  { namespace, serviceAccount }: ServiceAccountName,
  audience: string,
): Promise<string | undefined> {
  try {
    return claimsOf(await kube.createToken(namespace, serviceAccount, audience, 600))?.issuer;
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}
