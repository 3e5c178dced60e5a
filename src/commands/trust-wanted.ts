import type { IssuerFacts } from "../domain/aws-facts.ts";
import { UserError } from "../domain/errors.ts";
import type { WantedPodIdentity, WantedTrust } from "../domain/iam/trust/build-trust-policy.ts";
import { issuerHost, parseEksIssuer, partitionOfRegion } from "../domain/iam/trust/provider-arn.ts";
import type { ServiceAccountName } from "../domain/iam/trust/trust-types.ts";
import { AwsError, type App, type Aws } from "../ports.ts";
import { awsSelection } from "./cloud.ts";
import {
  parseAccountOption,
  parseIssuerOption,
  parseSubjectOption,
  USUAL_AUDIENCE,
  type TrustOptions,
} from "./trust-options.ts";
import { SOURCES } from "./trust-sources.ts";

/** Account and partition of a role. */
export interface Home {
  readonly account: string;
  readonly partition: string;
}

/** Whom the policy is to trust, and who said what of it. */
export interface TrustWish {
  /** By token: one a cluster. */
  readonly irsa: readonly WantedTrust[];
  /** By EKS Pod Identity: one a ServiceAccount. */
  readonly podIdentity: readonly WantedPodIdentity[];
  readonly issuers: readonly { readonly url: string; readonly source: IssuerFacts["source"] | "given" }[];
  readonly notes: readonly string[];
}

/**
 * Of the command line, and what that does not say of the cluster and of AWS. `home`: the account of a role that is known.
 * @throws UserError for what nobody says
 */
export async function trustWish(
  name: string | undefined,
  options: TrustOptions,
  app: App,
  home: Home | undefined,
): Promise<TrustWish> {
  const subjects = options.subject.map(parseSubjectOption);
  const issuers = options.issuer.map(parseIssuerOption);
  const account = parseAccountOption(options.account);
  const irsa = options.mechanism === "irsa";
  const told = subjects.length > 0 && (irsa ? issuers.length > 0 : true);
  if (name === undefined && told) {
    const where = home ?? (await homeOf(account, issuers[0], options, app, undefined));
    return wishOf(options, where, {
      subjects,
      issuers: issuers.map(given),
      audience: undefined,
      clusterArn: undefined,
      notes: [],
    });
  }
  const { withTrustCluster } = await import("./trust-cluster.ts");
  return withTrustCluster(name, options, app, async (found) => {
    const { namespace, serviceAccount, name: cluster } = found.cluster;
    const own = { namespace, serviceAccount: serviceAccount ?? cluster };
    const notes =
      subjects.length > 0 || serviceAccount !== undefined
        ? []
        : [
            `AntflyCluster ${cluster} names no ServiceAccount; the policy is for one called ${cluster}, as init irsa makes it`,
          ];
    const wanted = subjects.length > 0 ? subjects : [own];
    const learnt = irsa && issuers.length === 0 ? [await found.issuer(wanted[0])] : issuers.map(given);
    const eks = irsa ? undefined : await found.eks();
    const aws = await found.aws();
    const where = home ?? (await homeOf(account, issuerHost(learnt[0]?.url ?? ""), options, app, aws));
    return wishOf(options, where, {
      subjects: wanted,
      issuers: learnt,
      audience: found.audience,
      clusterArn: eks?.arn,
      notes,
    });
  });
}

function given(issuer: string): { url: string; source: "given" } {
  return { url: issuer, source: "given" };
}

interface Learnt {
  readonly subjects: readonly ServiceAccountName[];
  readonly issuers: TrustWish["issuers"];
  readonly audience: string | undefined;
  readonly clusterArn: string | undefined;
  readonly notes: readonly string[];
}

function wishOf(options: TrustOptions, { account, partition }: Home, learnt: Learnt): TrustWish {
  const { subjects, issuers, clusterArn } = learnt;
  const audience = options.audience ?? learnt.audience ?? USUAL_AUDIENCE;
  const notes = [
    ...learnt.notes,
    ...issuers.flatMap(({ url, source }) =>
      source === "given" ? [] : [`the issuer is ${url}, as ${SOURCES[source]} says`],
    ),
  ];
  const irsa = options.mechanism === "irsa";
  return {
    irsa: irsa ? issuers.map(({ url }) => ({ partition, account, issuer: issuerHost(url), audience, subjects })) : [],
    podIdentity: irsa ? [] : subjects.map((subject) => ({ account, clusterArn, subject })),
    issuers,
    notes,
  };
}

/** `--account`, else the account of the tool's own identity. The partition is that of the issuer, where it is one of EKS. */
async function homeOf(
  account: string | undefined,
  issuer: string | undefined,
  options: TrustOptions,
  app: App,
  known: Aws | undefined,
): Promise<Home> {
  const eks = issuer === undefined ? undefined : parseEksIssuer(issuer);
  const partition = eks === undefined ? undefined : partitionOfRegion(eks.region);
  if (account !== undefined) return { account, partition: partition ?? "aws" };
  const off = options.cloud === false ? "--no-cloud was given" : "ANTFLY_CREDS_CLOUD=off is set";
  if (options.cloud === false || app.configuration.noCloud) throw noAccount(`AWS is not asked: ${off}`);
  const aws = known ?? (await app.aws(awsSelection(options)));
  try {
    const caller = await aws.callerIdentity();
    return { account: caller.account, partition: partition ?? caller.arn.split(":")[1] ?? "aws" };
  } catch (error) {
    if (error instanceof AwsError) throw noAccount(error.message);
    throw error;
  } finally {
    if (known === undefined) aws.close();
  }
}

function noAccount(why: string): UserError {
  return new UserError("no-account", `the account of the role is not known: ${why}`, {
    hint: "say it with --account and its 12 digits",
  });
}
