import type { Clues } from "./clues.ts";
import { high, low, medium, type Symptom } from "./symptom.ts";
import { theAccount, theRole } from "./words.ts";

function theIssuer({ issuer }: Clues): string {
  return issuer === undefined ? "the cluster's issuer" : `issuer ${issuer}`;
}

/** A role that could not be assumed, with IRSA or Pod Identity (failure catalogue, section 4). */
export const IDENTITY: readonly Symptom[] = [
  {
    topic: "web-identity",
    seen: /eks-auth:AssumeRoleForPodIdentity/i,
    means: [
      high(
        "epi.agent-node-role",
        "The role of the node may not call eks-auth:AssumeRoleForPodIdentity, which its agent needs.",
      ),
    ],
  },
  {
    topic: "web-identity",
    seen: /EKS does not have permissions to assume the associated role|\(AccessDeniedException\).{0,300}fault: client/i,
    means: [
      high(
        "epi.trust-principal",
        "EKS Pod Identity may not assume the associated role: its trust policy does not admit pods.eks.amazonaws.com.",
      ),
      medium("epi.trust-no-tagsession", "Or it admits it to sts:AssumeRole alone: sts:TagSession is needed as well."),
      medium("epi.trust-condition-mismatch", "Or a condition names another cluster, namespace or ServiceAccount."),
    ],
  },
  {
    topic: "web-identity",
    seen: /\(ResourceNotFoundException\).{0,300}fault: client/i,
    means: [high("epi.no-association", "EKS knows no association for the pod's namespace and ServiceAccount.")],
  },
  {
    topic: "web-identity",
    seen: /Could not find operation AssumeRoleWithWebIdentity/i,
    means: [
      high(
        "s3.endpoint-global-var-hits-sts",
        "The call to STS went to a store: AWS_ENDPOINT_URL holds for all services of an SDK.",
      ),
    ],
  },
  {
    topic: "web-identity",
    seen: /No OpenIDConnect provider found in your account/i,
    means: [
      high(
        "irsa.oidc-provider-missing",
        (c) => `The account of ${theRole(c)} has no IAM identity provider for ${theIssuer(c)}.`,
      ),
      medium(
        "irsa.oidc-provider-other-account",
        "The provider may be in the cluster's account while the role is in another.",
      ),
      medium("irsa.issuer-mismatch", "The provider may be that of a cluster that was replaced."),
    ],
  },
  {
    topic: "web-identity",
    seen: /Incorrect token audience/i,
    means: [
      medium(
        "irsa.provider-aud-missing",
        "The identity provider in IAM does not list the token's audience, sts.amazonaws.com as a rule.",
      ),
      medium(
        "irsa.token-wrong-audience",
        "The ServiceAccount may ask for another audience with eks.amazonaws.com/audience.",
      ),
      medium("irsa.wrong-token-file", "The token may be Kubernetes' own, not the injected one."),
    ],
  },
  {
    topic: "web-identity",
    seen: /Missing a required claim: aud/i,
    means: [
      high(
        "irsa.wrong-token-file",
        "The token has no audience: it is the ServiceAccount's old one, not the injected one.",
      ),
    ],
  },
  {
    topic: "web-identity",
    seen: /Couldn.?t retrieve verification key from your identity provider/i,
    means: [
      medium(
        "irsa.selfhosted-issuer-default",
        (c) => `STS could not fetch the keys of ${theIssuer(c)}: it has to be reachable from the internet.`,
      ),
      medium("irsa.selfhosted-jwks-stale", "Or the published keys are not those that the cluster signs with."),
    ],
  },
  {
    topic: "web-identity",
    seen: /doesn.?t match configured thumbprint/i,
    means: [
      high(
        "irsa.thumbprint",
        "IAM's identity provider has another thumbprint than the issuer's certificate; that does not happen with EKS's own issuers.",
      ),
    ],
  },
  {
    topic: "web-identity",
    seen: /\bIDPCommunicationError/i,
    means: [
      medium(
        "irsa.selfhosted-issuer-default",
        "STS could not reach the issuer; if it happens again and again, the issuer is not public.",
      ),
    ],
  },
  {
    topic: "web-identity",
    seen: /Request ARN is invalid/i,
    means: [high("irsa.annotation-malformed", "What the ServiceAccount's annotation holds is no ARN of a role.")],
  },
  {
    topic: "web-identity",
    seen: /exceeds the MaxSessionDuration/i,
    means: [high("irsa.max-session", (c) => `The session that was asked for is longer than ${theRole(c)} allows.`)],
  },
  {
    topic: "web-identity",
    seen: /RegionDisabledException|STS is not activated in this region/i,
    means: [high("irsa.sts-regional", "STS is not enabled for this account in the region that was asked.")],
  },
  {
    topic: "web-identity",
    seen: [/ExpiredToken(?:Exception)?/i, /WebIdentity|Token expired: current date/i],
    means: [
      high(
        "irsa.token-expired",
        "STS refused an expired web identity token: the program keeps an old one instead of reading the file again.",
      ),
    ],
  },
  {
    topic: "web-identity",
    seen: [
      /AssumeRoleWithWebIdentity/i,
      /explicit deny in an? (?:service control|resource control) policy|explicit deny in a permissions boundary/i,
    ],
    means: [
      high(
        "irsa.boundary-scp-rcp",
        (c) => `An organisation's policy denies it, not the trust policy of ${theRole(c)}.`,
      ),
    ],
  },
  {
    topic: "web-identity",
    seen: [/AssumeRoleWithWebIdentity/i, /explicit deny/i],
    means: [high("irsa.explicit-deny", (c) => `A Deny statement in the trust policy of ${theRole(c)} matches.`)],
  },
  {
    topic: "web-identity",
    seen: /(?:Not|is not) authorized to perform:? sts:AssumeRoleWithWebIdentity|AccessDenied\W.{0,80}AssumeRoleWithWebIdentity/i,
    means: [
      medium(
        "irsa.role-missing",
        (c) =>
          `STS says so when ${theRole(c)} does not exist, and does not tell that from a trust policy that does not fit.`,
      ),
      medium(
        "irsa.sub-serviceaccount",
        (c) =>
          `The trust policy of ${theRole(c)} may name another ServiceAccount or namespace than ${c.serviceAccount === undefined ? "that of the pods" : theAccount(c)}.`,
      ),
      medium(
        "irsa.issuer-mismatch",
        "The trust policy may name the issuer of another cluster, one that was replaced for example.",
      ),
      medium(
        "irsa.stringequals-wildcard",
        "The trust policy may hold a * under StringEquals, where it is only a character.",
      ),
      low("irsa.boundary-scp-rcp", "If the trust policy fits, a policy of the organisation denies it."),
    ],
  },
  {
    topic: "web-identity",
    seen: /\bInvalidIdentityToken/i,
    means: [
      medium(
        "irsa.oidc-provider-missing",
        "STS does not accept the token; most often IAM has no identity provider for the cluster.",
      ),
    ],
  },
];
