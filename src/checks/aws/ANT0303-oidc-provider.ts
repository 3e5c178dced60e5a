import { oidcProviderArn, parseRoleArn, type RoleArn } from "../../domain/aws-arn.ts";
import type { IssuerFacts, OidcProviderFacts, OidcProviderList, RoleFacts } from "../../domain/aws-facts.ts";
import { GET_OIDC_PROVIDER, GET_ROLE, LIST_OIDC_PROVIDERS } from "../../domain/aws-grants.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts, ServiceAccountFacts } from "../../domain/workload-facts.ts";
import {
  awsCommand,
  command,
  edit,
  finding,
  type Evidence,
  type Finding,
  type Severity,
} from "../../domain/finding.ts";
import { GET_ISSUER, GET_SERVICE_ACCOUNT, LIST_CLUSTERS } from "../../domain/grants.ts";
import { notPublic } from "../../domain/iam/public-issuer.ts";
import {
  AUDIENCE_ANNOTATION,
  reliesOnRole,
  tokenAudience,
  USUAL_AUDIENCE,
  withoutRole,
} from "../../domain/identity-use.ts";
import { nearest, shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { issuerEvidence } from "./issuer-evidence.ts";
import { noRole } from "./no-role.ts";

export default defineCheck({
  code: "ANT0303",
  slug: "oidc-provider",
  title: "IAM trusts the cluster's issuer, for the audience of its tokens, in the role's account",
  area: "aws",
  causes: [
    "irsa.oidc-provider-missing",
    "irsa.oidc-provider-other-account",
    "irsa.provider-aud-missing",
    "irsa.selfhosted-issuer-default",
    "irsa.token-wrong-audience",
  ],
  needs: ["cluster", "serviceAccount", "issuer", "oidcProvider"],
  wants: ["irsaRole", "oidcProviders", "webIdentity", "pods", "environments", "references", "backups"],
  after: ["ANT0101", "ANT0301", "ANT0302"],
  required: true,
  requiredIf: reliesOnRole,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, GET_ISSUER],
  awsGrants: [GET_OIDC_PROVIDER, LIST_OIDC_PROVIDERS, { ...GET_ROLE, optional: true }],
  run: (facts) => {
    const { cluster, serviceAccount, issuer, irsaRole, oidcProvider, oidcProviders, pods, webIdentity } = facts;
    const role = parseRoleArn(serviceAccount?.awsRole ?? "");
    if (cluster === undefined || serviceAccount === undefined || role === undefined || issuer === undefined)
      return noRole(facts);
    // STS has just taken a token of this issuer.
    if (webIdentity?.assumed.state === "ok") return [];
    const severity = withoutRole(facts);
    const why = notPublic(issuer.url);
    if (why !== undefined) return [unreachable(issuer.url, why, severity)];
    const audience = tokenAudience(serviceAccount, pods);
    if (oidcProvider === undefined) return [missing(role, issuer, audience, oidcProviders, severity)];
    if (oidcProvider.clientIds.includes(audience)) return [];
    return isStray(serviceAccount, oidcProvider, irsaRole)
      ? [strayAudience(cluster, serviceAccount, audience, severity, pods)]
      : [wrongAudience(role, oidcProvider, serviceAccount, audience, severity)];
  },
});

function unreachable(url: string, why: string, severity: Severity): Finding {
  const message = `AWS cannot read the keys of the cluster's issuer ${url}: it ${why}, and STS fetches them from the Internet`;
  return finding("irsa.selfhosted-issuer-default", severity, { kind: "Issuer", name: url }, message, {
    evidence: [{ label: "issuer", want: "a public https address", has: url }],
    fixes: [
      edit(
        "publish the issuer's discovery document and keys at a public https address, and set the API server's --service-account-issuer and --service-account-jwks-uri to it",
      ),
    ],
  });
}

