import { issuerName } from "../../domain/aws-arn.ts";
import type { EksClusterFacts, PodIdentityAssociation, RoleFacts } from "../../domain/aws-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { TrustRequest } from "../../domain/iam/trust/trust-types.ts";

const TAG = "aws:RequestTag/";
/** Session tags that EKS Pod Identity adds, unless the association disables them. */
const TAGS = [
  "eks-cluster-arn",
  "eks-cluster-name",
  "kubernetes-namespace",
  "kubernetes-pod-name",
  "kubernetes-pod-uid",
  "kubernetes-service-account",
];

/** What STS is asked with the token of the ServiceAccount. */
export function irsaRequest(
  { namespace }: Pick<ClusterFacts, "namespace">,
  serviceAccount: string,
  issuer: string,
  audience: string,
  { account, partition }: RoleFacts,
): TrustRequest {
  return {
    mechanism: "irsa",
    issuer: issuerName(issuer),
    subject: { namespace, serviceAccount },
    claims: { aud: audience },
    withoutClaims: [],
    account,
    partition,
  };
}

/** What EKS asks STS with for a pod of the association. */
export function podIdentityRequest(
  { arn, name }: EksClusterFacts,
  { namespace, serviceAccount, sessionTagsDisabled }: PodIdentityAssociation,
  { account, partition }: RoleFacts,
): TrustRequest {
  const tags = { [`${TAG}eks-cluster-arn`]: arn, [`${TAG}eks-cluster-name`]: name };
  return {
    mechanism: "pod-identity",
    issuer: undefined,
    subject: { namespace, serviceAccount },
    claims: { "aws:SourceArn": arn, ...(sessionTagsDisabled ? {} : tags) },
    withoutClaims: sessionTagsDisabled ? TAGS.map((tag) => `${TAG}${tag}`) : [],
    account,
    partition,
  };
}
