import { oidcProviderArn, parseRoleArn } from "../../domain/aws-arn.ts";
import type { WebIdentityFacts } from "../../domain/aws-facts.ts";
import type { Refused } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { awsCommand, edit, finding, safeCommand, type Finding, type Fix } from "../../domain/finding.ts";
import { withoutRole, type IdentityUse } from "../../domain/identity-use.ts";
import { firstCandidate } from "./candidate.ts";

/** What the trust policy says; undefined where it was not read. */
export type TrustVerdict = "allow" | "deny" | "unknown" | undefined;

/** Codes of STS that have one meaning (failure catalogue, section 4.3); `AccessDenied` has several. */
const BY_CODE = [
  "irsa.oidc-provider-missing",
  "irsa.provider-aud-missing",
  "irsa.selfhosted-issuer-default",
  "irsa.sts-regional",
  "irsa.thumbprint",
  "irsa.token-expired",
] as const;

export const CAUSES_OF_STS = ["irsa.assume-denied", "irsa.boundary-scp-rcp", ...BY_CODE] as const;

/** Errors that STS lists for the call; RegionDisabled and ValidationError are of all its calls (STS API Reference). */
const ANSWERS =
  /^(AccessDenied|ExpiredToken|IDPRejectedClaim|InvalidIdentityToken|RegionDisabled|ValidationError)(Exception)?$/;

/** It is STS that says no to this token or role; another answer is about the request, or of something on the way. */
export function isRefusalBySts({ code }: Refused): boolean {
  return ANSWERS.test(code);
}

/** Why STS does not give the role, as far as its answer and the trust policy tell together. */
export function refusalBySts(
  use: IdentityUse,
  cluster: ClusterFacts,
  facts: WebIdentityFacts,
  said: Refused,
  verdict: TrustVerdict,
): Finding {
  const { serviceAccount, roleArn, token } = facts;
  const { cause, because } = reasonFor(said, verdict);
  const subject = { kind: "ServiceAccount", namespace: cluster.namespace, name: serviceAccount };
  const message = `STS does not give ServiceAccount ${serviceAccount} the role ${roleArn}: ${because}`;
  return finding(cause, withoutRole(use), subject, message, {
    evidence: [
      { label: "role", has: roleArn, path: "/metadata/annotations/eks.amazonaws.com~1role-arn" },
      { label: "subject", has: token.subject },
      { label: "issuer", has: token.issuer },
      { label: "audience", has: token.audiences.join(", ") },
      { label: "trust policy", has: VERDICTS[verdict ?? "unread"] },
      { label: "STS said", has: `${said.code}: ${said.message}` },
    ],
    fixes: fixesFor(cause, cluster, facts),
    explainedBy: ["ANT0301", "ANT0302", "ANT0303", "ANT0304"],
  });
}

const VERDICTS = { allow: "allows it", deny: "denies it", unknown: "leaves it open", unread: "could not be read" };

function reasonFor(said: Refused, verdict: TrustVerdict): { readonly cause: string; readonly because: string } {
  const known = firstCandidate(`${said.code} (AssumeRoleWithWebIdentity): ${said.message}`, BY_CODE);
  if (known !== undefined) return known;
  if (verdict !== "allow") {
    const because = "the role is not there, or its trust policy does not fit this ServiceAccount";
    return { cause: "irsa.assume-denied", because };
  }
  return {
    cause: "irsa.boundary-scp-rcp",
    because:
      "its trust policy, as IAM has it, lets it in; a policy of the organisation forbids it, or a change of the last minute has not reached STS yet",
  };
}

function fixesFor(cause: string, cluster: ClusterFacts, { roleArn, token, audience }: WebIdentityFacts): Fix[] {
  const role = parseRoleArn(roleArn);
  if (cause === "irsa.oidc-provider-missing" && role !== undefined) {
    return [
      edit(`in account ${role.account}, which is the role's:`),
      awsCommand`aws iam create-open-id-connect-provider --url ${token.issuer} --client-id-list ${audience}`,
    ];
  }
  if (cause === "irsa.provider-aud-missing" && role !== undefined) {
    const provider = oidcProviderArn(role, token.issuer);
    return [
      awsCommand`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${provider} --client-id ${audience}`,
    ];
  }
  if (cause === "irsa.selfhosted-issuer-default")
    return [edit(`serve ${token.issuer}/.well-known/openid-configuration and the keys where STS can reach them`)];
  if (cause === "irsa.boundary-scp-rcp")
    return [edit("try again in a minute; then ask who looks after the organisation's policies")];
  return [safeCommand`antfly-creds trust-policy ${cluster.name} -n ${cluster.namespace} --check ${roleArn}`];
}
