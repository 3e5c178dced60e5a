import { issuerHost, providerArn } from "./provider-arn.ts";
import { subjectOf } from "./subject.ts";
import type { ServiceAccountName } from "./trust-types.ts";

/** Whom a role is to trust: ServiceAccounts of one cluster, by their tokens. */
export interface WantedTrust {
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string;
  /** Account of the role, 12 digits; the issuer's OIDC provider is in it. */
  readonly account: string;
  /** Issuer of the cluster's tokens, with or without `https://`. */
  readonly issuer: string;
  /** Audience of the tokens, mostly `sts.amazonaws.com`. */
  readonly audience: string;
  readonly subjects: readonly ServiceAccountName[];
}

/** Whom a role is to trust by EKS Pod Identity: one ServiceAccount, of one cluster where that is known. */
export interface WantedPodIdentity {
  readonly account: string | undefined;
  readonly clusterArn: string | undefined;
  readonly subject: ServiceAccountName;
}

/** The least trust policy for ServiceAccounts of a cluster (IRSA): always with audience and subject. */
export function buildTrustPolicy(wanted: WantedTrust): object {
  return policyOf(trustStatement(wanted));
}

/** The same for EKS Pod Identity. */
export function buildPodIdentityTrust(wanted: WantedPodIdentity): object {
  return policyOf(podIdentityStatement(wanted));
}

function policyOf(...statements: object[]): object {
  return { Version: "2012-10-17", Statement: statements };
}

/** The statement of `buildTrustPolicy`. */
export function trustStatement({ partition, account, issuer, audience, subjects }: WantedTrust): object {
  const host = issuerHost(issuer);
  const subs = [...new Set(subjects.map(subjectOf))];
  return {
    Effect: "Allow",
    Principal: { Federated: providerArn({ partition, account, issuer: host }) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${host}:aud`]: audience, [`${host}:sub`]: subs.length === 1 ? subs[0] : subs } },
  };
}

/**
 * EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity". The cluster is told by its tag, which
 * is documented; what `aws:SourceArn` holds is not.
 */
export function podIdentityStatement({ account, clusterArn, subject }: WantedPodIdentity): object {
  return {
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: {
      StringEquals: {
        ...(account === undefined ? {} : { "aws:SourceAccount": account }),
        "aws:RequestTag/kubernetes-namespace": subject.namespace,
        "aws:RequestTag/kubernetes-service-account": subject.serviceAccount,
        ...(clusterArn === undefined ? {} : { "aws:RequestTag/eks-cluster-arn": clusterArn }),
      },
    },
  };
}
