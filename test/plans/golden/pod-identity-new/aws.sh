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

cluster=prod
region=us-east-1
namespace=production
service_account=search
arn=$(aws iam get-role --role-name "$role" --query Role.Arn --output text)
association=$(aws eks list-pod-identity-associations --cluster-name "$cluster" --namespace "$namespace" --service-account "$service_account" --region "$region" --query 'associations[].associationId' --output text)
if [ -z "$association" ] || [ "$association" = None ]; then
  aws eks create-pod-identity-association --cluster-name "$cluster" --namespace "$namespace" --service-account "$service_account" --role-arn "$arn" --region "$region"
else
  has=$(aws eks describe-pod-identity-association --cluster-name "$cluster" --association-id "$association" --region "$region" --query association.roleArn --output text)
  [ "$has" = "$arn" ] || fail "ServiceAccount $namespace/$service_account is associated with $has"
fi
