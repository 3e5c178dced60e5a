#!/bin/sh
# The identity of an AntflyCluster on Google Cloud. It can be run again: what is there already stays.
set -eu
fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}
# What was just made is not known everywhere at once.
tries=1
patiently() {
  left=$tries
  until "$@" >/dev/null; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || exit 1
    sleep 10
  done
}

account=backups@acme-tools.iam.gserviceaccount.com
account_id=backups
account_project=acme-tools
display_name='Antfly production/search'
description='For AntflyCluster production/search of acme-prod.svc.id.goog'
if problem=$(gcloud iam service-accounts describe "$account" --project "$account_project" 2>&1 >/dev/null); then
  :
else
  case $problem in
  *NOT_FOUND*)
    gcloud iam service-accounts create "$account_id" --project "$account_project" --display-name "$display_name" --description "$description" --quiet
    tries=6
    ;;
  *) fail "$problem" ;;
  esac
fi

# Who may act as it: the ServiceAccount, in the workload pool of the cluster's project.
member='serviceAccount:acme-prod.svc.id.goog[production/search]'
patiently gcloud iam service-accounts add-iam-policy-binding "$account" --project "$account_project" --role roles/iam.workloadIdentityUser --member "$member" --condition=None --quiet

principal=serviceAccount:backups@acme-tools.iam.gserviceaccount.com
role=roles/storage.objectUser

bucket=acme-backups
patiently gcloud storage buckets add-iam-policy-binding "gs://$bucket" --role "$role" --member "$principal" --condition=None --quiet

bucket=acme-archive
patiently gcloud storage buckets add-iam-policy-binding "gs://$bucket" --role "$role" --member "$principal" --condition=None --quiet
