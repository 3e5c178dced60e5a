#!/bin/sh
# The identity of an AntflyCluster in AWS. It can be run again: what is there already stays.
set -eu
cd -- "$(dirname -- "$0")"
fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}
# A list that aws prints, with one blank around each item.
items() { printf ' %s ' "$1" | tr -s '[:space:]' ' '; }
# Policies are compared without blanks: aws prints them in lines of its own.
squeezed() { printf '%s' "$1" | tr -d '[:space:]'; }

account=123456789012
caller=$(aws sts get-caller-identity --query Account --output text)
[ "$caller" = "$account" ] || fail "these are credentials of account $caller, and the role is to be in $account"

# Who vouches for the ServiceAccount: the cluster's issuer of tokens.
provider=arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF
issuer=https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF
audience=sts.amazonaws.com
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
esac

role=antfly-production-search
path=/
if problem=$(aws iam get-role --role-name "$role" 2>&1 >/dev/null); then
  trust=$(aws iam get-role --role-name "$role" --query Role.AssumeRolePolicyDocument --output json)
  if [ "$(squeezed "$trust")" = "$(squeezed "$(cat trust.json)")" ]; then
    :
  else
    fail "role $role has another trust policy than when this was written; run antfly-creds again"
  fi
else
  case $problem in
  *NoSuchEntity*) aws iam create-role --role-name "$role" --path "$path" --assume-role-policy-document file://trust.json ;;
  *) fail "$problem" ;;
  esac
fi

policy=antfly-creds-production-search-0badcafe
aws iam put-role-policy --role-name "$role" --policy-name "$policy" --policy-document file://permissions.json
