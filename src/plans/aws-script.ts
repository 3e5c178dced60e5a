import { shellWord } from "../domain/shell.ts";
import type { RoleIdentityInput, RoleInput } from "./identity-input.ts";
import type { EksClusterInput } from "./init-pod-identity.ts";
import type { Mechanism } from "./identity-files.ts";

/** The same with the `aws` command: each part looks first, so that it can be run again. */
export function awsScript({ cluster, account, role }: RoleIdentityInput, mechanism: Mechanism): string {
  const parts = [
    HEAD,
    accountPart(role.account),
    ...(mechanism.kind === "irsa" ? [providerPart(mechanism.provider)] : []),
    rolePart(role),
    ...(role.aims.length === 0 ? [] : [policyPart(role)]),
    ...(mechanism.kind === "irsa" ? [] : [associationPart(mechanism.eksCluster, cluster.namespace, account.name)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** `NAME=VALUE` lines; the value is one word whatever is in it. */
export function variables(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${shellWord(value)}`)
    .join("\n");
}

const HEAD = `#!/bin/sh
# The identity of an AntflyCluster in AWS. It can be run again: what is there already stays.
set -eu
cd -- "$(dirname -- "$0")"
fail() {
  printf 'error: %s\\n' "$1" >&2
  exit 1
}
# A list that aws prints, with one blank around each item.
items() { printf ' %s ' "$1" | tr -s '[:space:]' ' '; }
# Policies are compared without blanks: aws prints them in lines of its own.
squeezed() { printf '%s' "$1" | tr -d '[:space:]'; }`;

function accountPart(account: string): string {
  return `${variables({ account })}
caller=$(aws sts get-caller-identity --query Account --output text)
[ "$caller" = "$account" ] || fail "these are credentials of account $caller, and the role is to be in $account"`;
}

function providerPart({ arn, url, audience }: Extract<Mechanism, { kind: "irsa" }>["provider"]): string {
  return `# Who vouches for the ServiceAccount: the cluster's issuer of tokens.
${variables({ provider: arn, issuer: url, audience })}
providers=$(aws iam list-open-id-connect-providers --query 'OpenIDConnectProviderList[].Arn' --output text)
case $(items "$providers") in
*" $provider "*)
  clients=$(aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider" --query 'ClientIDList' --output text)
  case $(items "$clients") in
  *" $audience "*) ;;
  *) aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "$provider" --client-id "$audience" ;;
  esac
  ;;
*) aws iam create-open-id-connect-provider --url "$issuer" --client-id-list "$audience" ;;
esac`;
}

/** A trust policy that is neither the new one nor the one it was made from belongs to somebody else, and stays. */
function rolePart({ name, path, existing }: RoleInput): string {
  const merged =
    existing === undefined
      ? ""
      : `  elif [ "$(squeezed "$trust")" = "$(squeezed "$(cat trust-before.json)")" ]; then
    aws iam update-assume-role-policy --role-name "$role" --policy-document file://trust.json
`;
  return `${variables({ role: name, path })}
if problem=$(aws iam get-role --role-name "$role" 2>&1 >/dev/null); then
  trust=$(aws iam get-role --role-name "$role" --query Role.AssumeRolePolicyDocument --output json)
  if [ "$(squeezed "$trust")" = "$(squeezed "$(cat trust.json)")" ]; then
    :
${merged}  else
    fail "role $role has another trust policy than when this was written; run antfly-creds again"
  fi
else
  case $problem in
  *NoSuchEntity*) aws iam create-role --role-name "$role" --path "$path" --assume-role-policy-document file://trust.json ;;
  *) fail "$problem" ;;
  esac
fi`;
}

function policyPart({ ownPolicy }: RoleInput): string {
  return `${variables({ policy: ownPolicy })}
aws iam put-role-policy --role-name "$role" --policy-name "$policy" --policy-document file://permissions.json`;
}

function associationPart(eksCluster: EksClusterInput, namespace: string, serviceAccount: string): string {
  return `${variables({ cluster: eksCluster.name, region: eksCluster.region, namespace, service_account: serviceAccount })}
arn=$(aws iam get-role --role-name "$role" --query Role.Arn --output text)
association=$(aws eks list-pod-identity-associations --cluster-name "$cluster" --namespace "$namespace" --service-account "$service_account" --region "$region" --query 'associations[].associationId' --output text)
if [ -z "$association" ] || [ "$association" = None ]; then
  aws eks create-pod-identity-association --cluster-name "$cluster" --namespace "$namespace" --service-account "$service_account" --role-arn "$arn" --region "$region"
else
  has=$(aws eks describe-pod-identity-association --cluster-name "$cluster" --association-id "$association" --region "$region" --query association.roleArn --output text)
  [ "$has" = "$arn" ] || fail "ServiceAccount $namespace/$service_account is associated with $has"
fi`;
}
