#!/bin/sh
# Lets ServiceAccount production/eso-reader read secret antfly-production-search of Google Secret Manager, which has to be there first.
set -eu
project=acme-prod
secret=antfly-production-search
cluster_project=acme-clusters
namespace=production
service_account=eso-reader
number=$(gcloud projects describe "$cluster_project" --format 'value(projectNumber)')
member="principal://iam.googleapis.com/projects/$number/locations/global/workloadIdentityPools/$cluster_project.svc.id.goog/subject/ns/$namespace/sa/$service_account"
gcloud secrets add-iam-policy-binding "$secret" --project "$project" --role roles/secretmanager.secretAccessor --member "$member"
