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

principal=principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/ns/production/sa/search
role=roles/storage.objectUser

bucket=acme-backups
patiently gcloud storage buckets add-iam-policy-binding "gs://$bucket" --role "$role" --member "$principal" --condition=None --quiet