function missing(
  role: RoleArn,
  issuer: IssuerFacts,
  audience: string,
  list: OidcProviderList | undefined,
  severity: Severity,
): Finding {
  const { url } = issuer;
  const arn = oidcProviderArn(role, url);
  const elsewhere = list?.clusterAccount !== undefined && list.clusterAccount !== role.account;
  const why = elsewhere
    ? `the EKS cluster is in account ${list.clusterAccount}, and a provider there does nothing for a role here`
    : "STS refuses every token of this cluster";
  const message = `Account ${role.account} of role ${role.name} has no OIDC provider for ${url}: ${why}`;
  const cause = elsewhere ? "irsa.oidc-provider-other-account" : "irsa.oidc-provider-missing";
  const create = awsCommand`aws iam create-open-id-connect-provider --url ${url} --client-id-list ${audience}`;
  return finding(cause, severity, { kind: "OIDCProvider", name: arn }, message, {
    evidence: [{ label: "OIDC provider", want: arn, has: "not there" }, ...others(arn, list), issuerEvidence(issuer)],
    fixes: elsewhere ? [edit(`with an identity of account ${role.account}:`), create] : [create],
  });
}

/** What is there instead: that of a cluster that was made anew, or a slip of the pen. */
function others(arn: string, list: OidcProviderList | undefined): Evidence[] {
  if (list === undefined || list.arns.length === 0) return [];
  const near = nearest(arn, list.arns);
  const label = `account ${list.account} has`;
  return [{ label, has: near ?? shortList(list.arns, 5) }];
}

function wrongAudience(
  role: RoleArn,
  { arn, clientIds }: OidcProviderFacts,
  { name, annotations }: ServiceAccountFacts,
  audience: string,
  severity: Severity,
): Finding {
  const near = nearest(audience, clientIds);
  const own = annotations[AUDIENCE_ANNOTATION];
  const message = `The OIDC provider of the issuer in account ${role.account} does not take tokens for ${audience}, which the pods' tokens are for${near === undefined ? "" : `; it takes ${near}`}`;
  return finding("irsa.provider-aud-missing", severity, { kind: "OIDCProvider", name: arn }, message, {
    evidence: [
      { label: "client ids", want: audience, has: clientIds.join(", ") || "none" },
      ...(own === undefined ? [] : [{ label: AUDIENCE_ANNOTATION, has: `${own} (ServiceAccount ${name})` }]),
    ],
    fixes: [
      awsCommand`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${audience}`,
    ],
  });
}

/** An audience that the ServiceAccount alone speaks of, where the provider takes the usual one. */
function isStray(
  { annotations }: ServiceAccountFacts,
  { clientIds }: OidcProviderFacts,
  role: RoleFacts | undefined,
): boolean {
  const own = annotations[AUDIENCE_ANNOTATION];
  return own !== undefined && clientIds.includes(USUAL_AUDIENCE) && role?.trustPolicy.includes(own) === false;
}

function strayAudience(
  { namespace }: ClusterFacts,
  { name }: ServiceAccountFacts,
  audience: string,
  severity: Severity,
  pods: readonly PodFacts[] = [],
): Finding {
  const given = pods.some(({ identity }) => identity?.tokens.some((token) => token.audience === audience));
  const message = `ServiceAccount ${name} has its tokens made for ${audience}, which neither the OIDC provider nor the role takes: they take ${USUAL_AUDIENCE}`;
  return finding("irsa.token-wrong-audience", severity, { kind: "ServiceAccount", namespace, name }, message, {
    evidence: [
      {
        label: AUDIENCE_ANNOTATION,
        want: `${USUAL_AUDIENCE}, or none`,
        has: audience,
        path: `/metadata/annotations/${AUDIENCE_ANNOTATION.replaceAll("/", "~1")}`,
      },
    ],
    fixes: [
      command`kubectl annotate serviceaccount ${name} -n ${namespace} ${`${AUDIENCE_ANNOTATION}-`}`,
      ...(given ? [edit("then delete each pod in turn: EKS gives a token to new pods alone")] : []),
    ],
  });
}
