import type { EksClusterArn } from "../domain/aws-arn.ts";
import type { AwsGrant } from "../domain/grant.ts";

/** What narrows the policy. Undefined: not known, it is for all. Empty: there is none, and no statement is needed. */
export interface AwsNames {
  /** ARNs of the roles that pods have. */
  readonly roles: readonly string[] | undefined;
  readonly eks: readonly EksClusterArn[] | undefined;
}

export interface IamPolicy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: "Allow";
    readonly Action: readonly string[];
    readonly Resource: "*" | readonly string[];
  }[];
}

/** ARNs, by what is named and by the actions that are allowed beside it. */
type About = (names: AwsNames, beside: ReadonlySet<string>) => readonly string[] | undefined;

/** What an action is about (Service Authorization Reference); what is not here takes no resource but `*`. */
const ABOUT: Readonly<Record<string, About>> = {
  "iam:GetRole": ({ roles }) => roles,
  "iam:ListRolePolicies": ({ roles }) => roles,
  "iam:GetRolePolicy": ({ roles }) => roles,
  "iam:ListAttachedRolePolicies": ({ roles }) => roles,
  "iam:GetOpenIDConnectProvider": ({ roles }) => roles && providersBeside(roles),
  "iam:ListOpenIDConnectProviders": ({ roles }) => roles && (roles.length === 0 ? [] : undefined),
  "iam:GetPolicy": attachedPolicies,
  "iam:GetPolicyVersion": attachedPolicies,
  "iam:CreateRole": ({ roles }) => roles,
  "iam:TagRole": ({ roles }) => roles,
  "iam:UpdateAssumeRolePolicy": ({ roles }) => roles,
  "iam:DeleteRole": ({ roles }) => roles,
  "iam:PutRolePolicy": ({ roles }) => roles,
  "iam:DeleteRolePolicy": ({ roles }) => roles,
  "iam:PassRole": ({ roles }) => roles,
  "iam:CreateOpenIDConnectProvider": ({ roles }) => roles && providersBeside(roles),
  "iam:TagOpenIDConnectProvider": ({ roles }) => roles && providersBeside(roles),
  "iam:DeleteOpenIDConnectProvider": ({ roles }) => roles && providersBeside(roles),
  "iam:AddClientIDToOpenIDConnectProvider": ({ roles }) => roles && providersBeside(roles),
  "iam:RemoveClientIDFromOpenIDConnectProvider": ({ roles }) => roles && providersBeside(roles),
  "eks:DescribeCluster": ({ eks }) => eks?.map(({ arn }) => arn),
  "eks:ListClusters": ({ eks }) => eks && (eks.length === 0 ? [] : undefined),
  "eks:ListPodIdentityAssociations": ({ eks }) => eks?.map(({ arn }) => arn),
  "eks:DescribePodIdentityAssociation": ({ eks }) => eks?.map(({ arn }) => inside(arn, "podidentityassociation")),
  "eks:CreatePodIdentityAssociation": ({ eks }) => eks?.map(({ arn }) => arn),
  "eks:DeletePodIdentityAssociation": ({ eks }) => eks?.map(({ arn }) => inside(arn, "podidentityassociation")),
  "eks:TagResource": ({ eks }) => eks?.map(({ arn }) => inside(arn, "podidentityassociation")),
  "eks:DescribeAddon": ({ eks }) => eks?.map(({ arn }) => inside(arn, "addon")),
};

/** The least IAM policy for these grants, as one statement a set of things; undefined where nothing is left to allow. */
export function awsPolicyFor(grants: readonly AwsGrant[], names: AwsNames): IamPolicy | undefined {
  const beside = new Set(grants.map(({ action }) => action));
  const statements = new Map<string, { resource: "*" | readonly string[]; actions: Set<string> }>();
  for (const { action, resource: given } of grants) {
    const about = given === "*" ? ABOUT[action]?.(names, beside) : [given];
    if (about?.length === 0) continue;
    const resource = about ?? "*";
    const key = JSON.stringify(resource);
    const entry = statements.get(key) ?? { resource, actions: new Set<string>() };
    entry.actions.add(action);
    statements.set(key, entry);
  }
  if (statements.size === 0) return undefined;
  return {
    Version: "2012-10-17",
    Statement: [...statements.values()].map(({ resource, actions }, i) => ({
      Sid: `AntflyCreds${i + 1}`,
      Effect: "Allow",
      Action: [...actions].sort(),
      Resource: resource,
    })),
  };
}

/** What is attached is known only by asking; without a role nothing is, unless users are asked about as well. */
function attachedPolicies({ roles }: AwsNames, beside: ReadonlySet<string>): readonly string[] | undefined {
  return roles?.length === 0 && !beside.has("iam:ListAttachedUserPolicies") ? [] : undefined;
}

/** Which issuer it is of is told by the cluster alone; there are few of them in an account. */
function providersBeside(roles: readonly string[]): string[] {
  return [...new Set(roles.map((arn) => arn.replace(/:role\/.*/, ":oidc-provider/*")))];
}

/** `arn:…:addon/NAME/*` of `arn:…:cluster/NAME`. */
function inside(arn: string, kind: string): string {
  return `${arn.replace(":cluster/", `:${kind}/`)}/*`;
}
